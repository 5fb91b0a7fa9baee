"""Notes of one's own as the rules of `look` see them, made in a line."""

from collections.abc import Mapping

from weal_node.look import facts, gathering
from weal_node.look.facts import Facts
from weal_node.look.gathering import Structure
from weal_node.look.notes import DAY_MS, OwnNote, key_of
from weal_node.look.reading import NoteReading, read

NOW_MS = 1_796_000_000_000  # 29 November 2026


def note(
    path: str,
    body: str,
    days: float = 10,
    links: Mapping[str, str] | None = None,
    said: Mapping[str, str] | None = None,
) -> OwnNote:
    """A note of so many days ago. links: by how they are written, the path of what they mean, "" where it was never written.  said: in its front matter."""
    at_ms = int(NOW_MS - days * DAY_MS)
    title = path.rpartition("/")[2].removesuffix(".md")
    properties = tuple((name, (value,)) for name, value in (said or {}).items())
    pairs = tuple((links or {}).items())
    return OwnNote(key_of(path), path, title, body, at_ms, at_ms, (), (), pairs, properties)


def reading(path: str, body: str, days: float = 10, said: Mapping[str, str] | None = None) -> NoteReading:
    """What is found out about a note."""
    return read(note(path, body, days, said=said))


def all_facts(*notes: OwnNote) -> list[Facts]:
    """What some notes say, each by itself."""
    return [facts.of(one, NOW_MS) for one in notes]


def held(*notes: OwnNote) -> Structure:
    """What some notes are to each other."""
    return gathering.structure(all_facts(*notes))
