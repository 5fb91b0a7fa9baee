"""Which of the person's notes wait to be published, and which version others already have."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import starmap

from weal_node.store.rows import column, keyed, under

SCHEMA = """
CREATE TABLE publications (
    note TEXT PRIMARY KEY,
    due_ms INTEGER NOT NULL,
    body_sha256 TEXT NOT NULL,
    record TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
"""
BASES = """
CREATE TABLE note_parents (note TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (note, record)) WITHOUT ROWID;
CREATE TABLE note_origins (note TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
"""  # what the next version follows besides its last one, and what a note began as a copy of

STEADY = """
ALTER TABLE publications ADD COLUMN salt BLOB NOT NULL DEFAULT x'';
UPDATE publications SET salt = randomblob(16);
ALTER TABLE publications ADD COLUMN entered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE publications ADD COLUMN seen_sha256 TEXT NOT NULL DEFAULT '';
"""
_COLUMNS = "note, due_ms, body_sha256, record, salt, entered, seen_sha256"


@dataclass(frozen=True, slots=True)
class Publication:
    """A note on its way out. `record`: id of the newest published record, "" before the first.

    body_sha256: of the file as it is due to leave; "" once nothing waits.  salt: chosen with the schedule, so that a
    second try sends the same bytes.  entered: 1 once the ledger has it.  seen_sha256: of the file as it last left, was
    held back or was replaced; the same version is not taken up again.
    """

    note: str
    due_ms: int
    body_sha256: str
    record: str
    salt: bytes
    entered: int
    seen_sha256: str


def schedule(connection: sqlite3.Connection, note: str, due_ms: int, body_sha256: str) -> None:
    """Let this version leave at `due_ms`; a newer version of the same note takes its place."""
    connection.execute(
        "INSERT INTO publications (note, due_ms, body_sha256, salt) VALUES (?, ?, ?, randomblob(16)) "
        "ON CONFLICT (note) DO UPDATE SET due_ms = excluded.due_ms, body_sha256 = excluded.body_sha256, "
        "salt = excluded.salt, entered = 0, "
        "seen_sha256 = CASE publications.body_sha256 WHEN '' THEN seen_sha256 ELSE publications.body_sha256 END",
        (note, due_ms, body_sha256),
    )


def withdraw(connection: sqlite3.Connection, note: str, body_sha256: str = "") -> bool:
    """Stop what waits, or only this version of it; False when nothing did."""
    changed = connection.execute(
        "UPDATE publications SET seen_sha256 = body_sha256, body_sha256 = '' "
        "WHERE note = ? AND body_sha256 <> '' AND ? IN ('', body_sha256)",
        (note, body_sha256),
    )
    return changed.rowcount > 0


def enter(connection: sqlite3.Connection, note: str) -> None:
    """Remember that the ledger has what waits."""
    connection.execute("UPDATE publications SET entered = 1 WHERE note = ?", (note,))


def published(connection: sqlite3.Connection, note: str, record: str, body_sha256: str) -> None:
    """Remember the record that others now have; a version that was scheduled meanwhile goes on waiting."""
    connection.execute(
        "UPDATE publications SET record = ?, seen_sha256 = ?, "
        "body_sha256 = CASE body_sha256 WHEN ? THEN '' ELSE body_sha256 END WHERE note = ?",
        (record, body_sha256, body_sha256, note),
    )


def due(connection: sqlite3.Connection, now_ms: int) -> tuple[Publication, ...]:
    """Return what should leave by now."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM publications WHERE body_sha256 <> '' AND due_ms <= ? ORDER BY due_ms",  # noqa: S608 -- our own names
        (now_ms,),
    )
    return tuple(starmap(Publication, rows))


def waiting(connection: sqlite3.Connection) -> dict[str, int]:
    """Return when each note that waits will leave, Unix time in ms by note id."""
    rows = connection.execute("SELECT note, due_ms FROM publications WHERE body_sha256 <> ''")
    return dict(rows)


def find(connection: sqlite3.Connection, note: str) -> Publication | None:
    """Return where this note stands, or None when it never was to leave."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM publications WHERE note = ?", (note,)).fetchone()  # noqa: S608 -- same
    return Publication(*row) if row else None


def knows(standing: Publication | None, body_sha256: str) -> bool:
    """Whether this version of a note waits, left, was held back or was replaced last."""
    return standing is not None and body_sha256 in {standing.body_sha256, standing.seen_sha256}


def every(connection: sqlite3.Connection) -> dict[str, Publication]:
    """Return where every note stands that was ever to leave, by note id."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM publications")  # noqa: S608 -- same
    return keyed(Publication, rows)


def gone_out(publications: Mapping[str, Publication]) -> set[str]:
    """Return the notes of which some version left."""
    return {note for note, publication in publications.items() if publication.record}


def hold(connection: sqlite3.Connection, note: str, body_sha256: str) -> None:
    """Let this version wait for nothing: it was looked at, and does not leave."""
    connection.execute(
        "INSERT INTO publications (note, due_ms, body_sha256, salt, seen_sha256) VALUES (?, 0, '', randomblob(16), ?) "
        "ON CONFLICT (note) DO UPDATE SET body_sha256 = '', seen_sha256 = excluded.seen_sha256",
        (note, body_sha256),
    )


def any_left(connection: sqlite3.Connection) -> bool:
    """Whether any note of this person ever left."""
    return connection.execute("SELECT 1 FROM publications WHERE record <> '' LIMIT 1").fetchone() is not None


def follow(connection: sqlite3.Connection, note: str, record: str) -> None:
    """Let the next version of this note name this record as a parent: an accepted suggestion, or another head."""
    connection.execute("INSERT INTO note_parents (note, record) VALUES (?, ?) ON CONFLICT DO NOTHING", (note, record))


def followed(connection: sqlite3.Connection, note: str) -> tuple[str, ...]:
    """Return the records that the next version of this note is to name as parents."""
    rows = connection.execute("SELECT record FROM note_parents WHERE note = ? ORDER BY record", (note,))
    return tuple(column(rows))


def named(connection: sqlite3.Connection, note: str, records: tuple[str, ...]) -> None:
    """Forget parents that a version has named."""
    connection.executemany("DELETE FROM note_parents WHERE note = ? AND record = ?", under(note, records))


def begin(connection: sqlite3.Connection, note: str, record: str) -> None:
    """Remember that this note began as a copy of a record."""
    connection.execute("INSERT INTO note_origins (note, record) VALUES (?, ?)", (note, record))


def origin(connection: sqlite3.Connection, note: str) -> str:
    """Return the record that a note began as a copy of, "" for none."""
    row = connection.execute("SELECT record FROM note_origins WHERE note = ?", (note,)).fetchone()
    return str(row[0]) if row else ""


def forget(connection: sqlite3.Connection, note: str) -> None:
    """Drop what is known of this note's way out, what its next version was to follow, and what it began as a copy of."""
    for table in ("publications", "note_parents", "note_origins"):
        connection.execute(f"DELETE FROM {table} WHERE note = ?", (note,))  # noqa: S608 -- our own names
