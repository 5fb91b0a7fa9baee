"""This node's copy of the commons, others' records included, as it is shown to members' nodes. Nothing is taken in here."""

from collections.abc import Sequence
from functools import partial

from weal_node.store import records
from weal_node.store.database import Database
from weal_protocol import serving
from weal_protocol.v1 import sync_pb2


class Replica:
    """Reads alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def placed(self, author: str) -> tuple[tuple[bytes, int], ...]:
        """Return (id, position) of all records, or of those by this author or suggested to them; in order.
        author: hex agent key, "" for all."""
        return await self._database.read(partial(records.placed, author=author))

    async def records(self, ids: Sequence[str]) -> sync_pb2.GetRecordsResponse:
        """Return the records of these hex ids as they came, as many as fit one message; those unknown are named as missing."""
        return await self._database.read(lambda connection: serving.given(ids, partial(records.raw, connection)))
