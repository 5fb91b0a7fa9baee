"""Records for members' nodes that pull: this node's copy of the commons, others' records included; nothing is taken in here."""

from functools import partial

import grpc

from weal_node.rpc.authentication import KnownMembers, members_only
from weal_node.rpc.server import Service
from weal_node.store import records
from weal_node.store.database import Database
from weal_protocol import serving
from weal_protocol.door import Door
from weal_protocol.v1 import sync_pb2, sync_pb2_grpc


class RecordSyncService(sync_pb2_grpc.RecordSyncServiceServicer):
    """See sync.proto."""

    def __init__(self, door: Door, directory: KnownMembers, database: Database) -> None:
        self.door, self.directory = door, directory
        self._database = database

    @members_only
    async def GetDigests(self, request: sync_pb2.GetDigestsRequest, agent_key: bytes) -> sync_pb2.GetDigestsResponse:  # noqa: N802 -- gRPC's name
        """Answer with the digests of all buckets, unless the caller's are the same."""
        author = serving.author(request.author)
        placed = await self._database.read(partial(records.placed, author=author))
        return serving.digests(placed, request.root)

    @members_only
    async def ListIds(self, request: sync_pb2.ListIdsRequest, agent_key: bytes) -> sync_pb2.ListIdsResponse:  # noqa: N802 -- gRPC's name
        """Answer with the ids of some buckets."""
        author = serving.author(request.author)
        placed = await self._database.read(partial(records.placed, author=author))
        return serving.listed(placed, request.buckets)

    @members_only
    async def GetRecords(self, request: sync_pb2.GetRecordsRequest, agent_key: bytes) -> sync_pb2.GetRecordsResponse:  # noqa: N802 -- gRPC's name
        """Answer with records as they came."""
        ids = serving.asked(request.ids)
        return await self._database.read(lambda connection: serving.given(ids, partial(records.raw, connection)))


def service(database: Database, directory: KnownMembers) -> Service:
    """Return what adds this service to a server."""

    def add(server: grpc.aio.Server, door: Door) -> None:
        sync_pb2_grpc.add_RecordSyncServiceServicer_to_server(RecordSyncService(door, directory, database), server)

    return add
