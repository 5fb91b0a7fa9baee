"""Approvals that were used: each once, with what it was for. Rows are only ever added."""

import sqlite3

SCHEMA = """
CREATE TABLE approvals (
    token BLOB PRIMARY KEY,
    act TEXT NOT NULL,
    deal BLOB NOT NULL,
    about BLOB NOT NULL,
    at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER approvals_stay BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'a used approval stays used'); END;
CREATE TRIGGER approvals_hold BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'a used approval stays used'); END;
"""


def use(connection: sqlite3.Connection, token: bytes, act: str, deal: bytes, about: bytes, now_ms: int) -> bool:
    """Use an approval up; False when it was used before. token: its SHA-256.  about: what the person saw, hashed."""
    inserted = connection.execute(
        "INSERT INTO approvals (token, act, deal, about, at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (token) DO NOTHING",
        (token, act, deal, about, now_ms),
    )
    return inserted.rowcount > 0


def used_since(connection: sqlite3.Connection, act: str, since_ms: int) -> int:
    """Return how often an act was approved and done since."""
    (count,) = connection.execute(
        "SELECT COUNT(*) FROM approvals WHERE act = ? AND at_ms >= ?", (act, since_ms)
    ).fetchone()
    return int(count)
