"""Privacy ledger: everything that left this node, what it cost, and what the node refused to do."""

import sqlite3
from dataclasses import dataclass

from weal_node.errors import NotFoundError
from weal_node.records import Disclosure
from weal_node.store import disclosures, mail, tiers
from weal_node.store.database import Database


@dataclass(frozen=True, slots=True)
class PrivacyLedger:
    """The ledger at one moment.

    disclosures: all of them, oldest first.
    tier: what the person gives to their community's aggregation.
    refusals: how many letters had no effect, by reason.
    """

    disclosures: tuple[Disclosure, ...]
    tier: str
    refusals: dict[str, int]

    @property
    def epsilon(self) -> float:
        """What all of it spent."""
        return sum(disclosure.epsilon for disclosure in self.disclosures)


async def read(database: Database) -> PrivacyLedger:
    """Return the ledger as it stands."""

    def look(connection: sqlite3.Connection) -> PrivacyLedger:
        return PrivacyLedger(disclosures.all_of(connection), tiers.chosen(connection), mail.refusals(connection))

    return await database.read(look)


async def disclosure(database: Database, number: str) -> Disclosure:
    """Return the entry of this number, with what left; NotFoundError where there is none."""
    for entry in await database.read(disclosures.all_of):
        if str(entry.id) == number:
            return entry
    raise NotFoundError("the ledger has no such entry", "See Privacy for those that there are")
