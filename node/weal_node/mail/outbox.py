"""Sealed letters to and from other agents, straight to their node where it can be reached, else through the relay.

Out: signed and put into the outbox in the caller's breath, written into the ledger, then sent, and sent again until it is
taken or on the relay's disk. In: mail/inbox.py. What keeps one letter from leaving or from being taken never keeps those of
others.
"""

import asyncio
import contextlib
import hashlib
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from weal_node.errors import CommunityError, SwitchedOffError
from weal_node.keys import Keys
from weal_node.mail.inbox import Handler, Inbox
from weal_node.store import disclosures, letters, mail
from weal_node.store.database import Database
from weal_protocol import envelope, sealing
from weal_protocol.cards import Member
from weal_protocol.envelope import Envelope, HashChain
from weal_protocol.errors import WealError

__all__ = ["Handler", "Outbox", "Routes", "UnsignedLetter"]
log = logging.getLogger(__name__)
WAIT_MS = 55_000
RETRY_S = 2.0  # at first; twice as long each time nothing could be sent
LONGEST_RETRY_S = 30.0
WITHOUT_PREKEY = "round"  # with the coordinator, which has none


class Relay(Protocol):
    """What of a community is needed here (outbound/community.py)."""

    async def member(self, agent_key: bytes) -> Member:
        """Return a member's card."""

    async def put(self, recipient: bytes, ciphertext: bytes) -> None:
        """Hand a sealed frame to the relay."""

    async def fetch(self, wait_ms: int) -> list[tuple[int, bytes]]:
        """Return mail that was not acknowledged."""

    async def ack(self, numbers: list[int]) -> None:
        """Say that mail arrived."""


class DirectRoute(Protocol):
    """A way to another node that needs no relay (outbound/direct.py)."""

    async def deliver(self, member: Member, ciphertext: bytes) -> bool:
        """Hand a frame over; False where that node cannot be reached now."""


def _no_guest(_key: bytes) -> Member | None:
    return None


@dataclass(frozen=True, slots=True)
class Routes:
    """Who is reached otherwise than by the relay. direct: straight to members' nodes.  guest: what stands for the card of a guest
    (deals/guests.py)."""

    direct: DirectRoute | None = None
    guest: Callable[[bytes], Member | None] = _no_guest


RELAY_ALONE = Routes()


@dataclass(frozen=True, slots=True)
class UnsignedLetter:
    """A letter before it is numbered, signed and sealed: what is said to one receiver in one session. bits: about the private reward, told by it."""

    recipient: bytes
    session: bytes
    kind: str
    body: bytes
    deadline_ms: int
    bits: float = 0.0


class Outbox:
    """One node's letters in one community."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        community: Relay,
        clock: Callable[[], int],
        check_on: Callable[[], None] = lambda: None,
        routes: Routes = RELAY_ALONE,
    ) -> None:
        """check_on: raises SwitchedOffError once the person has switched everything off; asked before every letter."""
        self._guest = routes.guest
        self._check_on = check_on
        self._database = database
        self._keys = keys
        self._community = community
        self._direct = routes.direct
        self._clock = clock
        self._reception = Inbox(database, keys, community.member, clock, check_on)
        self._something_to_send = asyncio.Event()
        self._something_to_send.set()  # what a former process left in the outbox
        self._sealed: dict[int, bytes] = {}  # by number in the outbox: tried again as it was written into the ledger

    def enclose(
        self,
        connection: sqlite3.Connection,
        unsigned: UnsignedLetter,
    ) -> None:
        """Sign the next letter of a session and put it into the outbox, inside the caller's transaction."""
        recipient, session, bits = unsigned.recipient, unsigned.session, unsigned.bits
        kind, body, deadline_ms = unsigned.kind, unsigned.body, unsigned.deadline_ms
        own = self._keys.agent_public
        if self.is_guest(recipient):  # they read it in the task: written down, as whatever leaves
            now, digest = self._clock(), hashlib.sha256(body).digest()
            disclosures.write(
                connection, now, recipient.hex(), "word to a guest", digest, disclosures.Amount(len(body), bits=bits)
            )
            return
        before = mail.chain(connection, session, own, recipient)
        prekey = b""
        if kind != WITHOUT_PREKEY:
            letters.erase(connection, self._clock())
            fresh = X25519PrivateKey.generate()
            pair = (fresh.public_key().public_bytes_raw(), fresh.private_bytes_raw())
            held = letters.prekey(connection, session, own, *pair, deadline_ms)
            prekey = held if before.seq == 0 else b""
        key = _act(connection, session, own, recipient, kind, body)
        seq = before.seq + 1
        letter = Envelope(session, own, recipient, seq, before.head, deadline_ms, key, kind, body, prekey)
        signed = envelope.write(letter, self._keys.agent)
        _, digest = envelope.read(signed, 0)
        mail.advance(connection, session, own, recipient, HashChain(seq, digest))
        letters.keep(connection, letter, signed)
        sealed = None
        if their_prekey := letters.prekey_of(connection, session, recipient):
            sealed = sealing.seal(signed, their_prekey, recipient, session)
            self._disclose(connection, recipient, sealed, bits)
        mail.post(connection, letter, signed, bits, sealed)

    def _disclose(self, connection: sqlite3.Connection, recipient: bytes, sealed: bytes, bits: float) -> None:
        digest = hashlib.sha256(sealed).digest()
        disclosures.write(
            connection,
            self._clock(),
            recipient.hex(),
            "sealed frame",
            digest,
            disclosures.Amount(len(sealed), bits=bits),
        )

    def wake(self) -> None:
        """Say that something was put into the outbox."""
        self._something_to_send.set()

    async def send(
        self, recipient: bytes, session: bytes, kind: str, body: bytes, deadline_ms: int, bits: float = 0.0
    ) -> None:
        """Put one letter into the outbox; it leaves from there. `bits`: about the private reward, told by it."""
        await self._database.write(
            lambda connection: self.enclose(
                connection, UnsignedLetter(recipient, session, kind, body, deadline_ms, bits)
            )
        )
        self.wake()

    async def member(self, agent_key: bytes) -> Member:
        """Return a member's card, or what stands for a guest's."""
        return self._guest(agent_key) or await self._community.member(agent_key)

    def is_guest(self, agent_key: bytes) -> bool:
        """Say whether this key is a guest's."""
        return self._guest(agent_key) is not None

    async def refusals(self) -> dict[str, int]:
        """Return how many letters were refused so far, by named reason."""
        return await self._database.read(mail.refusals)

    async def refuse(self, fault: Exception) -> None:
        """Count and log a refusal of something that came by letter and was judged later."""
        await self._reception.refuse(fault)

    async def run(self, handlers: Mapping[str, Handler]) -> None:
        """Send and receive until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_all())
            tasks.create_task(self._receive_all(handlers))

    async def take(self, ciphertext: bytes, handlers: Mapping[str, Handler]) -> None:
        """Take one frame, or refuse it by name. UnreachableError or SwitchedOffError: it says nothing, bring it again."""
        await self._reception.take(ciphertext, handlers)
        self.wake()  # it may have called for an answer

    async def _receive_all(self, handlers: Mapping[str, Handler]) -> None:
        while True:
            for number, ciphertext in await self._community.fetch(WAIT_MS):
                await self.take(ciphertext, handlers)
                await self._community.ack([number])

    async def _send_all(self) -> None:
        pause = RETRY_S / 2
        while True:
            self._something_to_send.clear()
            some_left, some_stay = await self.send_waiting()
            pause = RETRY_S if some_left else min(2 * pause, LONGEST_RETRY_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._something_to_send.wait(), pause if some_stay else None)

    async def send_waiting(self) -> tuple[bool, bool]:
        """Try every letter of the outbox once; say whether any left, and whether any stays.

        The letters to one receiver leave in order: when one cannot, those after it wait, those to others do not.
        """
        some_left, blocked = False, set[bytes]()
        for letter in await self._database.read(mail.outgoing):
            if letter.recipient in blocked:
                continue
            if letter.deadline_ms >= self._clock():
                try:
                    await self._deliver(letter)
                    some_left = True
                except (CommunityError, SwitchedOffError) as fault:
                    log.info("a letter waits: %s", fault.what)
                    blocked.add(letter.recipient)
                    continue
                except WealError as fault:  # it can never be sealed to this receiver
                    await self._reception.refuse(fault)
            await self._database.write_soon(
                partial(mail.sent, number=letter.number)
            )  # else it is sent again, and known
            self._sealed.pop(letter.number, None)
        return some_left, bool(blocked)

    async def _deliver(self, letter: mail.Outgoing) -> None:
        self._check_on()
        member = await self._community.member(letter.recipient)
        sealed = letter.sealed or self._sealed.get(letter.number)
        if sealed is None:  # the first letters of a session: sealed to the key on the card
            fresh = self._sealed[letter.number] = sealing.seal(letter.signed, member.seal_key, member.agent_key)
            await self._database.write(
                lambda connection: self._disclose(connection, letter.recipient, fresh, letter.bits)
            )
            self._check_on()
            sealed = fresh
        if self._direct is not None and await self._direct.deliver(member, sealed):
            return
        await self._community.put(letter.recipient, sealed)


def _act(connection: sqlite3.Connection, session: bytes, own: bytes, recipient: bytes, kind: str, body: bytes) -> bytes:
    """Return the key of an act: the same for every receiver of it, another when the same is said once more."""
    for number in range(1_000):
        act = b"\0".join((session, own, kind.encode(), str(number).encode(), body))
        key = hashlib.sha256(b"weal/1/act\0" + act).digest()[:16]
        if not letters.taken(connection, session, own, recipient, key):
            return key
    raise CommunityError("the same was said too often in one session")
