"""What the next version of the person's own note follows besides its last one, and what it began as a copy of."""

import sqlite3

SCHEMA = """
CREATE TABLE note_parents (note TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (note, record)) WITHOUT ROWID;
CREATE TABLE note_origins (note TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
"""


def follow(connection: sqlite3.Connection, note: str, record: str) -> None:
    """Let the next version of this note name this record as a parent: an accepted suggestion, or another head."""
    connection.execute("INSERT INTO note_parents (note, record) VALUES (?, ?) ON CONFLICT DO NOTHING", (note, record))


def followed(connection: sqlite3.Connection, note: str) -> tuple[str, ...]:
    """Return those records."""
    rows = connection.execute("SELECT record FROM note_parents WHERE note = ? ORDER BY record", (note,))
    return tuple(str(record) for (record,) in rows)


def done(connection: sqlite3.Connection, note: str, records: tuple[str, ...]) -> None:
    """Forget those that a version has named."""
    connection.executemany(
        "DELETE FROM note_parents WHERE note = ? AND record = ?", ((note, record) for record in records)
    )


def begin(connection: sqlite3.Connection, note: str, record: str) -> None:
    """Remember that this note began as a copy of a record."""
    connection.execute("INSERT INTO note_origins (note, record) VALUES (?, ?)", (note, record))


def origin(connection: sqlite3.Connection, note: str) -> str:
    """Return the record that a note began as a copy of, "" for none."""
    found = connection.execute("SELECT record FROM note_origins WHERE note = ?", (note,)).fetchone()
    return str(found[0]) if found else ""


def forget(connection: sqlite3.Connection, note: str) -> None:
    """Drop what the next version of this note was to follow, and what it began as a copy of."""
    connection.execute("DELETE FROM note_parents WHERE note = ?", (note,))
    connection.execute("DELETE FROM note_origins WHERE note = ?", (note,))
