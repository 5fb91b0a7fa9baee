"""Records for members' nodes that pull: this node's copy of the commons, others' records included; nothing is taken in here."""

import grpc

from weal_node.commons.serving import Replica
from weal_node.rpc.authentication import KnownMembers, members_only
from weal_node.rpc.server import Service
from weal_protocol import serving
from weal_protocol.door import Door
from weal_protocol.v1 import sync_pb2, sync_pb2_grpc


class RecordSyncService(sync_pb2_grpc.RecordSyncServiceServicer):
    """See sync.proto."""

    def __init__(self, door: Door, directory: KnownMembers, replica: Replica) -> None:
        self.door, self.directory = door, directory
        self._replica = replica

    @members_only
    async def GetDigests(self, request: sync_pb2.GetDigestsRequest, agent_key: bytes) -> sync_pb2.GetDigestsResponse:  # noqa: N802 -- gRPC's name
        """Answer with the digests of all buckets, unless the caller's are the same."""
        placed = await self._replica.placed(serving.author(request.author))
        return serving.digests(placed, request.root)

    @members_only
    async def ListIds(self, request: sync_pb2.ListIdsRequest, agent_key: bytes) -> sync_pb2.ListIdsResponse:  # noqa: N802 -- gRPC's name
        """Answer with the ids of some buckets."""
        placed = await self._replica.placed(serving.author(request.author))
        return serving.listed(placed, request.buckets)

    @members_only
    async def GetRecords(self, request: sync_pb2.GetRecordsRequest, agent_key: bytes) -> sync_pb2.GetRecordsResponse:  # noqa: N802 -- gRPC's name
        """Answer with records as they came."""
        return await self._replica.records(serving.asked(request.ids))


def service(replica: Replica, directory: KnownMembers) -> Service:
    """Return what adds this service to a server."""

    def add(server: grpc.aio.Server, door: Door) -> None:
        sync_pb2_grpc.add_RecordSyncServiceServicer_to_server(RecordSyncService(door, directory, replica), server)

    return add
