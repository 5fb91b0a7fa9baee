"""Records for members' nodes that pull: the whole commons, or what one person wrote and was suggested to them."""

import asyncio

from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import records
from weal_coordinator.store.database import Database
from weal_protocol import serving
from weal_protocol.v1 import sync_pb2, sync_pb2_grpc

Placed = tuple[tuple[bytes, int], ...]


class RecordSyncService(sync_pb2_grpc.RecordSyncServiceServicer):
    """See sync.proto."""

    def __init__(self, database: Database, door: Door) -> None:
        self.door = door
        self._database = database
        self._whole: tuple[int, Placed] = (0, ())  # every member asks for it every few seconds

    @members_only
    async def GetDigests(self, request: sync_pb2.GetDigestsRequest, agent_key: bytes) -> sync_pb2.GetDigestsResponse:  # noqa: N802 -- gRPC's name
        """Answer with the digests of all buckets, unless the caller's are the same."""
        author = serving.author(request.author)
        return await asyncio.to_thread(lambda: serving.digests(self._placed(author), request.root))

    @members_only
    async def ListIds(self, request: sync_pb2.ListIdsRequest, agent_key: bytes) -> sync_pb2.ListIdsResponse:  # noqa: N802 -- gRPC's name
        """Answer with the ids of some buckets."""
        author = serving.author(request.author)
        return await asyncio.to_thread(lambda: serving.listed(self._placed(author), request.buckets))

    @members_only
    async def GetRecords(self, request: sync_pb2.GetRecordsRequest, agent_key: bytes) -> sync_pb2.GetRecordsResponse:  # noqa: N802 -- gRPC's name
        """Answer with records as they came."""
        return await asyncio.to_thread(self._given, serving.asked(request.ids))

    def _placed(self, author: str) -> Placed:
        with self._database.read() as connection:
            if author:
                return records.placed(connection, author)
            latest, known = self._whole
            if records.position(connection) > latest:  # records only ever come
                known = (*known, *records.placed(connection, after=latest))
                self._whole = (known[-1][1], known)
            return known

    def _given(self, ids: tuple[str, ...]) -> sync_pb2.GetRecordsResponse:
        with self._database.read() as connection:
            return serving.given(ids, lambda some: records.raw(connection, some))
