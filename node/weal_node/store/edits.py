"""The edit log: what the person said about the model itself, in the order in which it was said."""

import sqlite3

from weal_node.reward.edit import Edit, Kind

SCHEMA = """
CREATE TABLE edits (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    concept TEXT NOT NULL,
    value REAL NOT NULL,
    was REAL NOT NULL,
    text TEXT NOT NULL,
    undone_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE forgotten (commitment TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


def add(connection: sqlite3.Connection, edit: Edit) -> None:
    """Store an edit; the same id again is the same gesture and changes nothing."""
    connection.execute(
        "INSERT INTO edits (id, at_ms, kind, concept, value, was, text) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (edit.id, edit.at_ms, edit.kind.value, edit.concept, edit.value, edit.was, edit.text),
    )


def standing(connection: sqlite3.Connection) -> tuple[Edit, ...]:
    """Return the edits that were not undone, oldest first."""
    rows = connection.execute(
        "SELECT id, at_ms, kind, concept, value, was, text FROM edits WHERE undone_ms IS NULL ORDER BY at_ms, id"
    )
    return tuple(Edit(i, at, Kind(kind), concept, value, was, text) for i, at, kind, concept, value, was, text in rows)


def undo(connection: sqlite3.Connection, edit: str, now_ms: int) -> bool:
    """Take an edit back; False when none of this id stands."""
    changed = connection.execute("UPDATE edits SET undone_ms = ? WHERE id = ? AND undone_ms IS NULL", (now_ms, edit))
    return changed.rowcount > 0


def commit(connection: sqlite3.Connection, commitment: str, now_ms: int) -> bool:
    """Keep that something was forgotten, as a salted hash whose salt is kept nowhere; True once it is kept."""
    connection.execute("INSERT INTO forgotten (commitment, at_ms) VALUES (?, ?)", (commitment, now_ms))
    return True


def forgotten(connection: sqlite3.Connection) -> int:
    """Return how many labels were forgotten."""
    return int(connection.execute("SELECT count(*) FROM forgotten").fetchone()[0])
