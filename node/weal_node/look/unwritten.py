"""Notes that two or more notes link to, and that were never written (look.md 1)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from weal_node.look import guard
from weal_node.look.notes import Quoted, folded, quoted
from weal_node.look.reading import NoteReading, dated
from weal_node.look.sentences import LONGEST

FEWEST_NOTES = 2  # that link to it (look.md 1)
SHORTEST = 4  # letters of a name (look.md 1)
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ])")
_NO_NOTE = re.compile(r"[{}<>|]|%|\.[a-z0-9]{2,5}$|^[a-z]{2,12}:|^#|^\.{1,2}/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A name that notes link to. quotes: where, the newest first.  notes: how many."""

    name: str
    quotes: tuple[Quoted, ...]
    notes: int


def find(readings: Iterable[NoteReading]) -> tuple[Unwritten, ...]:
    """Return the names, those that most notes link to first. A note that exists under the name in any folder is written."""
    readings = list(readings)
    written = {_same(name) for reading in readings for name in reading.note.names}
    wanting: dict[str, list[tuple[str, NoteReading]]] = {}
    for reading in readings:
        if reading.template or reading.tender:
            continue
        missing = dict.fromkeys(_name(target) for target, path in reading.note.links if not path)
        for name in missing:
            if usable(name) and _same(name) not in written:
                wanting.setdefault(_same(name), []).append((name, reading))
    made: list[Unwritten] = []
    for linking in wanting.values():
        if len(linking) >= FEWEST_NOTES:
            linking.sort(key=lambda pair: (-pair[1].note.dated_ms, pair[1].note.path))
            quotes = tuple(quoted(reading.note, _line(reading, name)) for name, reading in linking)
            shown = tuple(quote for quote in quotes if quote.quote)[:3] or quotes[:3]
            made.append(Unwritten(linking[0][0], shown, len(linking)))
    return tuple(sorted(made, key=lambda wanted: (-wanted.notes, wanted.name)))


def usable(name: str) -> bool:
    """Whether a name may be that of a note one meant to write."""
    letters = sum(map(str.isalpha, name))
    return letters >= SHORTEST and len(name) <= 80 and not (dated(name) or _NO_NOTE.search(name) or guard.tender(name))


def _name(target: str) -> str:
    return target.partition("#")[0].rpartition("/")[2].removesuffix(".md").strip()


def _same(name: str) -> str:
    return " ".join(folded(name))


def _line(reading: NoteReading, name: str) -> str:
    for line in reading.lines:
        if f"[[{name}" in line.raw or f"/{name}" in line.raw or f"({name}" in line.raw:
            return _sentence(line.text, name) if line.kind != "heading" and reading.quotable(line) else ""
    return ""


def _sentence(text: str, name: str) -> str:
    """Return the sentence that holds the name, "" for one that is too long."""
    parts = [part for part in _END.split(text) if name.casefold() in part.casefold()] or [text]
    return parts[0].strip() if len(parts[0]) <= LONGEST else ""
