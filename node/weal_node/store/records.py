"""Verified records of others, as they came: the node's own copy of the commons."""

import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE records (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    path TEXT NOT NULL,
    visibility TEXT NOT NULL,
    written_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    raw BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_by_note ON records (author, note, written_ms);
CREATE TABLE mirrored (community TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A record whose signature was verified. `raw`: the serialised Record."""

    id: str
    position: int
    kind: str
    author: str
    note: str
    path: str
    visibility: str
    written_ms: int
    body: str
    raw: bytes


def add(connection: sqlite3.Connection, rows: list[Mirrored]) -> None:
    """Keep records; one that is known stays."""
    connection.executemany(
        "INSERT INTO records (id, position, kind, author, note, path, visibility, written_ms, body, raw) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        ((r.id, r.position, r.kind, r.author, r.note, r.path, r.visibility, r.written_ms, r.body, r.raw) for r in rows),
    )


def notes(connection: sqlite3.Connection) -> tuple[Mirrored, ...]:
    """Return the newest version of each note of others."""
    rows = connection.execute(
        "SELECT id, position, kind, author, note, path, visibility, MAX(written_ms), body, raw FROM records "
        "WHERE kind = 'note' GROUP BY author, note ORDER BY written_ms DESC"
    )
    return tuple(Mirrored(*row) for row in rows)


def position(connection: sqlite3.Connection, community: str) -> int:
    """Return how far this community's commons was mirrored."""
    row = connection.execute("SELECT position FROM mirrored WHERE community = ?", (community,)).fetchone()
    return int(row[0]) if row else 0


def advance(connection: sqlite3.Connection, community: str, to: int) -> None:
    """Remember how far the commons was mirrored."""
    connection.execute(
        "INSERT INTO mirrored (community, position) VALUES (?, ?) ON CONFLICT (community) DO UPDATE SET position = excluded.position",
        (community, to),
    )


def forget(connection: sqlite3.Connection, author: str, note: str) -> int:
    """Drop our copies of an author's note; return how many there were."""
    return connection.execute("DELETE FROM records WHERE author = ? AND note = ?", (author, note)).rowcount
