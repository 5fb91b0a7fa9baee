"""Find: drafts of deals, from what own and others' notes need and offer."""

import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.keys import Keys
from weal_node.loop import draft
from weal_node.loop.promises import answered
from weal_node.negotiation import space
from weal_node.proposals import matches
from weal_node.store import deals as stored
from weal_node.store import records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol.errors import WealError


class Comparing(Protocol):
    """What of the mind is needed here."""

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Cosines between texts (n, n)."""


class Finding:
    """Looks for deals that could be, for one node."""

    def __init__(self, database: Database, keys: Keys, mind: Comparing, clock: Callable[[], int]) -> None:
        self._database = database
        self._keys = keys
        self._mind = mind
        self._clock = clock

    async def find(self) -> int:
        """Look through own and others' published notes for swaps, favours and chains; return how many new drafts there are."""
        own_key = self._keys.agent_public.hex()
        wishes = [wish for row in await self._database.read(records.notes) if (wish := _wish(row)) is not None]
        texts = matches.texts(wishes)
        if not texts:
            return 0
        cosines, index = await self._mind.similarity(texts), {text: row for row, text in enumerate(texts)}
        mine = [wish for wish in wishes if wish.author == own_key]
        others = [wish for wish in wishes if wish.author != own_key]

        def similar(one: str, other: str) -> float:
            return float(cosines[index[one], index[other]])

        agreed, vetoed = await self._database.read(answered)
        found = [draft.swap(one) for one in matches.find(mine, others, similar)]
        found += [draft.favour(one) for one in matches.helps(mine, others, similar)]
        found += draft.chains(own_key, wishes, similar, agreed, vetoed)
        return sum([await self._draft(one) for one in found])

    async def _draft(self, made: draft.Draft) -> bool:
        others = [party for party in made.of.parties if party != self._keys.agent_public]
        gifts = tuple(
            next((i.name for i in made.of.issues if (i.giver == made.party) is own), "") for own in (True, False)
        )
        secret, now = secrets.token_bytes(32), self._clock()
        packed = space.pack(made.of)
        return await self._database.write(
            lambda connection: stored.draft(
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


def _wish(row: records.Mirrored) -> matches.Wish | None:
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except WealError:
        return None
    return (
        matches.Wish(row.author, row.note, note.needs, note.offers, note.keen) if note.needs and note.offers else None
    )
