"""Rows of the list of notes: how a note begins, and under which heading its date puts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from weal_node.records import Note

MOST_BEGINNING = 120  # characters of a note's first line on the list; chosen
_MARKS = "#>*-+=_`| \t"


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note on the list. at_ms: when it was last changed.  begins: its first line of text.  chip: who may read it, and when it leaves."""

    note: Note
    at_ms: int
    begins: str
    chip: str

    @property
    def day(self) -> str:
        """When it was last changed, as "30 Nov"."""
        at = _here(self.at_ms)
        return f"{at.day} {at:%b}"


@dataclass(frozen=True, slots=True)
class Warned:
    """A file of which something cannot be used. address: its page.  name: what it is called.  why: what is wrong, and what follows."""

    address: str
    name: str
    why: str


def beginning(note: Note) -> str:
    """Return the first line of a note that says something besides its title, without marks at its edges; "" where none does."""
    for line in note.body.splitlines():
        plain = line.strip(_MARKS)
        if any(map(str.isalnum, plain)) and plain != note.title and not line.startswith("%%"):
            return plain if len(plain) <= MOST_BEGINNING else f"{plain[: MOST_BEGINNING - 1].rstrip()}…"
    return ""


def grouped(rows: Sequence[NoteRow], now_ms: int) -> list[tuple[str, list[NoteRow]]]:
    """Return rows, which stand newest first, under headings: Today, Yesterday, This week, then months."""
    groups: list[tuple[str, list[NoteRow]]] = []
    for row in rows:
        heading = _heading(_here(row.at_ms), _here(now_ms))
        if not groups or groups[-1][0] != heading:
            groups.append((heading, []))
        groups[-1][1].append(row)
    return groups


def _heading(at: datetime, now: datetime) -> str:
    if at.date() >= now.date():  # a file can be dated ahead of this clock
        return "Today"
    if at.date() == now.date() - timedelta(days=1):
        return "Yesterday"
    if at.date() > now.date() - timedelta(days=7):
        return "This week"
    return f"{at:%B}" if at.year == now.year else f"{at:%B %Y}"


def _here(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone()
