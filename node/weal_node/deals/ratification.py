"""Ratify: the human's word under exact terms, logged by the notary before it is said, so that all agree whether it was in time.

First the signature is on disk with the approval that it used up; then the notary logs it; then it is said. Killed anywhere in
between, the node goes on: the same signature is logged once, and said once.
"""

import contextlib
import hashlib
import logging
import sqlite3
from collections.abc import Callable
from functools import partial

from weal_node.deals.dialogue import Conversation, Post, replayed, stand
from weal_node.errors import OWN_FAULTS, CommunityError, RefusedError, UnreachableError
from weal_node.keys import Keys
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_node.store import deals, disclosures
from weal_node.store.database import Database
from weal_protocol import deal as life
from weal_protocol import notary, signing
from weal_protocol.cards import Member
from weal_protocol.deal import DealState as Standing
from weal_protocol.errors import MalformedError, PeerError, UnlawfulMoveError, WealError
from weal_protocol.v1 import negotiation_pb2

AHEAD_MS = 10 * 60 * 1_000
log = logging.getLogger(__name__)


class Ratifying:
    """Ratifications of one node: its own on their way, and others' that are late or held back."""

    def __init__(
        self, database: Database, keys: Keys, post: Post, conversation: Conversation, clock: Callable[[], int]
    ) -> None:
        self._database = database
        self._keys = keys
        self._post = post
        self._conversation = conversation
        self._clock = clock

    def check_open(self, row: deals.DealRow, stands: Negotiation) -> None:
        """Raise RefusedError unless the person can ratify this deal now."""
        if stands.deal.state not in {Standing.AGREED, Standing.HALF_RATIFIED}:
            raise RefusedError(f"a deal that is {stands.deal.state.value} cannot be ratified")
        if self._clock() > stands.ratify_by():
            raise RefusedError("this deal has expired, or the time since the first ratified is up", "Begin a new one")
        for key, ratified in zip(stands.known().parties, stands.ratified, strict=True):
            if ratified is None and self._post.is_guest(key):
                raise RefusedError(
                    "your guest ratifies first", "Their ratification is not logged by a notary, yours is"
                )
        if row.pending is not None or stands.ratified[row.party] is not None:
            raise RefusedError("you have ratified this already")

    def sign(self, connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
        """Sign these terms with the person's key and keep it for the notary, in the transaction of the approval."""
        now = self._clock()
        digest = life.terms_hash(stands.terms())
        word = signing.sign(self._keys.ratification, "terms-human", life.ratification(digest, now))
        ratify = negotiation_pb2.Ratify(terms_sha256=digest, signature=word, ratified_ms=now)
        if stands.signed[row.party] is None:
            ratify.signed.CopyFrom(negotiation_pb2.Sign(terms_sha256=digest, signature=self._conversation.sign(digest)))
        body = ratify.SerializeToString(deterministic=True)
        disclosures.write(connection, now, "coordinator", "ratification", hashlib.sha256(body).digest(), len(body))
        deals.pend(connection, row.id, body)

    async def conclude(self) -> None:
        """Say what waits to be logged, and ask the notary about deals that have run out half ratified."""
        for row in await self._database.read(deals.unsettled):
            try:
                if row.pending is not None:
                    await self._say(row.id, row.pending)
                elif stand(row).state in life.IN_FORCE or stand(row).over:
                    await self._database.write(partial(deals.ask, deal=row.id))  # there is nothing to ask any more
                elif self._ran_out(row, stands := replayed(row)):
                    await self._ask(row, stands)
            except CommunityError as fault:
                log.info("a ratification waits: %s", fault.what)
            except (WealError, *OWN_FAULTS) as fault:  # of this deal alone: the others go on
                log.warning("a ratification waits: %s", type(fault).__name__)

    async def _say(self, deal: bytes, ratify: bytes) -> None:
        """Have our ratification logged and tell the others; drop it where the notary or the table refuses it."""
        body: bytes | None = None
        try:
            stamped = negotiation_pb2.Ratify.FromString(ratify)
            stamped.stamp.CopyFrom(await self._post.notarise(ratify))
            body = stamped.SerializeToString(deterministic=True)
        except UnreachableError:
            raise
        except CommunityError as fault:
            log.warning("the notary refused a ratification: %s", fault.what)

        def say(connection: sqlite3.Connection) -> None:
            row = deals.get(connection, deal)
            if row is None or row.pending is None:
                return
            deals.pend(connection, deal, None)
            stands = replayed(row)
            if body is not None and self._lawful(stands, Statement(row.party, "ratify", body)):
                self._conversation.say(connection, row, stands, Statement(row.party, "ratify", body))

        await self._database.write(say)
        self._post.wake()
        row = await self._database.read(lambda connection: deals.get(connection, deal))
        if body is None and row is not None:  # somebody may have ratified long ago and kept it to themselves
            await self._ask(row, replayed(row))

    def _lawful(self, stands: Negotiation, one: Statement) -> bool:
        try:
            notary.check(self._post.notary, negotiation_pb2.Ratify.FromString(one.body), stands.expires_ms)
            stands.after(one)
        except PeerError as fault:
            log.info("a ratification came to nothing: %s", fault.what)
            return False
        return True

    def _ran_out(self, row: deals.DealRow, stands: Negotiation) -> bool:
        half = stands.deal.state is Standing.HALF_RATIFIED and stands.ratified[row.party] is not None
        return half and not row.asked and self._clock() > stands.ratify_by()

    async def _ask(self, row: deals.DealRow, stands: Negotiation) -> None:
        """Take ratifications that the notary had in time, though their senders may have held them back."""
        logged, notarys_ms = await self._post.notarised(life.terms_hash(stands.terms()))
        parties = stands.known().parties
        cards = dict[bytes, Member]()
        for key in logged:
            with contextlib.suppress(
                CommunityError
            ):  # who is no member any more has said nothing that can be checked here
                if key in parties:
                    cards[key] = await self._post.member(key)
        bodies = []
        for key, card in cards.items():
            ratify = negotiation_pb2.Ratify.FromString(logged[key][0])
            ratify.stamp.CopyFrom(logged[key][1])
            try:
                self.check(ratify, card, stands)
            except PeerError as fault:
                log.info("a logged ratification does not count: %s", fault.what)
                continue
            bodies.append((key, ratify.SerializeToString(deterministic=True)))

        def take(connection: sqlite3.Connection) -> None:
            if (
                notarys_ms or self._clock()
            ) > stands.ratify_by():  # else this clock is ahead: one may still be logged in time
                deals.ask(connection, row.id)
            for key, body in bodies:
                now = deals.get(connection, row.id)
                if now is not None and replayed(now).ratified[parties.index(key)] is None:
                    with contextlib.suppress(PeerError):  # too long after the first: it binds nobody
                        self._conversation.hear(connection, row.id, key, "ratify", body)

        await self._database.write(take)

    def check(self, ratify: negotiation_pb2.Ratify, member: Member, stands: Negotiation) -> None:
        """Raise a PeerError unless a human's own key signed this, and the notary had it in time."""
        if len(ratify.terms_sha256) != 32 or not 0 <= ratify.ratified_ms < 1 << 62:
            raise MalformedError("a ratification has the wrong form")
        message = life.ratification(ratify.terms_sha256, ratify.ratified_ms)
        signing.verify(member.ratification_key, "terms-human", message, ratify.signature)
        if not self._post.is_guest(member.agent_key):
            notary.check(self._post.notary, ratify, stands.expires_ms)
        elif self._clock() > stands.ratify_by():
            raise UnlawfulMoveError("a ratification came after the deal had expired")
        elif ratify.ratified_ms > self._clock() + AHEAD_MS:  # nobody stamps it, and the time for ours counts from it
            raise UnlawfulMoveError("a guest's ratification is dated ahead of this clock")
