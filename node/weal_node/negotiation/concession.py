"""Offers in turn, each side yielding in time and guessing from offers what the others like: little is told, little assumed.

An agent offers what is worth its falling target to it, of that what the others seem to like best, and accepts what is
at least as good for it as that. The guess is a frequency model: what someone keeps offering they like, what they
seldom change matters to them (Jonker, Robu and Treur 2007; Tunali et al. 2017 call it the classic one).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weal_node.negotiation import utility
from weal_node.negotiation.opponent_model import Array

Offer = tuple[int, int]  # a party, and the outcome it offered
LEAST_SHARE = 1e-6  # of the best gain: an offer is always better than no deal


@dataclass(frozen=True, slots=True)
class Word:
    """What to say: an offer, or, without one, that the last one is accepted (or else nothing is left to say)."""

    offer: int | None
    accept: bool = False


@dataclass(frozen=True, slots=True)
class Bargain:
    """What a bargain by offers is about. sizes: of its issues.  parties: how many.  most: offers that one party may make."""

    sizes: tuple[int, ...]
    parties: int
    most: int


def answer(bargain: Bargain, utilities: Array, reservation: float, own: int, offers: Sequence[Offer]) -> Word:
    """Return what this party says now. own: its place.  offers: of all, in order."""
    best, last = float(utilities.max()), offers[-1][1] if offers else None
    made = sum(party == own for party, _ in offers)
    if best <= 0 or made >= bargain.most:
        good = last is not None and best > 0 and utilities[last] > 0 and utilities[last] >= reservation * best
        return Word(None, bool(good))
    target = max(1.0 - made / max(bargain.most - 1, 1), reservation, LEAST_SHARE) * best
    offer = _best_for_others(bargain, utilities, target, own, offers)
    if last is not None and utilities[last] > 0 and utilities[last] >= min(target, utilities[offer]):
        return Word(None, True)
    return Word(offer)


def _best_for_others(bargain: Bargain, utilities: Array, target: float, own: int, offers: Sequence[Offer]) -> int:
    """Return the outcome worth its target to this party that the others seem to like best; of equals, its own best."""
    band = np.flatnonzero(utilities >= target - 1e-12)
    liked = np.zeros(len(utilities))
    for party in range(bargain.parties):
        if party != own:
            liked = liked + liking(offers, party, bargain.sizes)
    seem = np.round(liked[band], 9)
    among = band[seem >= seem.max()]
    return int(among[utilities[among].argmax()])


def liking(offers: Sequence[Offer], party: int, sizes: tuple[int, ...]) -> Array:
    """Return how much a party seems to like each outcome (n,), from its offers alone."""
    made = [np.unravel_index(outcome, sizes) for other, outcome in offers if other == party]
    if not made:
        return np.zeros(int(np.prod(sizes)))
    rows = np.array(made, np.int64)
    steady = 1.0 / (1.0 + (rows[1:] != rows[:-1]).sum(0))
    parts = []
    for column, size, weight in zip(rows.T, sizes, steady / steady.sum(), strict=True):
        counts = np.bincount(column, minlength=size)
        parts.append(weight * counts / np.bincount(column).max())
    return utility.sum_over(parts)
