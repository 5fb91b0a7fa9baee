"""The blind relay: durable mailboxes for sealed frames. It sees who, when and how large."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from weal_coordinator.config import Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import mail, members
from weal_coordinator.store.database import Database
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import relay_pb2 as pb
from weal_protocol.v1 import relay_pb2_grpc as rpc

MAX_WAIT_MS = 60_000
MAX_FETCH = 64
MAX_FRAME_BYTES = 256 * 1024
FETCH_BYTES = 3 * 1024 * 1024  # a client takes 4 MiB unless told otherwise


class RelayService(rpc.RelayServiceServicer):
    """See relay.proto. A waiting Fetch costs one future in memory, nothing on disk."""

    def __init__(self, database: Database, door: Door, settings: Settings, clock: Callable[[], int]) -> None:
        self.door = door
        self._database = database
        self._settings = settings
        self._clock = clock
        self._arrivals: defaultdict[bytes, asyncio.Event] = defaultdict(asyncio.Event)
        self._empty: set[bytes] = (
            set()
        )  # whose mailboxes have nothing, as far as this process knows: all mail comes through it

    @members_only
    async def Put(self, request: pb.PutRequest, agent_key: bytes) -> pb.PutResponse:  # noqa: N802 -- gRPC's name
        """Keep a frame for its receiver; on disk when this answers."""
        if len(request.frame.ciphertext) > MAX_FRAME_BYTES or len(request.frame.recipient) != 32:
            raise MalformedError("a frame has the wrong size")
        await asyncio.to_thread(self._put, request.frame.recipient, request.frame.ciphertext)
        self._empty.discard(request.frame.recipient)
        if event := self._arrivals.get(request.frame.recipient):
            event.set()
        return pb.PutResponse()

    def _put(self, recipient: bytes, ciphertext: bytes) -> None:
        with self._database.write() as connection:
            if not members.is_member(connection, recipient):
                raise CoordinatorError("the receiver is not a member", "Refresh the list of members")
            limit, size = self._settings.mail_limit, self._settings.mail_limit_bytes
            mail.put(connection, recipient, ciphertext, self._clock(), limit, size)

    @members_only
    async def Fetch(self, request: pb.FetchRequest, agent_key: bytes) -> pb.FetchResponse:  # noqa: N802 -- gRPC's name
        """Answer with what waits, or wait for it."""
        limit = min(max(request.limit, 1), MAX_FETCH)
        event = self._arrivals[agent_key]
        event.clear()  # before the look, so that mail that comes during it is not missed
        letters = () if agent_key in self._empty else await asyncio.to_thread(self._fetch, agent_key, limit)
        if not letters and not event.is_set():  # nothing came while we looked
            self._empty.add(agent_key)
        if not letters and request.wait_ms:
            try:
                await asyncio.wait_for(event.wait(), min(request.wait_ms, MAX_WAIT_MS) / 1_000)
                letters = await asyncio.to_thread(self._fetch, agent_key, limit)
            except TimeoutError:
                pass
        response, size = pb.FetchResponse(), 0
        for one in letters:
            size += len(one.ciphertext)
            if size > FETCH_BYTES and response.mail:
                break  # the rest comes with the next Fetch
            response.mail.add(number=one.number, ciphertext=one.ciphertext)
        return response

    def _fetch(self, recipient: bytes, limit: int) -> tuple[mail.Letter, ...]:
        with self._database.read() as connection:
            return mail.fetch(connection, recipient, limit)

    @members_only
    async def Ack(self, request: pb.AckRequest, agent_key: bytes) -> pb.AckResponse:  # noqa: N802 -- gRPC's name
        """Drop letters that arrived."""
        await asyncio.to_thread(self._acknowledge, agent_key, list(request.numbers)[:MAX_FETCH])
        return pb.AckResponse()

    def _acknowledge(self, recipient: bytes, numbers: list[int]) -> None:
        with self._database.write() as connection:
            mail.acknowledge(connection, recipient, numbers)
