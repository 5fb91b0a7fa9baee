"""Reads the options of deals that could begin, before anyone lets an agent in, so that nobody waits for the encoder then.

The encoder takes 2 ms of a core for an option (simulations/LOG.md, 2026-11-30, "An encoder for the person's language"); what it made is stored by text (Mind.vectors), so reading ahead is all there is to do.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.deals.dialogue import replayed
from weal_node.deals.drafts import drafted
from weal_node.keys import Keys
from weal_node.negotiation import space
from weal_node.records import Item
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol.deal import DealState

# At 11 ms an option, as it was, half a second was what entering waited for (simulations/LOG.md, 2026-11-25, Negotiation again).
MOST = {DealState.DRAFT: 150, DealState.INVITED: 2_000}  # options: of what may never begin, of what someone waits for
CHUNK = 64  # options at a time: others want the encoder too


class Encoding(Protocol):
    """What of the mind is needed here."""

    async def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit embeddings (n, WIDTH), kept for later."""


class Preparing:
    """Reads ahead for one node."""

    def __init__(self, database: Database, keys: Keys, mind: Encoding) -> None:
        self._database = database
        self._own = keys.agent_public
        self._mind = mind
        self._read: set[tuple[bytes, bytes | None, DealState]] = set()

    async def prepare(self) -> int:
        """Read the options of every deal that waits for its person; return how many there were to read."""
        count = 0
        for row in await self._database.read(deals.every):
            if row.utilities is not None or row.dismissed:
                continue
            negotiation = replayed(row)
            state = negotiation.deal.state
            mark = (row.id, row.space, state)
            if state not in MOST or mark in self._read:
                continue
            options = negotiation.space or drafted(row, self._own)
            if options.size <= MOST[state]:
                count += await self._read_all(space.states(options, row.party))
            self._read.add(mark)
        return count

    async def _read_all(self, items: tuple[Item, ...]) -> int:
        for start in range(0, len(items), CHUNK):
            await self._mind.vectors([item.text for item in items[start : start + CHUNK]])
        return len(items)
