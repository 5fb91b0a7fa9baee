"""Questions of Teach: the one drawn at random that waits for its answer, and what the person skipped."""

import sqlite3
from collections.abc import Iterator

from weal_node.store.rows import column

# One audit at a time: were it drawn anew at every look, loading the page again would choose the sample.
SCHEMA = """
CREATE TABLE audit_drawn (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    item TEXT NOT NULL,
    other TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE questions_skipped (
    at_ms INTEGER NOT NULL,
    item TEXT NOT NULL,
    other TEXT NOT NULL,
    audit INTEGER NOT NULL,
    PRIMARY KEY (at_ms, item, other)
) WITHOUT ROWID;
"""


def draw(connection: sqlite3.Connection, item: str, other: str) -> tuple[str, str]:
    """Keep an audit that was drawn, unless one waits already; return the one that waits."""
    connection.execute(
        "INSERT INTO audit_drawn (only, item, other) VALUES (1, ?, ?) ON CONFLICT (only) DO NOTHING", (item, other)
    )
    return waiting(connection) or (item, other)


def waiting(connection: sqlite3.Connection) -> tuple[str, str] | None:
    """Return the audit that waits for its answer, in the order in which it is shown."""
    row = connection.execute("SELECT item, other FROM audit_drawn").fetchone()
    return (str(row[0]), str(row[1])) if row else None


def settle(connection: sqlite3.Connection, item: str, other: str) -> bool:
    """Let the audit go that was about these two, either way round; return whether one was."""
    gone = connection.execute(
        "DELETE FROM audit_drawn WHERE (item = ? AND other = ?) OR (item = ? AND other = ?)", (item, other, other, item)
    )
    return gone.rowcount > 0


def skip(connection: sqlite3.Connection, item: str, other: str, at_ms: int) -> None:
    """Keep that the person did not answer; other is "" for a question about one. A skipped audit is let go and counted."""
    connection.execute(
        "INSERT INTO questions_skipped (at_ms, item, other, audit) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (at_ms, item, other, settle(connection, item, other)),
    )


def skipped_since(connection: sqlite3.Connection, at_ms: int) -> frozenset[frozenset[str]]:
    """Return what was skipped at or after this time: sets of one state or of two."""
    rows = connection.execute("SELECT item, other FROM questions_skipped WHERE at_ms >= ?", (at_ms,))
    return frozenset(frozenset(filter(None, row)) for row in rows)


def skipped_audits(connection: sqlite3.Connection) -> int:
    """Return how many audits were skipped, ever."""
    (count,) = connection.execute("SELECT count(*) FROM questions_skipped WHERE audit").fetchone()
    return int(count)


def times(connection: sqlite3.Connection) -> Iterator[int]:
    """Yield when Teach was answered or skipped, newest first."""
    rows = connection.execute(
        "SELECT at_ms FROM labels WHERE source = 'teach' UNION ALL SELECT at_ms FROM questions_skipped ORDER BY 1 DESC"
    )
    return column(rows)
