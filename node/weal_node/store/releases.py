"""Releases of the shared representation that this node verified, and which one it uses."""

import sqlite3

SCHEMA = """
CREATE TABLE releases (
    number INTEGER PRIMARY KEY,
    raw BLOB NOT NULL,
    adopted_ms INTEGER NOT NULL
);
"""


def adopt(connection: sqlite3.Connection, number: int, raw: bytes, now_ms: int) -> None:
    """Keep a verified release, serialised as it came, and use it from now on."""
    connection.execute(
        "INSERT INTO releases (number, raw, adopted_ms) VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET adopted_ms = excluded.adopted_ms",
        (number, raw, now_ms),
    )


def current(connection: sqlite3.Connection) -> tuple[int, bytes] | None:
    """Return number and bytes of the release in use, or None before any."""
    row = connection.execute(
        "SELECT number, raw FROM releases ORDER BY adopted_ms DESC, number DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None
