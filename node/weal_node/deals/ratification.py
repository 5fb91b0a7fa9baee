"""The human's word under exact terms, logged by the notary before it is said, so that all agree whether it was in time.

First the signature is on disk with the approval that it used up; then the notary logs it; then it is said. Killed anywhere in
between, the node goes on: the same signature is logged once, and said once.
"""

import contextlib
import hashlib
import logging
import sqlite3
from collections.abc import Iterable
from functools import partial

from weal_node.deals import dialogue
from weal_node.deals.context import Context, Logged
from weal_node.deals.dialogue import replayed
from weal_node.deals.situation import Situation
from weal_node.deals.summary import summarise
from weal_node.errors import OWN_FAULTS, CommunityError, RefusedError, UnreachableError
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_node.store import deals, disclosures
from weal_protocol import deal as life
from weal_protocol import notary, signing
from weal_protocol.cards import Member
from weal_protocol.deal import DealState
from weal_protocol.errors import MalformedError, PeerError, UnlawfulMoveError, WealError
from weal_protocol.v1 import negotiation_pb2

AHEAD_MS = 10 * 60 * 1_000  # how far a guest's clock may be ahead of this one
log = logging.getLogger(__name__)


def check_guests_first(situation: Situation) -> None:
    """Raise RefusedError while a guest of this deal has not ratified."""
    negotiation = situation.negotiation
    for party, ratified in zip(negotiation.known().parties, negotiation.ratified, strict=True):
        if ratified is None and party in situation.guests:
            raise RefusedError("your guest ratifies first", "Their ratification is not logged by a notary, yours is")


def sign(context: Context, connection: sqlite3.Connection, situation: Situation) -> None:
    """Sign these terms with the person's key and keep it for the notary, in the transaction of the approval."""
    row, negotiation, now = situation.row, situation.negotiation, context.clock()
    digest = life.terms_hash(negotiation.terms())
    word = signing.sign(context.keys.ratification, "terms-human", life.ratification(digest, now))
    ratify = negotiation_pb2.Ratify(terms_sha256=digest, signature=word, ratified_ms=now)
    if negotiation.signed[row.party] is None:
        by_agent = dialogue.agent_signature(context.keys, digest)
        ratify.signed.CopyFrom(negotiation_pb2.Sign(terms_sha256=digest, signature=by_agent))
    body = ratify.SerializeToString(deterministic=True)
    disclosures.write(
        connection, now, "coordinator", "ratification", hashlib.sha256(body).digest(), disclosures.Amount(len(body))
    )
    deals.pend(connection, row.id, body)


async def conclude(context: Context) -> None:
    """Say what waits to be logged, and ask the notary about deals that have run out half ratified."""
    for row in await context.database.read(deals.unsettled):
        try:
            await _go_on(context, row)
        except CommunityError as fault:
            log.info("a ratification waits: %s", fault.what)
        except (WealError, *OWN_FAULTS) as fault:  # of this deal alone: the others go on
            log.warning("a ratification waits: %s", type(fault).__name__)


async def _go_on(context: Context, row: deals.DealRow) -> None:
    """Take the next step of one ratification."""
    if row.pending is not None:
        await log_and_say(context, row.id, row.pending)
        return
    summary = summarise(row)
    if summary.state in life.IN_FORCE or summary.over:
        await context.database.write(partial(deals.ask, deal=row.id))  # there is nothing to ask any more
    elif _ran_out(context, row, negotiation := replayed(row)):
        await _ask(context, row, negotiation)


async def log_and_say(context: Context, deal: bytes, ratify: bytes) -> None:
    """Have our ratification logged and tell the others; drop it where the notary or the table refuses it."""
    body = await _stamped(context, ratify)

    def say(connection: sqlite3.Connection) -> None:
        row = deals.get(connection, deal)
        if row is None or row.pending is None:
            return
        deals.pend(connection, deal, None)
        negotiation = replayed(row)
        if body is not None and _is_lawful(context, negotiation, row.party, body):
            dialogue.say(context, connection, row, negotiation, Statement(row.party, "ratify", body))

    await context.database.write(say)
    context.post.wake()
    row = await context.database.read(lambda connection: deals.get(connection, deal))
    if body is None and row is not None:  # somebody may have ratified long ago and kept it to themselves
        await _ask(context, row, replayed(row))


async def _stamped(context: Context, ratify: bytes) -> bytes | None:
    """Return our ratification with the notary's stamp; None where the notary refuses it."""
    context.approvals.check_on()
    try:
        stamp = await context.notary.notarise(ratify)
    except UnreachableError:
        raise
    except CommunityError as fault:
        log.warning("the notary refused a ratification: %s", fault.what)
        return None
    stamped = negotiation_pb2.Ratify.FromString(ratify)
    stamped.stamp.CopyFrom(stamp)
    return stamped.SerializeToString(deterministic=True)


def _is_lawful(context: Context, negotiation: Negotiation, party: int, body: bytes) -> bool:
    """Whether our stamped ratification is in time for everyone."""
    try:
        ratify = negotiation_pb2.Ratify.FromString(body)
        notary.check(context.notary.coordinator, ratify, negotiation.expires_ms)
        negotiation.after(Statement(party, "ratify", body))
    except PeerError as fault:
        log.info("a ratification came to nothing: %s", fault.what)
        return False
    return True


def _ran_out(context: Context, row: deals.DealRow, negotiation: Negotiation) -> bool:
    half = negotiation.deal.state is DealState.HALF_RATIFIED and negotiation.ratified[row.party] is not None
    return half and not row.asked and context.clock() > negotiation.ratify_by()


async def _ask(context: Context, row: deals.DealRow, negotiation: Negotiation) -> None:
    """Take ratifications that the notary had in time, though their senders may have held them back."""
    context.approvals.check_on()
    logged, notarys_ms = await context.notary.notarised(life.terms_hash(negotiation.terms()))
    parties = negotiation.known().parties
    cards = await _cards(context, [key for key in logged if key in parties])
    bodies = list(_that_count(context, logged, cards, negotiation))

    def take(connection: sqlite3.Connection) -> None:
        if (notarys_ms or context.clock()) > negotiation.ratify_by():
            deals.ask(connection, row.id)  # else this clock is ahead: one may still be logged in time
        for key, body in bodies:
            now = deals.get(connection, row.id)
            if now is not None and replayed(now).ratified[parties.index(key)] is None:
                with contextlib.suppress(PeerError):  # too long after the first: it binds nobody
                    dialogue.hear(context, connection, row.id, key, "ratify", body)

    await context.database.write(take)


async def _cards(context: Context, keys: Iterable[bytes]) -> dict[bytes, Member]:
    """Return the cards of those who are members still: others have said nothing that can be checked here."""
    cards = dict[bytes, Member]()
    for key in keys:
        with contextlib.suppress(CommunityError):
            cards[key] = await context.post.member(key)
    return cards


def _that_count(
    context: Context, logged: Logged, cards: dict[bytes, Member], negotiation: Negotiation
) -> Iterable[tuple[bytes, bytes]]:
    """Yield agent key and message of each logged ratification that is the human's own, and was in time."""
    for key, card in cards.items():
        body, stamp = logged[key]
        ratify = negotiation_pb2.Ratify.FromString(body)
        ratify.stamp.CopyFrom(stamp)
        try:
            check(context, ratify, card, negotiation)
        except PeerError as fault:
            log.info("a logged ratification does not count: %s", fault.what)
            continue
        yield key, ratify.SerializeToString(deterministic=True)


def check(context: Context, ratify: negotiation_pb2.Ratify, member: Member, negotiation: Negotiation) -> None:
    """Raise a PeerError unless a human's own key signed this, and the notary had it in time."""
    if len(ratify.terms_sha256) != 32 or not 0 <= ratify.ratified_ms < 1 << 62:
        raise MalformedError("a ratification has the wrong form")
    message = life.ratification(ratify.terms_sha256, ratify.ratified_ms)
    signing.verify(member.ratification_key, "terms-human", message, ratify.signature)
    if not context.post.is_guest(member.agent_key):
        notary.check(context.notary.coordinator, ratify, negotiation.expires_ms)
    elif context.clock() > negotiation.ratify_by():
        raise UnlawfulMoveError("a ratification came after the deal had expired")
    elif ratify.ratified_ms > context.clock() + AHEAD_MS:  # nobody stamps it, and the time for ours counts from it
        raise UnlawfulMoveError("a guest's ratification is dated ahead of this clock")
