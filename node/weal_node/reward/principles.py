"""Principles: what the person holds to, said in words, for states that were never judged.

A soft principle is one more concept, of what the text is about, with a prior mean: it speaks at once, and labels outweigh it as they
accumulate. A veto is a predicate over typed fields and words. It stands outside the sum, is checked first, and fails closed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.errors import TypedError
from weal_node.records import State
from weal_node.reward.edit import Edit, Kind

TYPICAL = 2.0  # log-odds that a concept which matters adds where a state is about nothing else
STRENGTH = 0.8  # of TYPICAL: the mean that one principle sets (design: prior mean of 0.8 typical weights)
VARIANCE = 0.75 * TYPICAL**2 / 4  # how far labels may carry it away
MOST = 12
CONFLICT_LABELS = 5
ABOUT = 0.3  # activation from which a label is about the principle
LONGEST = 280
_VETO = re.compile(
    r"^(?P<field>hours given|hours received|word|kind)\s*(?P<test>>|<|is)\s*(?P<value>.+)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Veto:
    """field: "hours given", "hours received", "word" or "kind".  test: ">", "<" or "is".  text: as the person wrote it."""

    field: str
    test: str
    value: str
    text: str

    def forbids(self, state: State) -> bool:
        """Return whether the state is ruled out; what cannot be decided is."""
        if self.field in {"hours given", "hours received"}:
            hours = state.hours_given if self.field == "hours given" else state.hours_received
            try:
                bound = float(self.value)
            except ValueError:
                return True
            return not (np.isfinite(hours) and np.isfinite(bound)) or (
                hours > bound if self.test == ">" else hours < bound
            )
        if self.field == "word":
            return re.search(rf"(?<!\w){re.escape(self.value)}(?!\w)", state.text, re.IGNORECASE) is not None
        if self.field == "kind":
            return state.kind == self.value.lower()
        return True


def parse(text: str) -> Veto:
    """Read a veto: "hours given > 3", "word is casino", "kind is option". TypedError says what one looks like."""
    found = _VETO.match(" ".join(text.split()))
    faulty = found is None
    if found is not None:
        typed = found["field"].lower().startswith("hours")
        faulty = typed == (found["test"].lower() == "is") or (typed and not _number(found["value"]))
    if found is None or faulty:
        raise TypedError(
            f"{text[:60]!r} is not a veto", 'Write it like "hours given > 3", "word is casino" or "kind is option"'
        )
    return Veto(found["field"].lower(), found["test"].lower(), found["value"].strip(), text)


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


def vetoed(state: State, by: Sequence[Veto]) -> str:
    """Return the text of the first veto that rules the state out, "" when none does."""
    return next((veto.text for veto in by if veto.forbids(state)), "")


def soft(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the soft principles that stand, oldest first."""
    return tuple(edit for edit in edits if edit.kind is Kind.PRINCIPLE)[:MOST]


def conflicting(weight: float, activation: npt.NDArray[np.float64], outcome: npt.NDArray[np.float64]) -> int:
    """Return how many labels speak against a principle that asks for `weight`: those about it, single answers, that say the opposite.

    activation: (n,) of the principle in each label's state.  outcome: (n,), 1 for yes. Below CONFLICT_LABELS it is 0: too few to say.
    """
    about = activation >= ABOUT
    against = about & ((outcome > 0.5) != (weight > 0))
    count = int(against.sum())
    return count if count >= CONFLICT_LABELS and 2 * count > int(about.sum()) else 0


def _number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
