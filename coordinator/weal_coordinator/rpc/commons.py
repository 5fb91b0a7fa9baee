"""The commons: members publish signed records, members read them in the order in which they came."""

import asyncio

from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import records
from weal_coordinator.store.database import Database
from weal_protocol import record
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.items import item_id
from weal_protocol.v1 import commons_pb2 as pb
from weal_protocol.v1 import commons_pb2_grpc as rpc

MAX_PUBLISH = 256
MAX_LIST = 512
LIST_BYTES = 3 * 1024 * 1024


class CommonsService(rpc.CommonsServiceServicer):
    """See commons.proto."""

    def __init__(self, database: Database, door: Door) -> None:
        self.door = door
        self._database = database

    @members_only
    async def Publish(self, request: pb.PublishRequest, agent_key: bytes) -> pb.PublishResponse:  # noqa: N802 -- gRPC's name
        """Verify and keep records, all of them or none; publishing one again changes nothing."""
        if len(request.records) > MAX_PUBLISH:
            raise MalformedError(f"at most {MAX_PUBLISH} records at a time")
        position = await asyncio.to_thread(
            self._publish, [one.SerializeToString() for one in request.records], agent_key
        )
        return pb.PublishResponse(position=position)

    def _publish(self, raws: list[bytes], agent_key: bytes) -> int:
        verified = [record.read(raw) for raw in raws]
        if any(one.author != agent_key for one in verified):
            raise ForgedError("a record is not by the member who sends it")
        with self._database.write() as connection:
            for one in verified:
                records.add(connection, one, item_id(one.body.decode()) if one.kind == "item" else "")
            return records.position(connection)

    @members_only
    async def ListRecords(self, request: pb.ListRecordsRequest, agent_key: bytes) -> pb.ListRecordsResponse:  # noqa: N802 -- gRPC's name
        """Answer with records after a position, as many as fit one message."""
        return await asyncio.to_thread(self._list, request.after, min(max(request.limit, 1), MAX_LIST))

    def _list(self, after: int, limit: int) -> pb.ListRecordsResponse:
        with self._database.read() as connection:
            rows = records.after(connection, after, limit)
        response, size = pb.ListRecordsResponse(position=after), 0
        for position, raw in rows:
            size += len(raw)
            if size > LIST_BYTES and response.records:
                break
            response.records.append(pb.Record.FromString(raw))
            response.position = position
        return response
