"""Whose notes are mirrored: the whole community, or people one by one."""

import sqlite3

from weal_node.store.rows import column

SCHEMA = """
CREATE TABLE follows (who TEXT PRIMARY KEY, following INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""
EVERYONE = "community"


def choose(connection: sqlite3.Connection, who: str, following: bool, now_ms: int) -> None:
    """Follow, or no longer. who: EVERYONE, or a person's hex agent key. What was mirrored stays either way."""
    connection.execute(
        "INSERT INTO follows (who, following, at_ms) VALUES (?, ?, ?) "
        "ON CONFLICT (who) DO UPDATE SET following = excluded.following, at_ms = excluded.at_ms",
        (who, int(following), now_ms),
    )


def everyone(connection: sqlite3.Connection) -> bool:
    """Say whether the whole community is mirrored; it is, until the person says otherwise."""
    row = connection.execute("SELECT following FROM follows WHERE who = ?", (EVERYONE,)).fetchone()
    return bool(row[0]) if row else True


def people(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the people who are followed by name, hex agent keys, the first followed first."""
    rows = connection.execute(
        "SELECT who FROM follows WHERE who <> ? AND following = 1 ORDER BY at_ms, who", (EVERYONE,)
    )
    return tuple(column(rows))
