"""The commons: members publish signed records, members read them in the order in which they came."""

import asyncio

from sqlalchemy import Connection

from weal_coordinator.config import Settings
from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import records
from weal_coordinator.store.database import Database
from weal_protocol import lineage, record
from weal_protocol.errors import ForgedError, MalformedError, QuotaError
from weal_protocol.items import item_id
from weal_protocol.jury import NONE, Jury
from weal_protocol.v1 import commons_pb2, commons_pb2_grpc

MAX_PUBLISH = 256
MAX_LIST = 512
LIST_BYTES = 3 * 1024 * 1024


class CommonsService(commons_pb2_grpc.CommonsServiceServicer):
    """See commons.proto."""

    def __init__(self, database: Database, door: Door, settings: Settings, jury: Jury = NONE) -> None:
        self.door = door
        self._jury = jury
        self._database = database
        self._settings = settings
        with database.write() as connection:
            records.complete(connection)

    @members_only
    async def Publish(self, request: commons_pb2.PublishRequest, agent_key: bytes) -> commons_pb2.PublishResponse:  # noqa: N802 -- gRPC's name
        """Verify and keep records, all of them or none; publishing one again changes nothing."""
        if len(request.records) > MAX_PUBLISH:
            raise MalformedError(f"at most {MAX_PUBLISH} records at a time")
        position = await asyncio.to_thread(
            self.publish, [one.SerializeToString() for one in request.records], agent_key
        )
        return commons_pb2.PublishResponse(position=position)

    def publish(self, raws: list[bytes], agent_key: bytes) -> int:
        """Keep a member's records; return where the log stands. QuotaError and others' faults keep none of them."""
        verified = [record.read(raw) for raw in raws]
        if any(one.author != agent_key for one in verified):
            raise ForgedError("a record is not by the member who sends it")
        with self._database.write() as connection:
            for one in verified:
                if not records.known(connection, one.id):
                    self._admit(connection, one)
            return records.position(connection)

    def _admit(self, connection: Connection, one: record.Record) -> None:
        kin = records.kin(connection, lineage.named(one))
        lineage.check(one, kin, self._jury)
        if record.lasting(one.raw):
            raise MalformedError(
                "a record's header names its file, and taking it back would leave that", "Upgrade Weal"
            )
        whole, that_day = records.versions(connection, one.author.hex(), one.note.hex(), lineage.day(one.written_ms))
        lineage.check_pace(one, whole, that_day)
        count, size = records.room(connection, one.author.hex())
        # What takes records back must fit even where the member's room is full.
        share = 2 if one.kind in record.TAKERS else 1
        if (
            count >= share * self._settings.author_limit
            or size + len(one.raw) > share * self._settings.author_limit_bytes
        ):
            raise QuotaError(
                f"your records would take more than {self._settings.author_limit_bytes >> 20} MiB or "
                f"{self._settings.author_limit} places of this commons",
                "Take back what nobody needs, or ask whoever runs it",
            )
        about = kin[one.parents[0]].author.hex() if one.kind == "suggestion" else ""
        records.add(connection, one, item_id(one.body.decode()) if one.kind == "item" else "", about)

    @members_only
    async def ListRecords(  # noqa: N802 -- gRPC's name
        self, request: commons_pb2.ListRecordsRequest, agent_key: bytes
    ) -> commons_pb2.ListRecordsResponse:
        """Answer with records after a position, as many as fit one message."""
        return await asyncio.to_thread(self._list, request.after, min(max(request.limit, 1), MAX_LIST))

    def _list(self, after: int, limit: int) -> commons_pb2.ListRecordsResponse:
        with self._database.read() as connection:
            rows = records.after(connection, after, limit)
        response, size = commons_pb2.ListRecordsResponse(position=after), 0
        for position, raw in rows:
            size += len(raw)
            if size > LIST_BYTES and response.records:
                break
            response.records.append(commons_pb2.Record.FromString(raw))
            response.position = position
        return response
