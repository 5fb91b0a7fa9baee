"""Who was expelled from the community, as its coordinator signed it; what they wrote is kept and not shown."""

import sqlite3
from collections.abc import Iterable

from weal_node.store.rows import column
from weal_protocol.expulsions import Expulsion

SCHEMA = """
CREATE TABLE expulsions (
    community TEXT NOT NULL,
    number INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (community, number)
) WITHOUT ROWID;
CREATE TABLE expelled (agent_key TEXT PRIMARY KEY, name TEXT NOT NULL, why TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


def keep(connection: sqlite3.Connection, community: str, raw: bytes, expulsion: Expulsion) -> None:
    """Keep one that was verified. raw: the serialised SignedExpulsion."""
    connection.execute(
        "INSERT INTO expulsions (community, number, raw) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (community, expulsion.number, raw),
    )
    connection.executemany(
        "INSERT INTO expelled (agent_key, name, why, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        ((key.hex(), expulsion.name, expulsion.why, expulsion.at_ms) for key in expulsion.agent_keys),
    )


def kept(connection: sqlite3.Connection, community: str) -> tuple[bytes, ...]:
    """Return a community's as signed, oldest first."""
    rows = connection.execute("SELECT raw FROM expulsions WHERE community = ? ORDER BY number", (community,))
    return tuple(column(rows))


def keys(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the hex agent keys of everybody who was expelled."""
    return frozenset(column(connection.execute("SELECT agent_key FROM expelled")))


def of(connection: sqlite3.Connection, agent_key: str) -> tuple[str, str, int] | None:
    """Return name, reason and time (Unix, ms) of the expulsion of this key (hex), None where there is none."""
    row = connection.execute("SELECT name, why, at_ms FROM expelled WHERE agent_key = ?", (agent_key,)).fetchone()
    return (str(row[0]), str(row[1]), int(row[2])) if row else None


def people(connection: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """Return name and reason of everybody who was expelled, the first first."""
    rows = connection.execute("SELECT name, why FROM expelled GROUP BY name, why, at_ms ORDER BY at_ms, name")
    return tuple(rows)


def hide(connection: sqlite3.Connection, agent_keys: Iterable[str]) -> None:
    """Take what these people wrote off the shelf and out of the index, and let no letter to them wait."""
    for key in agent_keys:
        for table in ("shelf", "shelf_topics", "shelf_links", "passages"):
            connection.execute(f"DELETE FROM {table} WHERE author = ?", (key,))  # noqa: S608 -- our own names
        connection.execute("DELETE FROM outbox WHERE recipient = ?", (bytes.fromhex(key),))
