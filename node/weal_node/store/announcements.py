"""Announcements: when the person was seen to change, kept after the model has forgotten that it ever believed otherwise."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

SCHEMA = """
CREATE TABLE announcements (
    since_ms INTEGER PRIMARY KEY,
    seen_ms INTEGER NOT NULL,
    strength REAL NOT NULL,
    about TEXT NOT NULL
);
"""  # about: a concept a line


@dataclass(frozen=True, slots=True)
class Announcement:
    """since_ms: time of the first answer that was different.  seen_ms: of the newest that had a say in it.  strength: how sure, 0 to 1.
    about: the concepts whose weights moved most, by the model's own names."""

    since_ms: int
    seen_ms: int
    strength: float
    about: tuple[str, ...]


def every(connection: sqlite3.Connection) -> tuple[Announcement, ...]:
    """Return all of them, oldest first."""
    rows = connection.execute("SELECT since_ms, seen_ms, strength, about FROM announcements ORDER BY since_ms")
    return tuple(starmap(_announcement, rows))


def keep(connection: sqlite3.Connection, changes: Announcement, instead_of: int | None = None) -> None:
    """Keep one. instead_of: the day, as kept, of what is now known better."""
    connection.execute("DELETE FROM announcements WHERE since_ms IN (?, ?)", (changes.since_ms, instead_of))
    connection.execute(
        "INSERT INTO announcements (since_ms, seen_ms, strength, about) VALUES (?, ?, ?, ?)",
        (changes.since_ms, changes.seen_ms, changes.strength, "\n".join(changes.about)),
    )


def forget(connection: sqlite3.Connection, answer: str) -> None:
    """Drop what an answer that is about to be forgotten may have had a say in: all that was seen when it was there."""
    connection.execute(
        "DELETE FROM announcements WHERE seen_ms >= (SELECT at_ms FROM labels WHERE id = ?)",
        (answer,),
    )


def unname(connection: sqlite3.Connection, but: Sequence[str]) -> None:
    """Drop every concept but these from what is kept: others are words out of notes, and one of those is being forgotten."""
    for announcement in every(connection):
        about = "\n".join(name for name in announcement.about if name in but)
        connection.execute("UPDATE announcements SET about = ? WHERE since_ms = ?", (about, announcement.since_ms))


def _announcement(since_ms: int, seen_ms: int, strength: float, about: str) -> Announcement:
    return Announcement(since_ms, seen_ms, strength, tuple(about.splitlines()))
