"""Members' cards as the directory last gave them, so that names and addresses are there while the coordinator is not."""

import sqlite3
from collections.abc import Iterable

from weal_node.store.rows import under

SCHEMA = """
CREATE TABLE cards (
    community TEXT NOT NULL,
    agent_key TEXT NOT NULL,
    card BLOB NOT NULL,
    has_left INTEGER NOT NULL,
    PRIMARY KEY (community, agent_key)
) WITHOUT ROWID;
"""


def keep(
    connection: sqlite3.Connection, community: str, cards: Iterable[tuple[str, bytes]], gone_keys: Iterable[str]
) -> None:
    """Keep (hex agent key, serialised SignedMemberCard), the newest of each, and who has left."""
    connection.executemany(
        "INSERT INTO cards (community, agent_key, card, has_left) VALUES (?, ?, ?, 0) "
        "ON CONFLICT (community, agent_key) DO UPDATE SET card = excluded.card, has_left = 0 WHERE length(excluded.card) > 0",
        ((community, key, card) for key, card in cards),
    )
    connection.executemany(
        "INSERT INTO cards (community, agent_key, card, has_left) VALUES (?, ?, x'', 1) "
        "ON CONFLICT (community, agent_key) DO UPDATE SET has_left = 1",
        under(community, gone_keys),
    )


def kept(connection: sqlite3.Connection, community: str) -> tuple[tuple[str, bytes, bool], ...]:
    """Return (hex agent key, card, whether they have left)."""
    rows = connection.execute("SELECT agent_key, card, has_left FROM cards WHERE community = ?", (community,))
    return tuple((str(key), bytes(card), bool(left)) for key, card, left in rows)
