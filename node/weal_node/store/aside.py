"""What came from others and could not be used: set aside by name, so that everything else goes on; gone from here once it can be used."""

import sqlite3
from collections.abc import Mapping

from weal_node.store.rows import column

SCHEMA = """
CREATE TABLE set_aside (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"""
LONGEST = 200  # characters of a reason
READERS = ("topics", "reading", "search")  # kinds under which a record's id stands


def add(connection: sqlite3.Connection, kind: str, key: str, reason: str, now_ms: int = 0) -> None:
    """Set something aside. kind: where it was met, in a word or two.  key: its id in hex.  reason: in words that no stranger chose."""
    connection.execute(
        "INSERT INTO set_aside (kind, key, reason, at_ms) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (kind, key) DO UPDATE SET reason = excluded.reason",
        (kind, key, reason[:LONGEST], now_ms),
    )


def take_in(connection: sqlite3.Connection, kind: str, key: str) -> None:
    """Something that was set aside can be used now, or is there no more."""
    connection.execute("DELETE FROM set_aside WHERE kind = ? AND key = ?", (kind, key))


def done_with(connection: sqlite3.Connection, record: str) -> None:
    """A record is followed by another, or was taken back: whatever was wrong with it matters no more."""
    for kind in READERS:
        take_in(connection, kind, record)


def only(connection: sqlite3.Connection, kind: str, aside: Mapping[str, str], now_ms: int = 0) -> None:
    """Let these (key to reason), and nothing else of their kind, be what is set aside."""
    former = set(column(connection.execute("SELECT key FROM set_aside WHERE kind = ?", (kind,))))
    for key in former - set(aside):
        take_in(connection, kind, key)
    for key, reason in aside.items():
        add(connection, kind, key, reason, now_ms)


def every(connection: sqlite3.Connection, limit: int = 100) -> tuple[tuple[str, str, str], ...]:
    """Return (kind, key, reason), at most so many of them."""
    rows = connection.execute("SELECT kind, key, reason FROM set_aside ORDER BY kind, key LIMIT ?", (limit,))
    return tuple(rows)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many things are set aside, by kind and reason."""
    rows = connection.execute(
        "SELECT kind, reason, COUNT(*) FROM set_aside GROUP BY kind, reason ORDER BY kind, reason"
    )
    return {f"{kind}: {reason}": int(count) for kind, reason, count in rows}
