"""Which of the person's notes wait to be published, and which version others already have."""

import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE publications (
    note TEXT PRIMARY KEY,
    due_ms INTEGER NOT NULL,
    body_sha256 TEXT NOT NULL,
    record TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Publication:
    """A note on its way out. `record`: id of the newest published record, "" before the first.

    body_sha256: of the note's text as it is due to leave; "" once nothing waits.
    """

    note: str
    due_ms: int
    body_sha256: str
    record: str


def schedule(connection: sqlite3.Connection, note: str, due_ms: int, body_sha256: str) -> None:
    """Let this version leave at `due_ms`; a newer version of the same note takes its place."""
    connection.execute(
        "INSERT INTO publications (note, due_ms, body_sha256) VALUES (?, ?, ?) "
        "ON CONFLICT (note) DO UPDATE SET due_ms = excluded.due_ms, body_sha256 = excluded.body_sha256",
        (note, due_ms, body_sha256),
    )


def withdraw(connection: sqlite3.Connection, note: str) -> bool:
    """Stop what waits; False when nothing did."""
    return (
        connection.execute(
            "UPDATE publications SET body_sha256 = '' WHERE note = ? AND body_sha256 <> ''", (note,)
        ).rowcount
        > 0
    )


def published(connection: sqlite3.Connection, note: str, record: str) -> None:
    """Remember the record that others now have."""
    connection.execute("UPDATE publications SET record = ?, body_sha256 = '' WHERE note = ?", (record, note))


def due(connection: sqlite3.Connection, now_ms: int) -> tuple[Publication, ...]:
    """Return what should leave by now."""
    rows = connection.execute(
        "SELECT note, due_ms, body_sha256, record FROM publications WHERE body_sha256 <> '' AND due_ms <= ? ORDER BY due_ms",
        (now_ms,),
    )
    return tuple(Publication(*row) for row in rows)


def waiting(connection: sqlite3.Connection) -> dict[str, int]:
    """Return when each note that waits will leave, Unix time in ms by note id."""
    rows = connection.execute("SELECT note, due_ms FROM publications WHERE body_sha256 <> ''")
    return {str(note): int(due_ms) for note, due_ms in rows}


def find(connection: sqlite3.Connection, note: str) -> Publication | None:
    """Return where this note stands, or None when it never was to leave."""
    row = connection.execute(
        "SELECT note, due_ms, body_sha256, record FROM publications WHERE note = ?", (note,)
    ).fetchone()
    return Publication(*row) if row else None
