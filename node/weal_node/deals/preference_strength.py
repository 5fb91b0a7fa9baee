"""A person may let their node say, in four steps, how much a note's swap would be worth to them.

Whoever looks for chains of help weighs them by it (weal_protocol/barter.py); silence counts as an even chance of something plain. It
is two bits about the private reward: they stand in the ledger before the note that carries them is even written.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.deals.approvals import WEEK_MS
from weal_node.deals.disclosure_budget import under_way
from weal_node.deals.stakes import ActionLimits, AtStake, check_disclosure
from weal_node.errors import RefusedError
from weal_node.negotiation import space
from weal_node.records import Item, Note, Visibility
from weal_node.store import disclosures
from weal_node.store.database import Database
from weal_node.vault.folder import Vault

BITS = 2.0  # one of four steps
# Best gain over no deal, in log-odds, from which the second, third and fourth step are disclosed. What steps bring, and which did harm:
# simulations/LOG.md, 2026-11-25, Negotiation again: "Chains, by what nodes tell".
STEPS = (0.2, 0.7, 1.5)
SELF, OTHER = bytes(32), bytes([1]) * 32  # stand for the two sides of a swap that nobody has proposed


class ScoreReader(Protocol):
    """What of the mind is needed here."""

    async def utilities(self, items: Sequence[Item], /) -> npt.NDArray[np.float64]:
        """Gains over no deal (n,)."""


async def disclose(
    database: Database, vault: Vault, settings: Settings, mind: ScoreReader, clock: Callable[[], int], note: Note
) -> Note:
    """Write into a note how strongly its person prefers its swap to no deal, as their reward model sees it; RefusedError where that makes no sense."""
    if note.visibility is Visibility.PRIVATE or not (note.needs and note.offers):
        raise RefusedError(
            "only a note that others may read, with needs and offers, can be in a chain", "Change that first"
        )
    step, now = await strength_of(mind, note), clock()
    payload = f"{note.id} keen: {step}".encode()
    limits = ActionLimits(bits_week=settings.week_bits_cap)

    def enter(connection: sqlite3.Connection) -> None:
        week = disclosures.bits_since(connection, now - WEEK_MS) + under_way(connection, now)
        check_disclosure(BITS, AtStake(bits_week=week), limits)
        disclosures.write(
            connection, now, "commons", "keenness", hashlib.sha256(payload).digest(), disclosures.Amount(1, bits=BITS)
        )

    await database.write(enter)
    return await publishing.save(database, vault, settings, now, replace(note, keen=step))


async def withdraw(database: Database, vault: Vault, settings: Settings, clock: Callable[[], int], note: Note) -> Note:
    """Take it out of the note again; what has left stays with those who have it."""
    return await publishing.save(database, vault, settings, clock(), replace(note, keen=0))


async def strength_of(mind: ScoreReader, note: Note) -> int:
    """Return the step, 1 to 4, of the best that giving what the note offers first for what it needs first could bring."""
    options = space.swap((SELF, OTHER), (note.offers[0], note.needs[0]), ())
    best = float((await mind.utilities(space.states(options, 0, ("me", "anyone")))).max())
    return 1 + int(np.searchsorted(STEPS, best, side="right"))
