"""Find: drafts of deals, from what own and others' notes need and offer."""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.deals import drafts, exchange_cycles
from weal_node.keys import Keys
from weal_node.negotiation import space
from weal_node.proposals import matches
from weal_node.records import Item
from weal_node.store import deals, records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol.chains import CycleAnswer


class Comparing(Protocol):
    """What of the mind is needed here."""

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Cosines between texts (n, n)."""

    def vetoed(self, state: Item) -> str:
        """The veto that rules a state out, "" when none does."""


class Matching:
    """Looks for deals that could be, for one node."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        mind: Comparing,
        clock: Callable[[], int],
        name_of: Callable[[bytes], str],
    ) -> None:
        self._database = database
        self._keys = keys
        self._mind = mind
        self._clock = clock
        self._name_of = name_of
        self._seen: tuple[tuple[matches.NeedsAndOffers, ...], frozenset[CycleAnswer]] | None = (
            None  # what was looked through last
        )
        self._mark: tuple[tuple[int, int], tuple[int, int]] | None = None

    async def find(self) -> int:
        """Look through own and others' published notes for swaps, favours and chains; return how many new drafts there are."""
        wishes, told = await self._database.read(self._gathered)
        own = self._keys.agent_public
        await self._database.write(lambda connection: exchange_cycles.withdraw(connection, own, told))
        found = list[drafts.Draft]()
        if texts := matches.texts(wishes):
            cosines = await self._mind.similarity(texts)
            found = await asyncio.to_thread(_drafts, own.hex(), wishes, told, texts, cosines)
        new = sum([await self._draft(one) for one in found if self._is_open(one)])
        self._seen = (wishes, frozenset(told))  # only now: a look that failed is taken again
        return new

    async def again(self) -> int:
        """Look only where what notes need and offer, or what became of chains, has changed since; cheap where nothing did."""
        mark = await self._database.read(lambda connection: (records.standing(connection), deals.changes(connection)))
        if mark == self._mark:
            return 0
        wishes, told = await self._database.read(self._gathered)
        found = await self.find() if (wishes, frozenset(told)) != self._seen else 0
        self._mark = mark
        return found

    def _gathered(
        self, connection: sqlite3.Connection
    ) -> tuple[tuple[matches.NeedsAndOffers, ...], tuple[CycleAnswer, ...]]:
        wishes = tuple(wish for row in records.wishing(connection) if (wish := wish_of(row)) is not None)
        return wishes, exchange_cycles.answers(connection, self._keys.agent_public)

    def _is_open(self, made: drafts.Draft) -> bool:
        """Whether the person's vetoes leave anything of it: a deal of which every option is ruled out is not put to them."""
        of, names = made.of, [self._name_of(party) for party in made.of.parties]
        # One by one: where nothing is ruled out, the first of some thousand options says so.
        return any(not self._mind.vetoed(space.state(of, one, made.party, names)) for one in space.outcomes(of))

    async def _draft(self, made: drafts.Draft) -> bool:
        others = [party for party in made.of.parties if party != self._keys.agent_public]
        gifts = tuple(
            next((i.name for i in made.of.issues if (i.giver == made.party) is own), "") for own in (True, False)
        )
        secret, now = secrets.token_bytes(32), self._clock()
        packed = space.pack(made.of)
        return await self._database.write(
            lambda connection: deals.draft(
                connection,
                made.id,
                others[0],
                (gifts[0], gifts[1]),
                made.of.sources,
                made.why,
                secret,
                now,
                made.party,
                packed,
            )
        )


def _drafts(
    own: str,
    wishes: Sequence[matches.NeedsAndOffers],
    told: Sequence[CycleAnswer],
    texts: Sequence[str],
    cosines: npt.NDArray[np.float64],
) -> list[drafts.Draft]:
    """Return what could be, new or not; it takes a while where many wish for much."""
    close = cosines >= matches.SIMILAR
    index = {text: row for row, text in enumerate(texts)}
    mine = [wish for wish in wishes if wish.author == own]
    others = [wish for wish in wishes if wish.author != own]

    def similar(one: str, other: str) -> float:
        return float(cosines[index[one], index[other]])

    def alike(offer: str) -> list[str]:
        return [texts[int(row)] for row in np.flatnonzero(close[index[offer]])]

    swaps = matches.find(mine, others, similar)
    favours = matches.helps(mine, others, similar, swaps)
    found = [drafts.swap(one) for one in swaps] + [drafts.favour(one) for one in favours]
    return [*found, *drafts.chains(own, wishes, alike, told)]


def wish_of(row: records.Mirrored) -> matches.NeedsAndOffers | None:
    """Return what a note needs and offers; None where it says neither or cannot be read."""
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except Exception:  # noqa: BLE001 -- whatever another's words do to the parser, others' deals are found all the same
        return None
    if not note.needs and not note.offers:
        return None
    return matches.NeedsAndOffers(row.author, row.note, note.needs, note.offers, note.keen)
