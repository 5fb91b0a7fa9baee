"""States that can be put to the person: the commons' items, starter statements, options of deals."""

import sqlite3
from collections.abc import Iterable

from weal_node.records import Item
from weal_node.store.rows import singly

SCHEMA = """
CREATE TABLE states (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    hours_given REAL NOT NULL,
    hours_received REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE put_off (state TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""
TYPED = """
ALTER TABLE states ADD COLUMN "when" TEXT NOT NULL DEFAULT '';
ALTER TABLE states ADD COLUMN who TEXT NOT NULL DEFAULT '';
"""  # who: a line each


def add(connection: sqlite3.Connection, states: Iterable[Item]) -> None:
    """Store states; one that is known keeps what was stored first."""
    connection.executemany(
        'INSERT INTO states (id, text, kind, hours_given, hours_received, "when", who) VALUES (?, ?, ?, ?, ?, ?, ?) '
        "ON CONFLICT (id) DO NOTHING",
        ((s.id, s.text, s.kind, s.hours_given, s.hours_received, s.when, "\n".join(s.who)) for s in states),
    )


def remove(connection: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Forget states whose text was taken back."""
    connection.executemany("DELETE FROM states WHERE id = ?", singly(ids))


def every(connection: sqlite3.Connection) -> tuple[Item, ...]:
    """Return all states, by id."""
    rows = connection.execute('SELECT id, text, kind, hours_given, hours_received, "when", who FROM states ORDER BY id')
    return tuple(
        Item(name, text, kind, hours_given, received, when, tuple(people.splitlines()))
        for name, text, kind, hours_given, received, when, people in rows
    )


def put_off(connection: sqlite3.Connection, state: str, now_ms: int) -> None:
    """Do not show this state for a while; that is no label."""
    connection.execute(
        "INSERT INTO put_off (state, at_ms) VALUES (?, ?) ON CONFLICT (state) DO UPDATE SET at_ms = excluded.at_ms",
        (state, now_ms),
    )


def put_off_at(connection: sqlite3.Connection) -> dict[str, int]:
    """Return when each state was put off last, in ms."""
    return dict(connection.execute("SELECT state, at_ms FROM put_off").fetchall())
