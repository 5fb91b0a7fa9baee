"""The versions of one file as they were last read out of the history, and up to which commit; git takes long to find them."""

import json
import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE pasts (path TEXT PRIMARY KEY, head TEXT NOT NULL, versions TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class NotePast:
    """head: the commit up to which they were read.  versions: (commit, Unix time in ms, message, path), newest first."""

    head: str
    versions: tuple[tuple[str, int, str, str], ...]


def find(connection: sqlite3.Connection, path: str) -> NotePast | None:
    """Return what is known of this file."""
    row = connection.execute("SELECT head, versions FROM pasts WHERE path = ?", (path,)).fetchone()
    if row is None:
        return None
    return NotePast(str(row[0]), tuple(map(tuple, json.loads(row[1]))))


def keep(connection: sqlite3.Connection, path: str, past: NotePast) -> None:
    """Remember it."""
    connection.execute(
        "INSERT INTO pasts (path, head, versions) VALUES (?, ?, ?) "
        "ON CONFLICT (path) DO UPDATE SET head = excluded.head, versions = excluded.versions",
        (path, past.head, json.dumps(past.versions)),
    )


def forget(connection: sqlite3.Connection) -> None:
    """Forget all of them: the history was written anew."""
    connection.execute("DELETE FROM pasts")
