"""The charter of the joined community: what it changed, whether rounds wait for the person's word on what they cost now, and that word.

Rounds were agreed to under the terms of the charter at joining. What else a charter says holds from the moment it is known, and is told.
"""

import asyncio
import itertools
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from weal_node.config import Settings
from weal_node.errors import RefusedError
from weal_node.federation.tiers import cost
from weal_node.outbound.membership import Membership
from weal_node.store import charters
from weal_node.store.database import Database
from weal_protocol import charters as wire
from weal_protocol.errors import MalformedError
from weal_protocol.terms import Terms


@dataclass(frozen=True, slots=True)
class Change:
    """One amendment. at_ms: Unix time when it was signed.  difference: lines of a unified diff to the charter before."""

    number: int
    at_ms: int
    difference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CharterView:
    """How the charter stands. changes: newest first.  waits: whether this node answers no round until its person has agreed.
    cost: what rounds would cost now, in a sentence, "" where nothing waits.  forks: what was shown and does not go on from it."""

    changes: tuple[Change, ...]
    waits: bool
    cost: str
    forks: tuple[str, ...]

    @property
    def number(self) -> int:
        """The number of the charter in force, 0 for the first."""
        return self.changes[0].number if self.changes else 0

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self) | {"number": self.number}


async def look(database: Database, membership: Membership, settings: Settings) -> CharterView:
    """Return how the charter stands. Up to seconds of work where rounds wait: what they would cost is worked out."""
    waiting, forks = await database.read(
        lambda connection: (waits(connection, membership), charters.forks(connection, membership.id))
    )
    sentence = await asyncio.to_thread(cost, membership.rounds, settings) if waiting else ""
    return CharterView(changes(membership), waiting, sentence, forks)


def changes(membership: Membership) -> tuple[Change, ...]:
    """Return every amendment, newest first."""
    if not membership.amendments:
        return ()
    entries = membership.chain.entries
    made = [
        Change(entry.number, entry.at_ms, wire.difference(before.text, entry.text))
        for before, entry in itertools.pairwise(entries)
    ]
    return tuple(made[::-1])


def agreed(connection: sqlite3.Connection, membership: Membership) -> Terms | None:
    """Return what the person agreed that rounds may cost: last of all, else by joining; None for nothing that can be accounted for."""
    terms = charters.agreed(connection, membership.id)
    try:
        return Terms.of_charter(membership.first or membership.charter) if terms is None else Terms.read(terms)
    except MalformedError:
        return None


def waits(connection: sqlite3.Connection, membership: Membership) -> bool:
    """Say whether rounds cost something else by the charter in force than the person agreed to."""
    return membership.rounds != agreed(connection, membership)


async def agree(database: Database, membership: Membership, number: int, now_ms: int) -> None:
    """Agree to what rounds cost by the charter in force. number: of the charter that the person was shown; RefusedError for another."""
    now = len(membership.amendments)
    if number != now:
        raise RefusedError("the charter is another than the one you were shown", "Look at it again, then agree")
    await database.write(lambda connection: enter(connection, membership, now_ms))


def enter(connection: sqlite3.Connection, membership: Membership, now_ms: int) -> None:
    """Enter that the person agreed to the charter in force: by joining under it, or by their word since."""
    terms = membership.rounds
    charters.agree(connection, membership.id, terms.text if terms else "", now_ms)
