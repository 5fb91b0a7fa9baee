"""The commons: verified records in the order in which they came, closed under parents. No row is ever deleted."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, bindparam, text

from weal_protocol import record as wire
from weal_protocol.lineage import Kin
from weal_protocol.record import Record

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


_RAW = text("SELECT id, raw, redacted_by FROM records WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


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
    if record.kind in wire.TAKERS:
        _take_back(connection, record.parents[0], record.id)


def _take_back(connection: Connection, record: str, tombstone: str) -> None:
    found = text("SELECT raw FROM records WHERE id = :id AND redacted_by = ''")
    row = connection.execute(found, {"id": record}).first()
    if row is not None:
        bare = wire.redacted(bytes(row[0]))
        connection.execute(
            text("UPDATE records SET raw = :raw, size = :size, item = '', redacted_by = :by WHERE id = :id"),
            {"raw": bare, "size": len(bare), "by": tombstone, "id": record},
        )


def complete(connection: Connection) -> None:
    """Fill in whose the records are that came before this was kept beside them."""
    rows = connection.execute(text("SELECT id, raw FROM records WHERE author = ''")).all()
    for one, raw in rows:
        found = wire.read(bytes(raw))
        connection.execute(
            text("UPDATE records SET author = :author, note = :note, size = :size WHERE id = :id"),
            {"author": found.author.hex(), "note": found.note.hex(), "size": len(raw), "id": one},
        )


def after(connection: Connection, position: int, limit: int) -> tuple[tuple[int, bytes], ...]:
    """Return (position, serialised Record) of what came after this position."""
    rows = connection.execute(
        text("SELECT position, raw FROM records WHERE position > :after ORDER BY position LIMIT :limit"),
        {"after": position, "limit": limit},
    )
    return tuple((int(number), bytes(raw)) for number, raw in rows)


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
    return {str(one): (bytes(kept), str(by)) for one, kept, by in rows}


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
    found = text("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM records WHERE author = :author")
    count, size = connection.execute(found, {"author": author}).one()
    return int(count), int(size)


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
                "SELECT position, raw FROM records WHERE kind = :kind AND position > :after ORDER BY position LIMIT 256"
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
    """Return the oldest `limit` different items of the commons, sorted by id; those taken back are none."""
    rows = connection.execute(
        text(
            "SELECT item FROM records WHERE kind = 'item' AND item <> '' "
            "GROUP BY item ORDER BY MIN(position) LIMIT :limit"
        ),
        {"limit": limit},
    )
    return tuple(sorted(str(item) for (item,) in rows))
