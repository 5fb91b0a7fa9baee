"""What the ideas of a day promise, held against how past cards fared. Pure.

The chance of a card is the moderated one: its uncertainty is averaged out, so that what nothing is known of stands near the base rate.
How much of a person is explained is no measure: after 20 answers it is a tenth, and the likeliest of a hundred ideas please them all the
same (simulations/LOG.md, 2026-11-30, "Today speaks").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# All chosen, and looked at on seeds 101 and 102 of the study `today`.
A_DAY = 3  # cards, at most
IDEAS_A_CARD = 30  # ideas that wait for each card a day: the likeliest of few are hardly likelier than any
TRUST = 20.0  # past cards that weigh as much as what the model says, which has learnt from them already
NEWEST = 20  # past cards that count
FADE = (
    10  # answers given since a card, after which it counts half: who answered on is judged by a model that has moved on
)
LIFT = 0.1  # by which the likeliest must exceed what any idea promises
FEWEST_CARDS = 6  # past cards before they are spoken of


@dataclass(frozen=True, slots=True)
class PastCard:
    """A card that was answered. said: how likely a yes was said to be.  since: answers given after it was shown."""

    said: float
    glad: bool
    since: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """What the ideas that wait promise, all chances corrected by past cards.

    chances: one an idea, in their order.
    best: the mean of the likeliest, as many as may come in a day; base: of all, what an idea drawn at random would be accepted with. NaN without ideas.
    """

    chances: tuple[float, ...]
    best: float
    base: float

    def holds(self, least: float) -> bool:
        """Whether the likeliest are worth bringing: likely enough, and likelier than any idea would be unless any idea is."""
        return self.best >= least and (self.best >= self.base + LIFT or self.base >= least)


def promise(chances: Sequence[float], past: Sequence[PastCard]) -> Promise:
    """Return what ideas with these chances promise. past: answered cards, oldest first."""
    shift = correction(past)
    corrected = tuple(min(max(chance + shift, 0.0), 1.0) for chance in chances)
    if not corrected:
        return Promise((), math.nan, math.nan)
    likeliest = sorted(corrected, reverse=True)[: a_day(len(corrected))]
    return Promise(corrected, sum(likeliest) / len(likeliest), sum(corrected) / len(corrected))


def a_day(ideas: int) -> int:
    """Return how many cards a day so many ideas are worth."""
    return min(A_DAY, max(1, ideas // IDEAS_A_CARD))


def correction(past: Sequence[PastCard]) -> float:
    """Return how much likelier cards were accepted than was said of them, shrunk to none by TRUST cards; -1 to 1."""
    missed, weight = 0.0, TRUST
    for card in past[-NEWEST:]:
        counts = 0.5 ** (card.since / FADE)
        missed += counts * (card.glad - card.said)
        weight += counts
    return missed / weight


def taken_up(past: Sequence[PastCard]) -> tuple[int, int]:
    """Return how many of the newest cards were accepted, and how many they are."""
    newest = past[-NEWEST:]
    return sum(card.glad for card in newest), len(newest)
