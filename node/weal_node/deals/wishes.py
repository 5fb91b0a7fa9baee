"""Wishes: what the notes of others, as they are kept here, say that their authors need and offer."""

import sqlite3

from weal_node.deals.matching import wish_of
from weal_node.proposals.matches import NeedsAndOffers
from weal_node.store import records
from weal_node.store.database import Database

MOST = 100  # listed on one page; chosen


async def of_others(database: Database, own_key: str) -> tuple[NeedsAndOffers, ...]:
    """Return at most MOST notes of others that need or offer something, in the order in which they are kept. own_key: hex agent key."""

    def gather(connection: sqlite3.Connection) -> tuple[NeedsAndOffers, ...]:
        found: list[NeedsAndOffers] = []
        for row in records.wishing(connection):
            wish = wish_of(row) if row.author != own_key and len(found) < MOST else None
            if wish is not None:
                found.append(wish)
        return tuple(found)

    return await database.read(gather)
