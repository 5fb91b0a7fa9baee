"""Releases of the shared representation that this node verified, what became of each, and which one it uses."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

from weal_node.store.rows import column
from weal_protocol import release_log
from weal_protocol.v1 import release_pb2

SCHEMA = """
CREATE TABLE releases (
    number INTEGER PRIMARY KEY,
    raw BLOB NOT NULL,
    adopted_ms INTEGER NOT NULL
);
"""

# Since releases are tried before they are used. What was adopted before is the beginning of the history.
HISTORY = """
CREATE TABLE release_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
INSERT INTO release_history (number, act, why, at_ms)
    SELECT number, 'adopted', 'as it came, before releases were tried', adopted_ms FROM releases ORDER BY adopted_ms, number;
CREATE TRIGGER release_history_stays BEFORE DELETE ON release_history BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER release_history_holds BEFORE UPDATE ON release_history BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
"""
ADOPTED, KEPT_OLD, ROLLED_BACK, REFUSED = "adopted", "kept the old one", "rolled back", "refused"
FORKED = "refused as a fork"
CHOSEN = "you chose it"  # why a release is used that was here already


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """What became of a release. number: the release; of ROLLED_BACK the one that is used since, 0 for the built-in prior. REFUSED: it
    cannot be used, and calls itself by this number, 0 where that is not known. FORKED: it does not follow in the coordinator's log from
    those that came. Neither was kept."""

    number: int
    act: str
    why: str
    at_ms: int


def forks(entries: tuple[ReleaseEntry, ...]) -> tuple[ReleaseEntry, ...]:
    """Return what was refused as a fork: each says that the coordinator shows another log than it showed this node before."""
    return tuple(entry for entry in entries if entry.act == FORKED)


def keep(connection: sqlite3.Connection, number: int, raw: bytes, now_ms: int) -> None:
    """Keep a verified release, serialised as it came; used or not. adopted_ms: when it came. One of a community that was left gives way."""
    connection.execute(
        "INSERT OR REPLACE INTO releases (number, raw, adopted_ms) VALUES (?, ?, ?)",
        (number, raw, now_ms),
    )


def enter(connection: sqlite3.Connection, entry: ReleaseEntry) -> None:
    """Write down what became of a release; ADOPTED and ROLLED_BACK say which one is used from now on."""
    connection.execute(
        "INSERT INTO release_history (number, act, why, at_ms) VALUES (?, ?, ?, ?)",
        (entry.number, entry.act, entry.why, entry.at_ms),
    )


def history(connection: sqlite3.Connection) -> tuple[ReleaseEntry, ...]:
    """Return everything that became of releases, oldest first."""
    rows = connection.execute("SELECT number, act, why, at_ms FROM release_history ORDER BY id")
    return tuple(starmap(ReleaseEntry, rows))


def used(entries: tuple[ReleaseEntry, ...]) -> ReleaseEntry | None:
    """Return the entry that says which release is in use, None before any."""
    for entry in reversed(entries):
        if entry.act in (ADOPTED, ROLLED_BACK):
            return entry
    return None


def current(connection: sqlite3.Connection) -> tuple[int, bytes] | None:
    """Return number and bytes of the release in use, or None while it is the built-in prior."""
    last = used(history(connection))
    return get(connection, last.number) if last is not None else None


def get(connection: sqlite3.Connection, number: int) -> tuple[int, bytes] | None:
    """Return number and bytes of a release that was kept, or None."""
    row = connection.execute("SELECT number, raw FROM releases WHERE number = ?", (number,)).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def held(connection: sqlite3.Connection) -> release_log.Entry | None:
    """Return the newest release that came, used or not, as it stands in the coordinator's log: the head. None before any."""
    row = connection.execute(
        "SELECT number FROM release_history WHERE act IN (?, ?) AND why != ? ORDER BY id DESC LIMIT 1",
        (ADOPTED, KEPT_OLD, CHOSEN),
    ).fetchone()
    release_row = get(connection, int(row[0])) if row else None
    manifest = release_pb2.Release.FromString(release_row[1]).manifest if release_row else b""
    return release_log.entry(manifest) if manifest else None


def had(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the numbers of all releases that are here, newest first."""
    return tuple(column(connection.execute("SELECT number FROM releases ORDER BY number DESC")))
