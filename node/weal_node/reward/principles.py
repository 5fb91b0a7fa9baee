"""Principles: what the person holds to, said in words, for states that were never judged.

A soft principle is one more concept, of what the text is about, with a prior mean: it speaks at once, and labels outweigh it as they
accumulate. A veto (veto.py) stands outside the sum, is checked first, and fails closed.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.errors import TypedError
from weal_node.records import Item
from weal_node.reward.edit import Edit, Kind
from weal_node.reward.veto import Veto, parse

TYPICAL = 2.0  # log-odds that a concept which matters adds where a state is about nothing else
STRENGTH = 0.8  # of TYPICAL: the mean that one principle sets (design: prior mean of 0.8 typical weights)
VARIANCE = 0.75 * TYPICAL**2 / 4  # how far labels may carry it away
MOST = 12
CONFLICT_LABELS = 5
ABOUT = 0.3  # activation from which a label is about the principle
LONGEST = 280


def vetoes(edits: Sequence[Edit]) -> tuple[Veto, ...]:
    """Return the vetoes that stand; one that cannot be read any more rules out everything, and its text says so."""
    found = []
    for edit in edits:
        if edit.kind is Kind.VETO:
            try:
                found.append(parse(edit.text))
            except TypedError:
                found.append(Veto("unreadable", "", "", f"{edit.text} (cannot be read, so it rules out everything)"))
    return tuple(found)


def vetoed(state: Item, by: Sequence[Veto]) -> str:
    """Return the text of the first veto that rules the state out, "" when none does."""
    return next((veto.text for veto in by if veto.forbids(state)), "")


def soft(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the soft principles that stand, oldest first."""
    return tuple(edit for edit in edits if edit.kind is Kind.PRINCIPLE)[:MOST]


def conflicting(weight: float, activation: npt.NDArray[np.float64], outcome: npt.NDArray[np.float64]) -> int:
    """Return how many labels speak against a principle that asks for `weight`: those about it that say the opposite.

    activation: (n,) of the principle in each label's state; of a pair, in the first less that in the second, so that it is about the principle
    where one of them has much more of it.  outcome: (n,), 1 for yes or the first. Below CONFLICT_LABELS it is 0: too few to say.
    """
    about = np.abs(activation) >= ABOUT
    against = about & ((outcome > 0.5) != (weight * activation > 0))
    count = int(against.sum())
    return count if count >= CONFLICT_LABELS and 2 * count > int(about.sum()) else 0
