"""The blind relay: durable mailboxes for sealed frames. It sees who, when and how large."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import grpc

from weal_coordinator.config import Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.attachment import Attachment
from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import mail, members
from weal_coordinator.store.database import Database
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.v1 import relay_pb2, relay_pb2_grpc

MAX_WAIT_MS = 60_000
MAX_FETCH = 64
MAX_FRAME_BYTES = 256 * 1024
FETCH_BYTES = 3 * 1024 * 1024  # a client takes 4 MiB unless told otherwise


class RelayService(relay_pb2_grpc.RelayServiceServicer):
    """See relay.proto. A waiting Fetch costs one future in memory, nothing on disk."""

    def __init__(self, database: Database, door: Door, settings: Settings, clock: Callable[[], int]) -> None:
        self.door = door
        self._database = database
        self._settings = settings
        self._clock = clock
        self._arrivals: defaultdict[bytes, asyncio.Event] = defaultdict(asyncio.Event)
        self._attached: dict[bytes, Attachment] = {}
        self.empty: set[bytes] = (
            set()
        )  # whose mailboxes have nothing, as far as this process knows: all mail comes through it
        door.at_end(self._end)

    @members_only
    async def Put(self, request: relay_pb2.PutRequest, agent_key: bytes) -> relay_pb2.PutResponse:  # noqa: N802 -- gRPC's name
        """Keep a frame for its receiver; on disk when this answers."""
        await self.keep(agent_key, request.frame.recipient, request.frame.ciphertext)
        return relay_pb2.PutResponse()

    async def keep(self, sender: bytes, recipient: bytes, ciphertext: bytes) -> None:
        """Keep a frame and say that it is there; a WealError where it is refused."""
        if len(ciphertext) > MAX_FRAME_BYTES or len(recipient) != 32:
            raise MalformedError("a frame has the wrong size")
        number = await asyncio.to_thread(self._put, sender, recipient, ciphertext)
        self.empty.discard(recipient)
        if event := self._arrivals.get(recipient):
            event.set()
        if attached := self._attached.get(recipient):
            attached.arrived(mail.Letter(number, ciphertext))

    async def Attach(  # noqa: N802 -- gRPC's name
        self, requests: AsyncIterator[relay_pb2.AttachRequest], context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[relay_pb2.AttachResponse]:
        """Take frames and bring mail over one connection, until the member ends it or attaches anew."""
        agent_key = self.door.member(context)
        if agent_key is None:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "members only. Sign in first")
        if before := self._attached.get(agent_key):
            before.end()
        attached = self._attached[agent_key] = Attachment(
            requests,
            partial(self.keep, agent_key),
            lambda after: self._waiting(agent_key, after),
            lambda n: self._drop(agent_key, n),
        )
        try:
            async for answer in attached.answers():
                yield answer
        finally:
            if self._attached.get(agent_key) is attached:
                del self._attached[agent_key]

    def _end(self, agent_key: bytes) -> int:
        """End what this member holds open: they have left, or were expelled."""
        attached, waits = self._attached.pop(agent_key, None), self._arrivals.pop(agent_key, None)
        self.empty.discard(agent_key)
        if attached is not None:
            attached.end()
        if waits is not None:
            waits.set()
        return int(attached is not None)

    async def _waiting(self, agent_key: bytes, after: int) -> tuple[mail.Letter, ...]:
        return await asyncio.to_thread(self._fetch, agent_key, MAX_FETCH, after)

    async def _drop(self, agent_key: bytes, numbers: list[int]) -> None:
        await asyncio.to_thread(self._acknowledge, agent_key, numbers)

    def _put(self, sender: bytes, recipient: bytes, ciphertext: bytes) -> int:
        with self._database.write() as connection:
            if not members.is_member(connection, sender):  # they left, or were expelled, while this was on its way
                raise ForgedError("this key belongs to no member", "Join with an invite first")
            if not members.is_member(connection, recipient):
                raise CoordinatorError("the receiver is not a member", "Refresh the list of members")
            limit, size = self._settings.mail_limit, self._settings.mail_limit_bytes
            return mail.put(connection, recipient, ciphertext, self._clock(), limit, size, sender)

    @members_only
    async def Fetch(self, request: relay_pb2.FetchRequest, agent_key: bytes) -> relay_pb2.FetchResponse:  # noqa: N802 -- gRPC's name
        """Answer with what waits, or wait for it."""
        limit = min(max(request.limit, 1), MAX_FETCH)
        event = self._arrivals[agent_key]
        event.clear()  # before the look, so that mail that comes during it is not missed
        letters = () if agent_key in self.empty else await asyncio.to_thread(self._fetch, agent_key, limit)
        if not letters and not event.is_set():  # nothing came while we looked
            self.empty.add(agent_key)
        if not letters and request.wait_ms:
            try:
                await asyncio.wait_for(event.wait(), min(request.wait_ms, MAX_WAIT_MS) / 1_000)
                letters = await asyncio.to_thread(self._fetch, agent_key, limit)
            except TimeoutError:
                pass
            if self._arrivals.get(agent_key) is not event:  # their sessions ended while they waited
                raise ForgedError("this key belongs to no member", "Join with an invite first")
        response, size = relay_pb2.FetchResponse(), 0
        for one in letters:
            size += len(one.ciphertext)
            if size > FETCH_BYTES and response.mail:
                break  # the rest comes with the next Fetch
            response.mail.add(number=one.number, ciphertext=one.ciphertext)
        return response

    def _fetch(self, recipient: bytes, limit: int, after: int = 0) -> tuple[mail.Letter, ...]:
        with self._database.read() as connection:
            return mail.fetch(connection, recipient, limit, after)

    @members_only
    async def Ack(self, request: relay_pb2.AckRequest, agent_key: bytes) -> relay_pb2.AckResponse:  # noqa: N802 -- gRPC's name
        """Drop letters that arrived."""
        await asyncio.to_thread(self._acknowledge, agent_key, list(request.numbers)[:MAX_FETCH])
        return relay_pb2.AckResponse()

    def _acknowledge(self, recipient: bytes, numbers: list[int]) -> None:
        with self._database.write_soon() as connection:  # else it is brought again, and known
            mail.acknowledge(connection, recipient, numbers)
