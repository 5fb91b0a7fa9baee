"""Notes that the scan holds back, and what the person allowed to leave in spite of it."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from weal_node.store.rows import column, keyed, under

SCHEMA = """
CREATE TABLE holds (
    note TEXT PRIMARY KEY,
    body_sha256 TEXT NOT NULL,
    why TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE allowed (note TEXT NOT NULL, finding TEXT NOT NULL, PRIMARY KEY (note, finding)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Hold:
    """A version that does not leave. why: what it seems to hold, as (kind, line, masked text)."""

    note: str
    body_sha256: str
    why: tuple[tuple[str, int, str], ...]

    @property
    def kinds(self) -> str:
        """Return the kinds in one line."""
        return ", ".join(dict.fromkeys(kind for kind, _, _ in self.why))


def hold(connection: sqlite3.Connection, held: Hold) -> None:
    """Hold this version back; an older one of the same note is forgotten."""
    connection.execute(
        "INSERT INTO holds (note, body_sha256, why) VALUES (?, ?, ?) "
        "ON CONFLICT (note) DO UPDATE SET body_sha256 = excluded.body_sha256, why = excluded.why",
        (held.note, held.body_sha256, json.dumps(held.why)),
    )


def release(connection: sqlite3.Connection, note: str) -> None:
    """Hold nothing of this note back any more."""
    connection.execute("DELETE FROM holds WHERE note = ?", (note,))


def every(connection: sqlite3.Connection) -> dict[str, Hold]:
    """Return what is held back, by note id."""
    rows = connection.execute("SELECT note, body_sha256, why FROM holds")
    return keyed(_hold, rows)


def _hold(note: str, body_sha256: str, why: str) -> Hold:
    return Hold(note, body_sha256, tuple(map(tuple, json.loads(why))))


def allow(connection: sqlite3.Connection, note: str, findings: Iterable[str]) -> None:
    """Remember that these findings, by digest, may leave with this note."""
    connection.executemany(
        "INSERT INTO allowed (note, finding) VALUES (?, ?) ON CONFLICT DO NOTHING",
        under(note, findings),
    )


def allowed(connection: sqlite3.Connection, note: str) -> frozenset[str]:
    """Return the digests of findings that may leave with this note."""
    rows = connection.execute("SELECT finding FROM allowed WHERE note = ?", (note,))
    return frozenset(column(rows))


def forget(connection: sqlite3.Connection, note: str) -> None:
    """Drop what is held and what was allowed of this note."""
    connection.execute("DELETE FROM holds WHERE note = ?", (note,))
    connection.execute("DELETE FROM allowed WHERE note = ?", (note,))
