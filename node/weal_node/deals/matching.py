"""Looks for drafts of deals, in what own and others' notes need and offer."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.deals import drafts, exchange_cycles
from weal_node.deals.context import Comparer, Context
from weal_node.deals.drafts import Draft
from weal_node.negotiation import space
from weal_node.proposals import matches
from weal_node.proposals.matches import NeedsAndOffers
from weal_node.store import deals, records
from weal_node.vault import markdown
from weal_protocol.chains import CycleAnswer


@dataclass(frozen=True, slots=True)
class Gathered:
    """What deals follow from. wishes: of everyone's notes.  answers: what became of chains."""

    wishes: tuple[NeedsAndOffers, ...]
    answers: tuple[CycleAnswer, ...]

    def like(self, other: "Gathered | None") -> bool:
        """Whether the same deals follow from both."""
        return other is not None and self.wishes == other.wishes and set(self.answers) == set(other.answers)


class Matching:
    """Looks for deals that could be, for one node."""

    def __init__(self, context: Context, mind: Comparer) -> None:
        self._context = context
        self._mind = mind
        self._seen: Gathered | None = None  # what was looked through last
        self._mark: tuple[tuple[int, int], tuple[int, int]] | None = None

    async def find(self) -> int:
        """Look through own and others' published notes for swaps, favours and chains; return how many new drafts there are."""
        context, gathered = self._context, await self._context.database.read(self._gather)
        await context.database.write(
            lambda connection: exchange_cycles.withdraw(connection, context.own_key, gathered.answers)
        )
        new = 0
        for draft in await self._drafts(gathered):
            if self._is_open(draft) and await drafts.keep(context, draft):
                new += 1
        self._seen = gathered  # only now: a look that failed is taken again
        return new

    async def again(self) -> int:
        """Look only where what notes need and offer, or what became of chains, has changed since; cheap where nothing did."""
        mark = await self._context.database.read(
            lambda connection: (records.standing(connection), deals.changes(connection))
        )
        if mark == self._mark:
            return 0
        gathered = await self._context.database.read(self._gather)
        new = 0 if gathered.like(self._seen) else await self.find()
        self._mark = mark
        return new

    def _gather(self, connection: sqlite3.Connection) -> Gathered:
        wishes = [wish for row in records.wishing(connection) if (wish := wish_of(row)) is not None]
        return Gathered(tuple(wishes), exchange_cycles.answers(connection, self._context.own_key))

    async def _drafts(self, gathered: Gathered) -> list[Draft]:
        texts = matches.texts(gathered.wishes)
        if not texts:
            return []
        cosines = await self._mind.similarity(texts)
        return await asyncio.to_thread(_all_drafts, self._context.own_key.hex(), gathered, texts, cosines)

    def _is_open(self, draft: Draft) -> bool:
        """Whether the person's vetoes leave anything of it: a deal of which every option is ruled out is not put to them."""
        options, names = draft.space, list(map(self._context.name_of, draft.space.parties))
        for outcome in space.outcomes(options):  # where nothing is ruled out, the first of some thousand says so
            if not self._mind.vetoed(space.state(options, outcome, draft.party, names)):
                return True
        return False


def _all_drafts(own: str, gathered: Gathered, texts: Sequence[str], cosines: npt.NDArray[np.float64]) -> list[Draft]:
    """Return what could be, new or not; it takes a while where many wish for much. cosines: between texts (n, n)."""
    close = cosines >= matches.SIMILAR
    index = {text: row for row, text in enumerate(texts)}
    mine = [wish for wish in gathered.wishes if wish.author == own]
    others = [wish for wish in gathered.wishes if wish.author != own]

    def similar(text: str, other: str) -> float:
        return float(cosines[index[text], index[other]])

    def alike(offer: str) -> list[str]:
        return [texts[int(row)] for row in np.flatnonzero(close[index[offer]])]

    swaps = matches.find(mine, others, similar)
    favours = matches.helps(mine, others, similar, swaps)
    chains = drafts.chains(own, gathered.wishes, alike, gathered.answers)
    return [*map(drafts.swap, swaps), *map(drafts.favour, favours), *chains]


def wish_of(row: records.Mirrored) -> NeedsAndOffers | None:
    """Return what a note needs and offers; None where it says neither or cannot be read."""
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except Exception:  # noqa: BLE001 -- whatever another's words do to the parser, others' deals are found all the same
        return None
    if not note.needs and not note.offers:
        return None
    return NeedsAndOffers(row.author, row.note, note.needs, note.offers, note.keen)
