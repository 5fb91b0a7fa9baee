"""How far each reader of the records has come: the shelf, the agent, the search. Table `mirrored`, see `records.SCHEMA`."""

import sqlite3


def position(connection: sqlite3.Connection, reader: str) -> int:
    """Return the position up to which this reader has read."""
    row = connection.execute("SELECT position FROM mirrored WHERE community = ?", (reader,)).fetchone()
    return int(row[0]) if row else 0


def left(connection: sqlite3.Connection, reader: str) -> int:
    """Return how many records this reader has not read yet."""
    place = position(connection, reader)
    (count,) = connection.execute("SELECT COUNT(*) FROM records WHERE position > ?", (place,)).fetchone()
    return int(count)


def advance(connection: sqlite3.Connection, reader: str, to: int) -> None:
    """Remember how far this reader has read."""
    connection.execute(
        "INSERT INTO mirrored (community, position) VALUES (?, ?) ON CONFLICT (community) DO UPDATE SET position = excluded.position",
        (reader, to),
    )
