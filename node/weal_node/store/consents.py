"""What was written before joining a community and stays here until its person says otherwise; and when they were asked."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import starmap

SCHEMA = """
CREATE TABLE kept (
    note TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (note, path)
) WITHOUT ROWID;
CREATE INDEX kept_by_path ON kept (path);
CREATE TABLE consents (at_ms INTEGER PRIMARY KEY, folders TEXT NOT NULL) WITHOUT ROWID;
"""
ANYTHING = "*"  # said of a file that could not be read: no line in it is the person's newer word


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that stays here, however public it says it is. note: its id, "" where another file of that id may leave.
    sha256: of its bytes as last seen, by which it is known after a move; "" where a file with the same bytes may leave.  said: who might read it by its own line, "" where
    it had none, ANYTHING where it could not be read."""

    note: str
    path: str
    sha256: str
    said: str


def every(connection: sqlite3.Connection) -> tuple[KeptFile, ...]:
    """Return all that is kept, by path."""
    return tuple(starmap(KeptFile, connection.execute("SELECT note, path, sha256, said FROM kept ORDER BY path")))


def keep(connection: sqlite3.Connection, rows: Iterable[KeptFile]) -> None:
    """Keep these here; what is known of the same file is replaced."""
    connection.executemany(
        "INSERT INTO kept (note, path, sha256, said) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (note, path) DO UPDATE SET sha256 = excluded.sha256, said = excluded.said",
        ((row.note, row.path, row.sha256, row.said) for row in rows),
    )


def instead(connection: sqlite3.Connection, rows: Iterable[KeptFile]) -> None:
    """Keep these and nothing else."""
    connection.execute("DELETE FROM kept")
    keep(connection, rows)


def release(connection: sqlite3.Connection, note: str, path: str) -> None:
    """Keep this note here no longer: its person has said who may read it."""
    connection.execute("DELETE FROM kept WHERE path = ? OR (note = ? AND note <> '')", (path, note))


def asked(connection: sqlite3.Connection, at_ms: int, defaults: dict[str, str]) -> None:
    """Remember when the person was asked what may leave, and the folders' defaults then."""
    connection.execute(
        "INSERT INTO consents (at_ms, folders) VALUES (?, ?) ON CONFLICT (at_ms) DO UPDATE SET folders = excluded.folders",
        (at_ms, json.dumps(defaults)),
    )


def last(connection: sqlite3.Connection) -> tuple[int, dict[str, str]]:
    """Return when they were last asked, Unix time in ms, and the folders' defaults then; 0 in a home that joined before there was
    this question, or never."""
    row = connection.execute("SELECT at_ms, folders FROM consents ORDER BY at_ms DESC LIMIT 1").fetchone()
    return (int(row[0]), dict(json.loads(row[1]))) if row else (0, {})


def forget(connection: sqlite3.Connection, note: str, paths: Iterable[str]) -> None:
    """Drop what is known of a note that is forgotten."""
    for path in paths:
        release(connection, note, path)
