"""What the person says about the model itself: pin, edit, ignore, forbid; and what each does to scores, exactly.

Each concept c has a weight w_c that answers teach and a change d_c that is the person's own. `edit` sets w_c + d_c to a value now and lets
answers go on teaching w_c; `pin` holds it at a value from now on; `ignore` pins it at nothing. So an edit changes the score of x by
exactly (value - weight before) phi_c(x) and nothing else. `forbid` takes the concept out of everything and learns all anew.

An answer is read with the changes that stood when it was given: what was said before an edit still means what it meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Kind(StrEnum):
    """What an entry of the edit log does."""

    PIN = "pin"
    EDIT = "edit"
    IGNORE = "ignore"
    FORBID = "forbid"
    NAME = "name"
    PHRASE = "phrase"
    PRINCIPLE = "principle"
    VETO = "veto"


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of the edit log.

    concept: the name it is about.  value: the weight it sets.  was: the weight at that time, both in log-odds.
    text: of a phrase, a principle, a veto or a name."""

    id: str
    at_ms: int
    kind: Kind
    concept: str
    value: float = 0.0
    was: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class ModelEdit:
    """What the person changed of a model, by the names of concepts.

    held: the weight that a concept is held at.  moved: what was added to its learnt weight."""

    held: dict[str, float] = field(default_factory=dict)
    moved: dict[str, float] = field(default_factory=dict)

    def after(self, edit: Edit) -> "ModelEdit":
        """Return the change once this edit is made too."""
        held, moved = dict(self.held), dict(self.moved)
        if edit.kind in {Kind.PIN, Kind.IGNORE} or (edit.kind is Kind.EDIT and edit.concept in held):
            held[edit.concept] = 0.0 if edit.kind is Kind.IGNORE else edit.value
            moved.pop(edit.concept, None)
        elif edit.kind is Kind.EDIT:
            moved[edit.concept] = moved.get(edit.concept, 0.0) + edit.value - edit.was
        return ModelEdit(held, moved)

    def apply(self, phi: Array, names: Sequence[str]) -> tuple[Array, Array]:
        """Return phi (m, D) without the columns that are held, and what held and moved concepts add to each score (m,)."""
        place = dict(zip(names, range(len(names)), strict=True))
        free, added = phi.copy(), np.zeros(len(phi))
        for name, value in (self.held | self.moved).items():
            if name in place:
                added += value * phi[:, place[name]]
        for name in self.held:
            if name in place:
                free[:, place[name]] = 0.0
        return free, added


def changes(edits: Sequence[Edit]) -> tuple[tuple[int, ModelEdit], ...]:
    """Return from which time (ms) on which change stands, oldest first; the first stands from the beginning."""
    current = ModelEdit()
    since = [(0, current)]
    for edit in sorted(edits, key=lambda edit: (edit.at_ms, edit.id)):
        current = current.after(edit)
        since.append((edit.at_ms, current))
    return tuple(since)


def now(edits: Sequence[Edit]) -> ModelEdit:
    """Return the change that stands after all edits."""
    return changes(edits)[-1][1]


def forbidden(edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return the concepts that nothing may be learnt of."""
    return tuple(sorted({edit.concept for edit in edits if edit.kind is Kind.FORBID}))
