"""Verified records as they came: the node's own copy of the commons, closed under parents. No pull deletes a row.

`position` numbers them in the order in which they came, so that whoever reads on (shelf, agent, search) keeps one number.
A tombstone takes body, path and salt of its record away and stays itself; readers meet it at its own position.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import starmap

from weal_node.store import record_counts
from weal_node.store.rows import column
from weal_protocol import record as wire
from weal_protocol.lineage import Kin
from weal_protocol.record import Record

SCHEMA = """
CREATE TABLE records (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    path TEXT NOT NULL,
    visibility TEXT NOT NULL,
    written_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    raw BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_by_note ON records (author, note, written_ms);
CREATE TABLE mirrored (community TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
"""

LINEAGE = """
ALTER TABLE records ADD COLUMN licence TEXT NOT NULL DEFAULT 'CC-BY-4.0';
ALTER TABLE records ADD COLUMN forked_from TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN redacted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
UPDATE records SET size = LENGTH(raw), position = placed.number
    FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY position, written_ms, id) AS number FROM records) AS placed
    WHERE placed.id = records.id;
CREATE UNIQUE INDEX records_by_position ON records (position);
CREATE INDEX records_by_author ON records (author, size);
CREATE INDEX records_about ON records (about) WHERE about <> '';
CREATE TABLE record_parents (parent TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (parent, record)) WITHOUT ROWID;
CREATE TABLE records_size (bytes INTEGER NOT NULL);
INSERT INTO records_size SELECT COALESCE(SUM(size), 0) FROM records;
CREATE TRIGGER records_grow AFTER INSERT ON records BEGIN UPDATE records_size SET bytes = bytes + NEW.size; END;
CREATE TRIGGER records_shrink AFTER UPDATE OF size ON records BEGIN
    UPDATE records_size SET bytes = bytes + NEW.size - OLD.size; END;
CREATE TRIGGER records_less AFTER DELETE ON records BEGIN UPDATE records_size SET bytes = bytes - OLD.size; END;
DELETE FROM mirrored;
"""
ANSWERS = "CREATE INDEX records_answers ON records (note, author) WHERE kind = 'answer';"
NAMELESS = "UPDATE records SET path = '' WHERE redacted_by <> '';"  # what was taken back has no name either
EXPELLED = "expelled"  # stands for a tombstone where the author was expelled, and only the header is given out
FORGOTTEN = "forgotten here"  # stands for a tombstone where only this node dropped a body
_COLUMNS = (
    "id, position, kind, author, note, path, visibility, written_ms, body, raw, licence, forked_from, redacted_by"
)
_SHOWN = "author NOT IN (SELECT agent_key FROM expelled)"


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A record whose signature was verified. `raw`: the serialised Record.  redacted_by: the tombstone's id, "" for none."""

    id: str
    position: int
    kind: str
    author: str
    note: str
    path: str
    visibility: str
    written_ms: int
    body: str
    raw: bytes
    licence: str = wire.DEFAULT_LICENCE
    forked_from: str = ""
    redacted_by: str = ""


def add(connection: sqlite3.Connection, rows: Iterable[Mirrored]) -> None:
    """Keep records in this order; one that is known stays. Their positions are given here."""
    last = latest(connection)
    for r in rows:
        last += 1
        connection.execute(
            f"INSERT INTO records ({_COLUMNS}, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 -- our own names
            "ON CONFLICT (id) DO NOTHING",
            (
                r.id, last, r.kind, r.author, r.note, r.path, r.visibility, r.written_ms, r.body, r.raw, r.licence,
                r.forked_from, r.redacted_by, len(r.raw),
            ),
        )  # fmt: skip


def keep(connection: sqlite3.Connection, record: Record, about: str = "", redacted_by: str = "") -> None:
    """Keep a record that was admitted. about: for a suggestion, hex key of whose note it is."""
    add(connection, [row(record, redacted_by)])
    if about:
        connection.execute("UPDATE records SET about = ? WHERE id = ?", (about, record.id))
    link(connection, record.id, record.parents)
    if record.kind in wire.TAKERS:
        take_back(connection, record.parents[0], record.id)


def link(connection: sqlite3.Connection, record: str, parent_ids: Iterable[str]) -> None:
    """Enter whom a record names as parents."""
    connection.executemany(
        "INSERT INTO record_parents (parent, record) VALUES (?, ?) ON CONFLICT DO NOTHING",
        ((parent, record) for parent in parent_ids),
    )


def take_back(connection: sqlite3.Connection, record: str, tombstone: str) -> None:
    """Drop a record's body, path and salt."""
    stored = connection.execute("SELECT raw FROM records WHERE id = ? AND redacted_by = ''", (record,)).fetchone()
    if stored is not None:
        bare = wire.redacted(stored[0])
        connection.execute(
            "UPDATE records SET body = '', path = '', raw = ?, size = ?, redacted_by = ? WHERE id = ?",
            (bare, len(bare), tombstone, record),
        )


def row(record: Record, redacted_by: str = "") -> Mirrored:
    """Return a verified record as a row, not placed yet."""
    author, note, body = record.author.hex(), record.note.hex(), record.body.decode()
    placed = (record.id, 0, record.kind, author, note, record.path, record.visibility, record.written_ms)
    return Mirrored(*placed, body, record.raw, record.licence, record.forked_from, redacted_by)


def find(connection: sqlite3.Connection, record: str) -> Mirrored | None:
    """Return one record."""
    stored = connection.execute(f"SELECT {_COLUMNS} FROM records WHERE id = ?", (record,)).fetchone()  # noqa: S608 -- our own names
    return Mirrored(*stored) if stored else None


def after(connection: sqlite3.Connection, position: int, limit: int) -> tuple[Mirrored, ...]:
    """Return the first `limit` records that came after this position."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM records WHERE position > ? ORDER BY position LIMIT ?",  # noqa: S608 -- our own names
        (position, limit),
    )
    return tuple(starmap(Mirrored, rows))


def latest(connection: sqlite3.Connection) -> int:
    """Return the newest record's position, 0 where there is none."""
    return int(connection.execute("SELECT COALESCE(MAX(position), 0) FROM records").fetchone()[0])


def notes(connection: sqlite3.Connection) -> tuple[Mirrored, ...]:
    """Return the newest version of each note of others; empty where its author took it back."""
    rows = connection.execute(
        "SELECT id, position, kind, author, note, path, visibility, MAX(written_ms), body, raw FROM records "  # noqa: S608 -- our own words
        f"WHERE kind = 'note' AND {_SHOWN} GROUP BY author, note ORDER BY written_ms DESC"
    )
    return tuple(starmap(Mirrored, rows))


def wishing(connection: sqlite3.Connection) -> tuple[Mirrored, ...]:
    """Return the newest version of each note whose text may say what its author needs or offers; most say neither."""
    return tuple(version for version in notes(connection) if "needs" in version.body or "offers" in version.body)


def answers(connection: sqlite3.Connection) -> tuple[Mirrored, ...]:
    """Return what members told of chains of help, and did not take back."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM records WHERE kind = 'answer' AND body <> '' AND {_SHOWN} ORDER BY note, author, id"  # noqa: S608 -- our own names
    )
    return tuple(starmap(Mirrored, rows))


def answer(connection: sqlite3.Connection, author: str, chain: str) -> Mirrored | None:
    """Return what one member told last of a chain (hex id), None where they told nothing or took it back."""
    stored = connection.execute(
        f"SELECT {_COLUMNS} FROM records WHERE kind = 'answer' AND note = ? AND author = ? AND body <> '' "  # noqa: S608 -- our own names
        "ORDER BY written_ms DESC, id LIMIT 1",
        (chain, author),
    ).fetchone()
    return Mirrored(*stored) if stored else None


def versions(connection: sqlite3.Connection, author: str, note: str) -> tuple[Mirrored, ...]:
    """Return every version of a note, the newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM records WHERE author = ? AND note = ? AND kind = 'note' ORDER BY written_ms DESC, id",  # noqa: S608 -- our own names
        (author, note),
    )
    return tuple(starmap(Mirrored, rows))


def heads(connection: sqlite3.Connection, author: str, note: str) -> tuple[str, ...]:
    """Return the versions of a note that no other version of it follows, the newest first: several after writing apart."""
    rows = connection.execute(
        "SELECT id FROM records AS one WHERE author = ? AND note = ? AND kind = 'note' AND NOT EXISTS ("
        "SELECT 1 FROM record_parents JOIN records AS later ON later.id = record_parents.record "
        "WHERE record_parents.parent = one.id AND later.kind = 'note') ORDER BY written_ms DESC, id",
        (author, note),
    )
    return tuple(column(rows))


def suggestions(connection: sqlite3.Connection, author: str, note: str) -> tuple[tuple[Mirrored, str], ...]:
    """Return (suggestion, id of the version that accepted it or "") for this person's note, the newest first."""
    columns = ", ".join(f"one.{name}" for name in _COLUMNS.split(", "))
    rows = connection.execute(
        f"SELECT {columns}, COALESCE((SELECT later.id FROM record_parents JOIN records AS later "  # noqa: S608 -- our own names
        "ON later.id = record_parents.record WHERE record_parents.parent = one.id AND later.kind = 'note' LIMIT 1), '') "
        "FROM records AS one WHERE about = ? AND note = ? AND kind = 'suggestion' ORDER BY written_ms DESC, id",
        (author, note),
    )
    return tuple((Mirrored(*stored[:-1]), str(stored[-1])) for stored in rows)


def parents(connection: sqlite3.Connection, record: str) -> tuple[str, ...]:
    """Return the ids of the records that this one follows."""
    rows = connection.execute("SELECT parent FROM record_parents WHERE record = ? ORDER BY parent", (record,))
    return tuple(column(rows))


def kin(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Kin]:
    """Return what must be known of these records to admit one that names them; those unknown are left out."""
    relatives = {}
    for record in ids:
        stored = connection.execute("SELECT kind, author, note FROM records WHERE id = ?", (record,)).fetchone()
        if stored:
            relatives[record] = Kin(str(stored[0]), bytes.fromhex(stored[1]), bytes.fromhex(stored[2]))
    return relatives


def known(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Return which of these are kept."""
    known_ids = set[str]()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(f"SELECT id FROM records WHERE id IN ({marks})", some)  # noqa: S608 -- marks alone
        known_ids.update(column(rows))
    return known_ids


def placed(connection: sqlite3.Connection, author: str = "") -> tuple[tuple[bytes, int], ...]:
    """Return (id, position) of all records, or of those by this author or suggested to them; in order."""
    if not author:
        rows = connection.execute("SELECT id, position FROM records ORDER BY position")
    else:
        rows = connection.execute(
            "SELECT id, position FROM records WHERE author = ?1 "
            "UNION SELECT id, position FROM records WHERE about <> '' AND about = ?1 ORDER BY position",
            (author,),
        )
    return tuple((bytes.fromhex(record), int(position)) for record, position in rows)


def raw(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[bytes, str]]:
    """Return (serialised Record, tombstone's id or "") by id; those unknown, or forgotten here, are left out."""
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(
        f"SELECT id, raw, redacted_by, NOT {_SHOWN} FROM records WHERE id IN ({marks})",  # noqa: S608 -- marks alone
        ids,
    )
    contents: dict[str, tuple[bytes, str]] = {}
    for record, content, taker, hidden in rows:
        if taker != FORGOTTEN:
            contents[record] = wire.redacted(content) if hidden else content, "" if taker == EXPELLED else taker
    return contents


def standing(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return another pair after every change: the newest position, and the bytes of all records."""
    return latest(connection), record_counts.whole(connection)


def forget(connection: sqlite3.Connection, author: str, note: str) -> int:
    """Drop body, path and salt of our copies of an author's note, and of what was suggested for it; return how many there were. Their
    headers stay, so that no pull fetches them again; they are not handed on, since without the author's tombstone nobody would take
    them."""
    rows = connection.execute(
        "SELECT id FROM records WHERE note = ? AND (author = ? OR about = ?) AND redacted_by = ''",
        (note, author, author),
    ).fetchall()
    for (record,) in rows:
        take_back(connection, record, FORGOTTEN)
    return len(rows)
