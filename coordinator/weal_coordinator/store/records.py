"""The commons: verified records in the order in which they came."""

from sqlalchemy import Connection, text

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


def add(connection: Connection, record: Record, item: str) -> None:
    """Keep a record; the same one again changes nothing. `item`: full item id in hex, "" for a note."""
    known = connection.execute(text("SELECT 1 FROM records WHERE id = :id"), {"id": record.id}).first()
    if known is None:
        connection.execute(
            text(
                "INSERT INTO records (position, id, kind, item, raw) "
                "SELECT COALESCE(MAX(position), 0) + 1, :id, :kind, :item, :raw FROM records"
            ),
            {"id": record.id, "kind": record.kind, "item": item, "raw": record.raw},
        )


def after(connection: Connection, position: int, limit: int) -> tuple[tuple[int, bytes], ...]:
    """Return (position, serialised Record) of what came after this position."""
    rows = connection.execute(
        text("SELECT position, raw FROM records WHERE position > :after ORDER BY position LIMIT :limit"),
        {"after": position, "limit": limit},
    )
    return tuple((int(number), bytes(raw)) for number, raw in rows)


def position(connection: Connection) -> int:
    """Return the newest record's position, 0 in an empty commons."""
    return int(connection.execute(text("SELECT COALESCE(MAX(position), 0) FROM records")).scalar_one())


def item_ids(connection: Connection, limit: int) -> tuple[str, ...]:
    """Return the oldest `limit` different items of the commons, sorted by id."""
    rows = connection.execute(
        text("SELECT item FROM records WHERE kind = 'item' GROUP BY item ORDER BY MIN(position) LIMIT :limit"),
        {"limit": limit},
    )
    return tuple(sorted(str(item) for (item,) in rows))
