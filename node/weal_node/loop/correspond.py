"""Correspond: sealed letters to and from other agents, through the relay.

Out: signed and put into the outbox in the caller's breath, written into the ledger, then sent, and sent again until the relay
has it. In: unsealed, verified, in order and in time, or refused by name; handled before it is acknowledged. What keeps one
letter from leaving or from being taken never keeps those of others.
"""

import asyncio
import contextlib
import hashlib
import logging
import re
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from weal_node.errors import CommunityError, UnreachableError
from weal_node.keys import Keys
from weal_node.outbound.community import Community
from weal_node.store import disclosures, mail
from weal_node.store.database import Database
from weal_protocol import envelope, sealing
from weal_protocol.cards import Member
from weal_protocol.envelope import Chain, Envelope
from weal_protocol.errors import ForgedError, WealError

log = logging.getLogger(__name__)
WAIT_MS = 55_000
RETRY_S = 2.0  # at first; twice as long each time nothing could be sent
LONGEST_RETRY_S = 30.0
OWN_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)  # never the disk's, never the wire's

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
        self._sealed: dict[int, bytes] = {}  # by number in the outbox: tried again as it was written into the ledger

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
        pause = RETRY_S / 2
        while True:
            self._something_to_send.clear()
            some_left, some_stay = await self._send_what_waits()
            pause = RETRY_S if some_left else min(2 * pause, LONGEST_RETRY_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._something_to_send.wait(), pause if some_stay else None)

    async def _send_what_waits(self) -> tuple[bool, bool]:
        """Try every letter of the outbox once; say whether any left, and whether any stays.

        The letters to one receiver leave in order: when one cannot, those after it wait, those to others do not.
        """
        some_left, held = False, set[bytes]()
        for one in await self._database.read(mail.outgoing):
            if one.recipient in held:
                continue
            if one.deadline_ms >= self._clock():
                try:
                    await self._deliver(one)
                    some_left = True
                except CommunityError as fault:
                    log.info("a letter waits: %s", fault.what)
                    held.add(one.recipient)
                    continue
                except WealError as fault:  # it can never be sealed to this receiver
                    await self._refuse(fault)
            await self._database.write(partial(mail.sent, number=one.number))
            self._sealed.pop(one.number, None)
        return some_left, bool(held)

    async def _deliver(self, one: mail.Outgoing) -> None:
        if one.number not in self._sealed:
            member = await self._community.member(one.recipient)
            sealed = sealing.seal(one.signed, member.seal_key, member.agent_key)
            digest, now = hashlib.sha256(sealed).digest(), self._clock()
            await self._database.write(
                lambda connection: disclosures.write(
                    connection, now, one.recipient.hex(), "sealed frame", digest, len(sealed), bits=one.bits
                )
            )
            self._sealed[one.number] = sealed
        await self._community.put(one.recipient, self._sealed[one.number])

    async def _receive_all(self, handlers: Mapping[str, Handler]) -> None:
        while True:
            for number, ciphertext in await self._community.fetch(WAIT_MS):
                await self._receive(ciphertext, handlers)
                await self._community.ack([number])

    async def _receive(self, ciphertext: bytes, handlers: Mapping[str, Handler]) -> None:
        """Take one letter or refuse it by name. UnreachableError says nothing about it: it will be fetched again."""
        try:
            letter, before, after = await self._open(ciphertext)
        except UnreachableError:
            raise
        except WealError as fault:
            await self._refuse(fault)
            return
        try:
            if letter.kind not in handlers:
                raise CommunityError("no one here answers letters of this kind")
            # Handled first, then marked as seen: a crash in between repeats it, and handlers are idempotent.
            await handlers[letter.kind](letter)
        except UnreachableError:
            raise
        except (WealError, *OWN_FAULTS) as fault:
            await self._refuse(fault)
            if before.seq == 0:
                return  # a session begins with a letter that was taken: strangers to it leave no trace here
        await self._database.write(
            partial(
                mail.advance, session=letter.session, sender=letter.sender, recipient=self._keys.agent_public, to=after
            )
        )

    async def _open(self, ciphertext: bytes) -> tuple[Envelope, Chain, Chain]:
        """Return a letter to us from a member, in time and in order, with its chain before and after it."""
        own = self._keys.agent_public
        signed = sealing.unseal(ciphertext, self._keys.seal, own)
        letter, digest = envelope.read(signed, self._clock())
        if letter.recipient != own:
            raise ForgedError("a letter is addressed to someone else")
        await self._community.member(letter.sender)
        before = await self._database.read(
            partial(mail.chain, session=letter.session, sender=letter.sender, recipient=own)
        )
        return letter, before, before.check(letter, digest)

    async def _refuse(self, fault: Exception) -> None:
        """Count a refusal under a name that no peer can vary: kinds of fault are few, numbers in them are not."""
        what = fault.what if isinstance(fault, WealError) else "a fault of our own"
        if not isinstance(fault, WealError):
            log.error("a letter could not be handled: %s", type(fault).__name__)
        reason = re.sub(r"[0-9]+", "#", f"{type(fault).__name__}: {what}")[:200]
        await self._database.write(partial(mail.refuse, reason=reason))
