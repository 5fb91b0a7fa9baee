"""Warnings about notes that the person was shown: each is said aloud once."""

import sqlite3
from collections.abc import Collection

SCHEMA = """
CREATE TABLE warnings_shown (digest TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


def shown(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the digests of the warnings that were shown."""
    return frozenset(digest for (digest,) in connection.execute("SELECT digest FROM warnings_shown"))


def show(connection: sqlite3.Connection, digests: Collection[str], now_ms: int) -> None:
    """Remember that these were shown."""
    rows = [(digest, now_ms) for digest in digests]
    connection.executemany("INSERT OR IGNORE INTO warnings_shown (digest, at_ms) VALUES (?, ?)", rows)
