"""What is done with a frame that came. Unsealed, verified, in order and in time, or refused by name; its effect, the
answer it calls for and the mark that it was taken are one transaction; acknowledged after that; kept as it was signed.

A letter that comes before its turn is kept until then; one that comes again has no effect; a sender who signed two letters for
one place is found out, and both are kept as the proof.
"""

import asyncio
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from weal_node.errors import OWN_FAULTS, CommunityError, SwitchedOffError, UnreachableError
from weal_node.keys import Keys
from weal_node.store import letters, mail
from weal_node.store.database import Database
from weal_protocol import envelope, sealing
from weal_protocol.cards import Member
from weal_protocol.envelope import Envelope, HashChain
from weal_protocol.errors import EarlyError, EquivocatedError, ForgedError, ReplayedError, WealError

log = logging.getLogger(__name__)

Effect = Callable[[sqlite3.Connection], None]
Handler = Callable[
    [Envelope], Awaitable[Effect | None]
]  # the effect happens in the transaction that marks the letter as taken


class Inbox:
    """Takes frames one at a time, whichever way they came."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        member: Callable[[bytes], Awaitable[Member]],
        clock: Callable[[], int],
        check_on: Callable[[], None],
    ) -> None:
        self._database = database
        self._keys = keys
        self._member = member
        self._clock = clock
        self._check_on = check_on
        self._taking = asyncio.Lock()

    async def take(self, ciphertext: bytes, handlers: Mapping[str, Handler]) -> None:
        """Take one frame or refuse it by name. UnreachableError says nothing about it: it will be brought again; and so
        it is with a frame that comes when everything is switched off."""
        async with self._taking:
            self._check_on()
            try:
                signed = await self._unsealed(ciphertext)
            except (WealError, *OWN_FAULTS) as fault:
                await self.refuse(fault)
                return
            waiting: bytes | None = signed
            while waiting is not None:
                waiting = await self._take(waiting, handlers)

    async def _take(self, signed: bytes, handlers: Mapping[str, Handler]) -> bytes | None:
        """Take one signed letter; return the next of its sender where that has waited for it."""
        try:
            letter, before, after = await self._open(signed)
        except UnreachableError:
            raise
        except (WealError, *OWN_FAULTS) as fault:
            await self.refuse(fault)
            return None
        if after is None:
            return None  # it waits for its turn
        try:
            if letter.kind not in handlers:
                raise CommunityError("no one here answers letters of this kind")
            effect = None if await self._taken(letter) else await handlers[letter.kind](letter)
            return await self._mark(letter, signed, after, effect)
        except (UnreachableError, SwitchedOffError):
            raise
        except (WealError, *OWN_FAULTS) as fault:
            await self.refuse(fault)
            if before.seq == 0:
                return None  # a session begins with a letter that was taken: strangers to it leave no trace here
        return await self._mark(letter, signed, after, None)

    async def _unsealed(self, ciphertext: bytes) -> bytes:
        """Open a frame with our long-lived key or one of a session that is not over."""
        own = self._keys.agent_public
        for session, private in await self._database.read(partial(letters.own_prekeys, owner=own)):
            try:
                signed = sealing.unseal(ciphertext, X25519PrivateKey.from_private_bytes(private), own, session)
            except ForgedError:
                continue
            if envelope.session_of(signed) != session:
                raise ForgedError("a letter was sealed to the key of another session")
            return signed
        return sealing.unseal(ciphertext, self._keys.seal, own)

    async def _open(self, signed: bytes) -> tuple[Envelope, HashChain, HashChain | None]:
        """Return a letter to us from a member, in time, with its chain before and after it; None where it is early."""
        own = self._keys.agent_public
        letter, digest = envelope.read(signed, self._clock())
        if letter.recipient != own:
            raise ForgedError("a letter is addressed to someone else")
        await self._member(letter.sender)
        chain = partial(mail.chain, session=letter.session, sender=letter.sender, recipient=own)
        before = await self._database.read(chain)
        try:
            return letter, before, before.check(letter, digest)
        except EarlyError:
            waits = partial(letters.wait, letter=letter, signed=signed, now_ms=self._clock())
            if await self._database.write(waits):
                return letter, before, None
            raise
        except ReplayedError:
            earlier = partial(letters.at, session=letter.session, sender=letter.sender, recipient=own, seq=letter.seq)
            stored = await self._database.read(earlier)
            if stored is None or envelope.digest_of(stored) == digest:
                raise
            fault = EquivocatedError(f"envelope {letter.seq} came with two contents")
        except EquivocatedError as found:
            fault = found
        proof = partial(letters.equivocate, session=letter.session, sender=letter.sender, seq=letter.seq, signed=signed)
        await self._database.write(proof)
        raise fault

    async def _taken(self, letter: Envelope) -> bool:
        known = partial(letters.taken, session=letter.session, sender=letter.sender, recipient=letter.recipient)
        return await self._database.read(partial(known, key=letter.idempotency_key))

    async def _mark(self, letter: Envelope, signed: bytes, after: HashChain, effect: Effect | None) -> bytes | None:
        """Have the effect and remember in the same transaction that a letter was taken; return the one that waited for it."""
        own = self._keys.agent_public

        def mark(connection: sqlite3.Connection) -> bytes | None:
            mail.advance(connection, letter.session, letter.sender, own, after)
            if letter.kind != "round":
                letters.keep(connection, letter, signed)
            if letter.prekey:
                letters.prekey(connection, letter.session, letter.sender, letter.prekey, None, letter.deadline_ms)
            if effect is not None:
                effect(connection)
            return letters.due(connection, letter.session, letter.sender, after.seq + 1)

        return await self._database.write(mark)

    async def refuse(self, fault: Exception) -> None:
        """Count and log a refusal under a name that no peer can vary: kinds of fault are few, numbers in them are not."""
        what = fault.what if isinstance(fault, WealError) else "a fault of our own"
        reason = re.sub(r"[0-9]+", "#", f"{type(fault).__name__}: {what}")[:200]
        if isinstance(fault, WealError):
            log.warning("a letter was refused: %s", reason)
        else:
            log.error("a letter could not be handled: %s", type(fault).__name__)
        await self._database.write(partial(mail.refuse, reason=reason))
