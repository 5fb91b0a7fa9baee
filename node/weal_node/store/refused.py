"""Records that were refused, by whom they came from: not asked for again for a while, and shown by `weal doctor`.

By source, not by id alone: an id is the digest of a header, and whoever sends a header with a forged signature must not keep
the real record away.
"""

import sqlite3
from collections.abc import Iterable

from weal_node.store.rows import column

SCHEMA = """
CREATE TABLE refused_records (
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (source, id)
) WITHOUT ROWID;
"""


def add(connection: sqlite3.Connection, source: str, refused: Iterable[tuple[str, str]], now_ms: int) -> None:
    """Remember (id, reason)."""
    connection.executemany(
        "INSERT INTO refused_records (source, id, reason, at_ms) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (source, id) DO UPDATE SET reason = excluded.reason, at_ms = excluded.at_ms",
        ((source, record, reason[:200], now_ms) for record, reason in refused),
    )


def since(connection: sqlite3.Connection, source: str, at_ms: int) -> frozenset[str]:
    """Return the ids refused from this source at or after this time; older ones are forgotten."""
    rows = connection.execute("SELECT id FROM refused_records WHERE source = ? AND at_ms >= ?", (source, at_ms))
    return frozenset(column(rows))


def forget(connection: sqlite3.Connection, before_ms: int) -> None:
    """Forget what was refused before this time."""
    connection.execute("DELETE FROM refused_records WHERE at_ms < ?", (before_ms,))


def reasons(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many records were refused lately, by reason."""
    rows = connection.execute("SELECT reason, COUNT(*) FROM refused_records GROUP BY reason ORDER BY reason")
    return dict(rows)
