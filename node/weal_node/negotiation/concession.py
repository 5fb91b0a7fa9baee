"""Offers in turn, each side yielding in time and guessing from offers what the others like: little is told, little assumed.

An agent offers what is worth its falling target to it, of that what the others seem to like best, and accepts what is
at least as good for it as that. The guess is a frequency model: what someone keeps offering they like, what they
seldom change matters to them (Jonker, Robu and Treur 2007; Tunali et al. 2017 call it the classic one).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weal_node.negotiation import utility
from weal_node.negotiation.shortlist import Array

Said = tuple[int, int]  # a party, and the outcome it offered


@dataclass(frozen=True, slots=True)
class Word:
    """What to say: an offer, or, without one, that the standing one is accepted (or else nothing is left to say)."""

    offer: int | None
    accept: bool = False


def answer(
    utilities: Array, floor: float, sizes: tuple[int, ...], own: int, parties: int, offers: Sequence[Said], most: int
) -> Word:
    """Return what this party says now. offers: of all, in order.  most: how many one party may make."""
    best = float(utilities.max())
    made = sum(party == own for party, _ in offers)
    if best <= 0 or made >= most:
        standing = offers[-1][1] if offers else None
        good = standing is not None and best > 0 and utilities[standing] > 0 and utilities[standing] >= floor * best
        return Word(None, bool(good))
    share = max(1.0 - made / max(most - 1, 1), floor, 1e-6)
    target = share * best
    band = np.flatnonzero(utilities >= target - 1e-12)
    liked = sum((liking(offers, party, sizes) for party in range(parties) if party != own), np.zeros(len(utilities)))
    seem = np.round(liked[band], 9)
    among = band[seem >= seem.max()]
    offer = int(among[utilities[among].argmax()])
    standing = offers[-1][1] if offers else None
    if standing is not None and utilities[standing] > 0 and utilities[standing] >= min(target, utilities[offer]):
        return Word(None, True)
    return Word(offer)


def liking(offers: Sequence[Said], of: int, sizes: tuple[int, ...]) -> Array:
    """Return how much a party seems to like each outcome (n,), from its offers alone."""
    made = [np.unravel_index(outcome, sizes) for party, outcome in offers if party == of]
    if not made:
        return np.zeros(int(np.prod(sizes)))
    rows = np.array(made, np.int64)
    steady = 1.0 / (1.0 + (rows[1:] != rows[:-1]).sum(0))
    parts = [
        weight * np.bincount(column, minlength=size) / np.bincount(column).max()
        for column, size, weight in zip(rows.T, sizes, steady / steady.sum(), strict=True)
    ]
    return utility.sum_over(parts)
