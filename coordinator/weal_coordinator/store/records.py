"""The commons: verified records in the order in which they came, closed under parents. No row is ever deleted."""

import logging
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, bindparam, text

from weal_protocol import lineage
from weal_protocol import record as wire
from weal_protocol.errors import WealError
from weal_protocol.lineage import Kin
from weal_protocol.record import Record

log = logging.getLogger(__name__)
SCHEMA = """
CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    id VARCHAR(64) NOT NULL UNIQUE,
    kind VARCHAR(8) NOT NULL,
    item VARCHAR(64) NOT NULL DEFAULT '',
    raw BLOB NOT NULL
);
CREATE INDEX records_by_item ON records (kind, item);
"""

# Made anew: PostgreSQL holds a column to its length, and "suggestion" is longer than eight.
LINEAGE = """
ALTER TABLE records RENAME TO records_before;
CREATE TABLE commons (
    position INTEGER PRIMARY KEY,
    id VARCHAR(64) NOT NULL UNIQUE,
    kind VARCHAR(16) NOT NULL,
    item VARCHAR(64) NOT NULL DEFAULT '',
    author VARCHAR(64) NOT NULL DEFAULT '',
    about VARCHAR(64) NOT NULL DEFAULT '',
    note VARCHAR(32) NOT NULL DEFAULT '',
    redacted_by VARCHAR(64) NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    raw BLOB NOT NULL
);
INSERT INTO commons (position, id, kind, item, raw) SELECT position, id, kind, item, raw FROM records_before;
DROP TABLE records_before;
ALTER TABLE commons RENAME TO records;
CREATE INDEX records_of_item ON records (kind, item);
CREATE INDEX records_by_author ON records (author, size);
CREATE INDEX records_about ON records (about);
"""
# What an author's quota asks is kept as counts, so that a record costs the same whatever its author sent before.
COUNTS = """
ALTER TABLE records ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
CREATE INDEX records_by_note ON records (author, note, kind);
CREATE TABLE record_authors (author VARCHAR(64) PRIMARY KEY, number INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE record_days (
    author VARCHAR(64) NOT NULL,
    note VARCHAR(32) NOT NULL,
    day INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (author, note, day)
);
INSERT INTO record_authors (author, number, bytes)
    SELECT author, COUNT(*), COALESCE(SUM(size), 0) FROM records WHERE author <> '' GROUP BY author;
INSERT INTO record_days (author, note, day, number)
    SELECT author, note, -1, COUNT(*) FROM records WHERE author <> '' GROUP BY author, note;
"""
WHOLE = -1  # the day under which all versions of a note are counted


_RAW = text("SELECT id, raw, redacted_by, hidden FROM records WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def add(connection: Connection, record: Record, item: str, about: str = "") -> None:
    """Keep a record; the same one again changes nothing. `item`: full item id in hex, "" for any other kind.

    about: for a suggestion, hex key of whose note it is.  A tombstone takes body and salt of its record away.
    """
    known = connection.execute(text("SELECT 1 FROM records WHERE id = :id"), {"id": record.id}).first()
    if known is not None:
        return
    connection.execute(
        text(
            "INSERT INTO records (position, id, kind, item, author, about, note, size, raw) "
            "SELECT COALESCE(MAX(position), 0) + 1, :id, :kind, :item, :author, :about, :note, :size, :raw FROM records"
        ),
        {
            "id": record.id,
            "kind": record.kind,
            "item": item,
            "author": record.author.hex(),
            "about": about,
            "note": record.note.hex(),
            "size": len(record.raw),
            "raw": record.raw,
        },
    )
    _count(connection, record.author.hex(), 1, len(record.raw))
    for day in (WHOLE, lineage.day(record.written_ms)):
        connection.execute(
            text(
                "INSERT INTO record_days (author, note, day, number) VALUES (:author, :note, :day, 1) "
                "ON CONFLICT (author, note, day) DO UPDATE SET number = record_days.number + 1"
            ),
            {"author": record.author.hex(), "note": record.note.hex(), "day": day},
        )
    if record.kind in wire.TAKERS:
        _take_back(connection, record.parents[0], record.id)


def _take_back(connection: Connection, record: str, tombstone: str) -> None:
    found = text("SELECT raw, author FROM records WHERE id = :id AND redacted_by = ''")
    row = connection.execute(found, {"id": record}).first()
    if row is not None:
        bare = wire.redacted(bytes(row[0]))
        _count(connection, str(row[1]), 0, len(bare) - len(row[0]))
        connection.execute(
            text("UPDATE records SET raw = :raw, size = :size, item = '', redacted_by = :by WHERE id = :id"),
            {"raw": bare, "size": len(bare), "by": tombstone, "id": record},
        )


def _count(connection: Connection, author: str, number: int, size: int) -> None:
    connection.execute(
        text(
            "INSERT INTO record_authors (author, number, bytes) VALUES (:author, :number, :size) ON CONFLICT (author) "
            "DO UPDATE SET number = record_authors.number + :number, bytes = record_authors.bytes + :size"
        ),
        {"author": author, "number": number, "size": size},
    )


def hide(connection: Connection, author: str) -> None:
    """Give out no body, salt or path of this author's records any more: headers alone, so that what others wrote after them stands."""
    connection.execute(text("UPDATE records SET hidden = 1 WHERE author = :author"), {"author": author})


def complete(connection: Connection) -> None:
    """Fill in whose the records are that came before this was kept beside them; one that cannot be read stays as it is."""
    rows = connection.execute(text("SELECT id, raw FROM records WHERE author = ''")).all()
    for one, raw in rows:
        try:
            found = wire.read(bytes(raw), bodiless=True)
        except WealError as fault:
            log.warning("record %s is set aside: %s", one, fault.what)
            continue
        _count(connection, found.author.hex(), 1, len(raw))
        connection.execute(
            text("UPDATE records SET author = :author, note = :note, size = :size WHERE id = :id"),
            {"author": found.author.hex(), "note": found.note.hex(), "size": len(raw), "id": one},
        )


def after(connection: Connection, position: int, limit: int) -> tuple[tuple[int, bytes], ...]:
    """Return (position, serialised Record) of what came after this position."""
    rows = connection.execute(
        text("SELECT position, raw, hidden FROM records WHERE position > :after ORDER BY position LIMIT :limit"),
        {"after": position, "limit": limit},
    )
    return tuple((int(number), _given(raw, hidden)) for number, raw, hidden in rows)


def _given(raw: bytes, hidden: int) -> bytes:
    """Return a record as it is given out."""
    return wire.redacted(bytes(raw)) if hidden else bytes(raw)


def placed(connection: Connection, author: str = "", after: int = 0) -> tuple[tuple[bytes, int], ...]:
    """Return (id, position) of records after a position, or of those by this author or suggested to them; in order."""
    where = "(author = :author OR about = :author)" if author else "1 = 1"
    rows = connection.execute(
        text(f"SELECT id, position FROM records WHERE {where} AND position > :after ORDER BY position"),  # noqa: S608 -- our own words
        {"author": author, "after": after} if author else {"after": after},
    )
    return tuple((bytes.fromhex(one), int(position)) for one, position in rows)


def raw(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[bytes, str]]:
    """Return (serialised Record, tombstone's id or "") by id; those unknown are left out."""
    rows = connection.execute(_RAW, {"ids": list(ids)})
    return {str(one): (_given(kept, hidden), str(by)) for one, kept, by, hidden in rows}


def kin(connection: Connection, ids: Iterable[str]) -> dict[str, Kin]:
    """Return what must be known of these records to take one that names them; those unknown are left out."""
    found = {}
    for one in ids:
        row = connection.execute(text("SELECT kind, author, note FROM records WHERE id = :id"), {"id": one}).first()
        if row is not None:
            found[one] = Kin(str(row[0]), bytes.fromhex(row[1]), bytes.fromhex(row[2]))
    return found


def known(connection: Connection, record: str) -> bool:
    """Say whether a record is kept."""
    return connection.execute(text("SELECT 1 FROM records WHERE id = :id"), {"id": record}).first() is not None


def room(connection: Connection, author: str) -> tuple[int, int]:
    """Return how many records by this author are kept, and how many bytes they take."""
    found = text("SELECT number, bytes FROM record_authors WHERE author = :author")
    row = connection.execute(found, {"author": author}).first()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def versions(connection: Connection, author: str, note: str, day: int) -> tuple[int, int]:
    """Return how many records of one note (or chain) by one author are kept: in all, and of those they wrote on this day."""
    found = text(
        "SELECT day, number FROM record_days WHERE author = :author AND note = :note AND day IN (:whole, :day)"
    )
    rows = connection.execute(found, {"author": author, "note": note, "whole": WHOLE, "day": day})
    numbers = {int(of): int(number) for of, number in rows}
    return numbers.get(WHOLE, 0), numbers.get(day, 0)


def newest_tombstone(connection: Connection) -> int:
    """Return where the newest record stands that took another one back, 0 where none did."""
    found = text("SELECT COALESCE(MAX(position), 0) FROM records WHERE kind IN ('tombstone', 'verdict')")
    return int(connection.execute(found).scalar_one())


def bodies(connection: Connection, kind: str) -> Iterator[bytes]:
    """Yield serialised Records of a kind in the order in which they came, a few at a time in memory."""
    last = 0
    while True:
        rows = connection.execute(
            text(
                "SELECT position, raw FROM records WHERE kind = :kind AND hidden = 0 AND position > :after "
                "ORDER BY position LIMIT 256"
            ),
            {"kind": kind, "after": last},
        ).all()
        if not rows:
            return
        for place, raw in rows:
            last = int(place)
            yield bytes(raw)


def position(connection: Connection) -> int:
    """Return the newest record's position, 0 in an empty commons."""
    return int(connection.execute(text("SELECT COALESCE(MAX(position), 0) FROM records")).scalar_one())


def item_ids(connection: Connection, limit: int) -> tuple[str, ...]:
    """Return `limit` different items of the commons, sorted by id: everybody's oldest first, in turns, so that nobody's items keep
    others' out. Those taken back, and those of who was expelled, are none."""
    rows = connection.execute(
        text(
            "SELECT item FROM (SELECT item, position, ROW_NUMBER() OVER (PARTITION BY author ORDER BY position) AS turn FROM "
            "(SELECT item, author, position, ROW_NUMBER() OVER (PARTITION BY item ORDER BY position) AS time FROM records "
            "WHERE kind = 'item' AND item <> '' AND hidden = 0) AS told WHERE time = 1) AS first "
            "ORDER BY turn, position LIMIT :limit"
        ),
        {"limit": limit},
    )
    return tuple(sorted(str(item) for (item,) in rows))
