"""Notes of one's own as the rules of `look` see them, made in a line."""

from weal_node.look import facts, gathering
from weal_node.look.facts import Facts
from weal_node.look.gathering import Structure
from weal_node.look.notes import DAY_MS, OwnNote, key_of
from weal_node.look.reading import NoteReading, read

NOW_MS = 1_796_000_000_000  # 29 November 2026


def note(path: str, body: str, days: float = 10, links: dict[str, str] | None = None, **properties: str) -> OwnNote:
    """A note of so many days ago. links: by how they are written, the path of what they mean, "" where it was never written."""
    at_ms = int(NOW_MS - days * DAY_MS)
    title = path.rpartition("/")[2].removesuffix(".md")
    said = tuple((name, (value,)) for name, value in properties.items())
    pairs = tuple((links or {}).items())
    return OwnNote(key_of(path), path, title, body, at_ms, at_ms, (), (), pairs, said)


def reading(path: str, body: str, days: float = 10, **properties: str) -> NoteReading:
    """What is found out about a note."""
    return read(note(path, body, days, **properties))


def all_facts(*notes: OwnNote) -> list[Facts]:
    """What some notes say, each by itself."""
    return [facts.of(one, NOW_MS) for one in notes]


def held(*notes: OwnNote) -> Structure:
    """What some notes are to each other."""
    return gathering.structure(all_facts(*notes))
