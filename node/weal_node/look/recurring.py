"""Who and where recurs: people and places that notes link to, as the vault itself says that they are such. Names in capitals were products (look.md 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weal_node.look.notes import Quoted, folded, quoted, wordset
from weal_node.look.reading import NoteReading
from weal_node.look.sentences import LONGEST

FEWEST_NOTES = 3  # that link to them; chosen
_PEOPLE = wordset("people person persons contacts contact friends friend family humans crm who colleagues")
_PLACES = wordset("places place locations location cities city countries country restaurants venues where")


@dataclass(frozen=True, slots=True)
class Recurring:
    """A person or a place. of: its note.  where: the newest note that links to it, with its line.  notes: how many do."""

    kind: str
    of: Quoted
    where: Quoted
    notes: int


def find(readings: Sequence[NoteReading]) -> tuple[Recurring, ...]:
    """Return people and places that several notes link to, the most linked first."""
    by_path: Mapping[str, NoteReading] = {reading.note.path: reading for reading in readings}
    linking: dict[str, list[NoteReading]] = {}
    for reading in readings:
        if reading.template or reading.tender:
            continue
        for path in {path for _, path in reading.note.links} - {"", reading.note.path}:
            if path in by_path:
                linking.setdefault(path, []).append(reading)
    made: list[Recurring] = []
    for path, notes in linking.items():
        kind = kind_of(by_path[path])
        if kind and len(notes) >= FEWEST_NOTES and not by_path[path].tender:
            where = sorted(notes, key=lambda reading: (-reading.note.dated_ms, reading.note.path))
            line = next(filter(None, (_line(reading, path) for reading in where)), None)
            if line is not None:
                made.append(Recurring(kind, quoted(by_path[path].note), line, len(notes)))
    return tuple(sorted(made, key=lambda one: (-one.notes, one.of.title)))


def kind_of(reading: NoteReading) -> str:
    """Return "person" or "place" where folder, tag or front matter say so, else ""."""
    note = reading.note
    said = set(folded(note.path.rpartition("/")[0])) | {word for tag in note.tags for word in folded(tag)}
    for name, values in note.properties:
        if name.casefold() in ("type", "kind", "category", "categories", "class"):
            said |= {word for value in values for word in folded(value)}
    if reading.diary or reading.template:
        return ""
    return "person" if said & _PEOPLE else "place" if said & _PLACES else ""


def _line(reading: NoteReading, path: str) -> Quoted | None:
    targets = [target for target, found in reading.note.links if found == path]
    for line in reading.lines:
        linking = any(f"[[{target}" in line.raw or f"]({target}" in line.raw for target in targets)
        if linking and line.kind != "heading" and len(line.text) <= LONGEST and reading.quotable(line):
            return quoted(reading.note, line.text)
    return None
