"""What an import would do, as its person is told before: what comes, what is replaced, what stays where it is and why. Pure."""

from dataclasses import dataclass, field
from typing import Any

from weal_node.importing.come_along import Along
from weal_node.importing.placing import Placed
from weal_node.vault.exports import RefusedPart
from weal_node.vault.sources import SourceNote
from weal_node.vault.tally import Left, Tally

MOST_SAID = 200  # notes of a kind that are named one by one

Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """written: notes.  refused: (name, why).  whole: False where it was stopped.  files: that came along."""

    written: int
    refused: Named
    whole: bool
    files: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. new, changed, known: notes.  flagged: (name, what the scan saw).  refused: (name, why).
    candidates: lines that may be principles.

    replaced: paths here whose note is replaced by its newer version.  beside: paths here that somebody changed, which stay, and
    beside which the newer version comes.
    files, files_known: that notes show, and that come along or are here.  files_said: the new ones by kind.
    shown_by: how often notes show them.  taken: counts by unit.  left: what is not taken, by reason."""

    kind: str
    into: str
    new: int = 0
    changed: int = 0
    known: int = 0
    flagged: Named = ()
    refused: Named = ()
    flagged_in_all: int = 0
    refused_in_all: int = 0
    candidates: int = 0
    replaced: tuple[str, ...] = ()
    replaced_in_all: int = 0
    beside: tuple[str, ...] = ()
    files: int = 0
    files_known: int = 0
    files_said: str = ""
    shown_by: int = 0
    taken: tuple[tuple[str, int], ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def total(self) -> int:
        """Return the number of notes that can be taken."""
        return self.new + self.changed + self.known

    @property
    def nothing(self) -> bool:
        """Whether nothing of the source can be taken."""
        return not (self.total or self.files or self.files_known or self.candidates)

    @property
    def why_nothing(self) -> str:
        """Return what there was instead."""
        reasons = [left.said for left in self.left] + [f"{name}: {why}" for name, why in self.refused]
        more = f"; and {len(reasons) - 5} more" if len(reasons) > 5 else ""
        return "; ".join(reasons[:5]) + more if reasons else "it is empty"

    @property
    def next_step(self) -> str:
        """Return what a person may do then."""
        reasons = "\n".join(left.why for left in self.left)
        if "zip archive" in reasons:
            return "Unpack the zip archives in it, and name them one by one"
        if "JSON" in reasons:
            return "Name the folder, the zip or the JSON itself in which the conversations of an export lie"
        if any("encrypted" in why for _, why in self.refused):
            return "Unpack it with its password, then name the folder"
        return "Name a folder of Markdown or text, or an export's zip or conversations.json"


@dataclass(slots=True)
class Looked:
    """A plan that is being made."""

    kind: str
    into: str
    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "known": 0})
    flagged: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    along: Along = field(default_factory=Along)
    flags: int = 0
    refusals: int = 0
    replacements: int = 0

    def note(self, note: SourceNote, fate: str, placed: Placed | None) -> None:
        """Count a note; placed: where it would go, if that is known."""
        self.counts[fate] += 1
        if placed is not None and placed.over:
            self.replacements += 1
            _name(self.replaced, placed.entry.path)
        elif placed is not None and placed.beside:
            _name(self.beside, placed.beside)
        elif fate == "changed" and placed is None:
            self.replacements += 1
            _name(self.replaced, note.path)

    def flag(self, path: str, seen_in_it: str) -> None:
        """Count a note that may give something away."""
        self.flags += 1
        _name(self.flagged, (path, seen_in_it))

    def refuse(self, part: RefusedPart) -> None:
        """Count what cannot be taken."""
        self.refusals += 1
        _name(self.refused, (part.name, part.why))

    def files(self, along: Along, refused: list[RefusedPart]) -> None:
        """Count the files that come along, and those that cannot."""
        self.along = along
        for part in refused:
            self.refuse(part)

    def plan(self, tally: Tally, candidates: int) -> Plan:
        """Return what was found."""
        return Plan(
            self.kind,
            self.into,
            **self.counts,
            flagged=tuple(self.flagged),
            refused=tuple(self.refused),
            flagged_in_all=self.flags,
            refused_in_all=self.refusals,
            candidates=candidates,
            replaced=tuple(self.replaced),
            replaced_in_all=self.replacements,
            beside=tuple(self.beside),
            files=self.along.count,
            files_known=self.along.known,
            files_said=self.along.said,
            shown_by=self.along.notes,
            taken=tuple(sorted((unit, count) for unit, count in tally.taken.items() if count)),
            left=tally.reasons(),
        )


def _name(names: list[Any], entry: Any) -> None:
    if len(names) < MOST_SAID:
        names.append(entry)
