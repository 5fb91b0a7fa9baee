"""Correspond: sealed letters to and from other agents, through the relay.

Out: signed and put into the outbox in the caller's breath, written into the ledger, then sent, and sent again until the relay
has it. In: unsealed, verified, in order and in time, or refused by name; handled before it is acknowledged.
"""

import asyncio
import hashlib
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from weal_node.errors import CommunityError
from weal_node.keys import Keys
from weal_node.outbound.community import Community
from weal_node.store import disclosures, mail
from weal_node.store.database import Database
from weal_protocol import envelope, sealing
from weal_protocol.cards import Member
from weal_protocol.envelope import Chain, Envelope
from weal_protocol.errors import WealError

WAIT_MS = 20_000
RETRY_S = 2.0

Handler = Callable[[Envelope], Awaitable[None]]


class Correspondence:
    """One node's letters in one community."""

    def __init__(self, database: Database, keys: Keys, community: Community, clock: Callable[[], int]) -> None:
        self._database = database
        self._keys = keys
        self._community = community
        self._clock = clock
        self._something_to_send = asyncio.Event()
        self._something_to_send.set()  # what a former process left in the outbox

    def enclose(
        self,
        connection: sqlite3.Connection,
        recipient: bytes,
        session: bytes,
        kind: str,
        body: bytes,
        deadline_ms: int,
        bits: float,
    ) -> None:
        """Sign the next letter of a session and put it into the outbox, inside the caller's transaction."""
        own = self._keys.agent_public
        before = mail.chain(connection, session, own, recipient)
        letter = Envelope(
            session, own, recipient, before.seq + 1, before.head, deadline_ms, secrets.token_bytes(16), kind, body
        )
        signed = envelope.write(letter, self._keys.agent)
        _, digest = envelope.read(signed, 0)
        mail.advance(connection, session, own, recipient, Chain(letter.seq, digest))
        mail.post(connection, recipient, signed, deadline_ms, bits)

    def wake(self) -> None:
        """Say that something was put into the outbox."""
        self._something_to_send.set()

    async def send(
        self, recipient: bytes, session: bytes, kind: str, body: bytes, deadline_ms: int, bits: float = 0.0
    ) -> None:
        """Put one letter into the outbox; it leaves from there. `bits`: about the private reward, told by it."""
        await self._database.write(
            lambda connection: self.enclose(connection, recipient, session, kind, body, deadline_ms, bits)
        )
        self.wake()

    async def member(self, agent_key: bytes) -> Member:
        """Return a member's card."""
        return await self._community.member(agent_key)

    async def refusals(self) -> dict[str, int]:
        """Return how many letters were refused so far, by named reason."""
        return await self._database.read(mail.refusals)

    async def run(self, handlers: Mapping[str, Handler]) -> None:
        """Send and receive until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_all())
            tasks.create_task(self._receive_all(handlers))

    async def _send_all(self) -> None:
        while True:
            await self._something_to_send.wait()
            self._something_to_send.clear()
            for one in await self._database.read(mail.outgoing):
                if one.deadline_ms >= self._clock():
                    await self._deliver(one)
                await self._database.write(partial(mail.sent, number=one.number))

    async def _deliver(self, one: mail.Outgoing) -> None:
        member = await self._community.member(one.recipient)
        sealed = sealing.seal(one.signed, member.seal_key, member.agent_key)
        digest, now = hashlib.sha256(sealed).digest(), self._clock()
        await self._database.write(
            lambda connection: disclosures.write(
                connection, now, one.recipient.hex(), "sealed frame", digest, len(sealed), bits=one.bits
            )
        )
        while True:
            try:
                await self._community.put(one.recipient, sealed)
                return
            except CommunityError:
                if one.deadline_ms < self._clock():
                    return
                await asyncio.sleep(RETRY_S)

    async def _receive_all(self, handlers: Mapping[str, Handler]) -> None:
        while True:
            for number, ciphertext in await self._community.fetch(WAIT_MS):
                await self._receive(ciphertext, handlers)
                await self._community.ack([number])

    async def _receive(self, ciphertext: bytes, handlers: Mapping[str, Handler]) -> None:
        own = self._keys.agent_public
        try:
            signed = sealing.unseal(ciphertext, self._keys.seal, own)
            letter, digest = envelope.read(signed, self._clock())
            if letter.recipient != own:
                raise CommunityError("a letter is addressed to someone else")
            await self._community.member(letter.sender)
            before = await self._database.read(
                lambda connection: mail.chain(connection, letter.session, letter.sender, own)
            )
            after = before.check(letter, digest)
            handler = handlers.get(letter.kind)
            if handler is None:
                raise CommunityError(f"no one here answers letters of kind {letter.kind}")
            # Handled first, then marked as seen: a crash in between repeats it, and handlers are idempotent.
            await handler(letter)
            await self._database.write(
                lambda connection: mail.advance(connection, letter.session, letter.sender, own, after)
            )
        except WealError as fault:
            reason = f"{type(fault).__name__}: {fault.what}"[:200]
            await self._database.write(lambda connection: mail.refuse(connection, reason))
