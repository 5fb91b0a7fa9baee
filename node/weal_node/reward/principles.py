"""Principles: what the person holds to, said in words, for items that no answer is about.

A soft principle is one more concept, of what the text is about, with a prior mean: it speaks at once, and answers outweigh it as they
accumulate. A veto (veto.py) stands outside the sum, is checked first, and fails closed.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.errors import TypedError
from weal_node.records import Item
from weal_node.reward.edit import Edit, Kind
from weal_node.reward.veto import Veto, parse

# Chosen, and measured as a whole by the study `principles` (simulations/LOG.md, 2026-11-24): one that is right is worth four answers, a wrong one costs.
TYPICAL = 2.0  # log-odds that a concept which matters adds where an item is about nothing else
STRENGTH = 0.8  # of TYPICAL: the mean that one principle sets
VARIANCE = 0.75 * TYPICAL**2 / 4  # how far answers may carry it away
# Chosen, not measured.
MOST = 12
CONFLICT_ANSWERS = 5
ABOUT = 0.3  # activation from which an answer is about the principle


def vetoes(edits: Sequence[Edit]) -> tuple[Veto, ...]:
    """Return the vetoes that stand; one that cannot be read any more rules out everything, and its text says so."""
    standing = []
    for edit in edits:
        if edit.kind is Kind.VETO:
            try:
                standing.append(parse(edit.text))
            except TypedError:
                standing.append(Veto("unreadable", "", "", f"{edit.text} (cannot be read, so it rules out everything)"))
    return tuple(standing)


def vetoed(item: Item, by: Sequence[Veto]) -> str:
    """Return the text of the first veto that rules the item out, "" when none does."""
    for veto in by:
        if veto.forbids(item):
            return veto.text
    return ""


def soft(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the soft principles that stand, oldest first."""
    return tuple(edit for edit in edits if edit.kind is Kind.PRINCIPLE)[:MOST]


def conflicting(weight: float, activation: npt.NDArray[np.float64], outcome: npt.NDArray[np.float64]) -> int:
    """Return how many answers speak against a principle that asks for `weight`: those about it that say the opposite.

    activation: (n,) of the principle in each answer's item; of a pair, in the first less that in the second, so that it is about the principle
    where one of them has much more of it.  outcome: (n,), 1 for yes or the first. Below CONFLICT_ANSWERS it is 0: too few to say.
    """
    about = np.abs(activation) >= ABOUT
    against = about & ((outcome > 0.5) != (weight * activation > 0))
    count = int(against.sum())
    return count if count >= CONFLICT_ANSWERS and 2 * count > int(about.sum()) else 0
