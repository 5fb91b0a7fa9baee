"""What is said in a deal goes into the store and the outbox in one transaction, and so does the answer it calls for.

A node that is killed anywhere goes on where it was: state is replayed from what is stored. All of this works inside the caller's transaction.
"""

import contextlib
import sqlite3

from google.protobuf.message import Message

from weal_node.deals.context import Context
from weal_node.deals.drafts import drafted
from weal_node.deals.states import DealPhase, phase
from weal_node.errors import NotFoundError, RefusedError
from weal_node.keys import Keys
from weal_node.mail.outbox import UnsignedLetter
from weal_node.negotiation import speak
from weal_node.negotiation.negotiation import Negotiation, OwnSide, Statement
from weal_node.negotiation.replay import replay
from weal_node.store import deals
from weal_protocol import signing
from weal_protocol.errors import PeerError, UnlawfulMoveError

VALID_MS = 7 * 24 * 3_600 * 1_000  # how long an invitation is open, and how long a letter is tried after that
AFTER_AGREEMENT = {
    "ratify": (DealPhase.RATIFYING, DealPhase.IN_FORCE),
    "receipt": (DealPhase.IN_FORCE,),
    "outcome": (DealPhase.IN_FORCE,),
}
HELD_KINDS = frozenset({"reveal", "offer", "accept", *AFTER_AGREEMENT})


def tell(
    context: Context,
    connection: sqlite3.Connection,
    row: deals.DealRow,
    negotiation: Negotiation,
    kind: str,
    body: Message,
) -> None:
    """Say something that the person decided."""
    statement = Statement(row.party, kind, body.SerializeToString(deterministic=True))
    say(context, connection, row, negotiation, statement)


def say(
    context: Context, connection: sqlite3.Connection, row: deals.DealRow, negotiation: Negotiation, statement: Statement
) -> None:
    """Say one message to every other party."""
    after = replay((*negotiation.said, statement))  # what the table forbids is refused here, before it is said
    deals.say(connection, row.id, statement.party, statement.kind, statement.body)
    before = negotiation.bits_disclosed(row.party) if negotiation.space else 0.0
    bits = after.bits_disclosed(row.party) - before
    deadline_ms = after.expires_ms + VALID_MS
    for party in context.others(after.known().parties):
        context.post.enclose(
            connection, UnsignedLetter(party, row.id, statement.kind, statement.body, deadline_ms, bits)
        )


def advance(context: Context, connection: sqlite3.Connection, deal: bytes) -> None:
    """Say whatever our agent has to say by itself."""
    while (row := deals.get(connection, deal)) is not None and row.utilities is not None:
        negotiation = replayed(row)
        statement = speak.after(negotiation, own_side(context.keys, row))
        if statement is None:
            return
        say(context, connection, row, negotiation, statement)


def hear(context: Context, connection: sqlite3.Connection, deal: bytes, sender: bytes, kind: str, body: bytes) -> None:
    """Take a letter, then those that waited for it, and answer; a PeerError names what is wrong with it."""
    _take(context, connection, deal, sender, kind, body)
    while True:
        advance(context, connection, deal)
        row = deals.get(connection, deal)
        if row is None:
            return
        waiting = _next_waiting(context, connection, row)
        if waiting is None:
            return
        number, sender, kind, body = waiting
        deals.release(connection, deal, number)
        with contextlib.suppress(PeerError):  # it was lawful to wait, and is not lawful now: as if it never came
            _take(context, connection, deal, sender, kind, body)


def _next_waiting(
    context: Context, connection: sqlite3.Connection, row: deals.DealRow
) -> tuple[int, bytes, str, bytes] | None:
    """Return the first letter that waited and whose turn it is now."""
    negotiation = replayed(row)
    for number, sender, kind, body in deals.held(connection, row.id):
        if not _is_early(context, row, negotiation, sender, kind):
            return number, sender, kind, body
    return None


def _take(context: Context, connection: sqlite3.Connection, deal: bytes, sender: bytes, kind: str, body: bytes) -> None:
    """Add a letter to the transcript, or hold it when what comes before it has not come yet."""
    row = deals.get(connection, deal)
    negotiation = replayed(row) if row else Negotiation()
    if row is None or _is_early(context, row, negotiation, sender, kind):
        may_wait = row is not None or kind in HELD_KINDS
        if may_wait and (sender, kind, body) not in [letter[1:] for letter in deals.held(connection, deal)]:
            may_wait = deals.hold(connection, deal, sender, kind, body)
        if not may_wait:
            raise UnlawfulMoveError("a letter of a deal that is not known here")
        return
    parties = parties_of(row, negotiation, context.own_key)
    if sender not in parties or sender == context.own_key:
        raise UnlawfulMoveError("a letter of a deal is not by another party")
    statement = Statement(parties.index(sender), kind, body)
    if kind != "offer" and (statement.party, kind, body) in row.said:
        return  # taken before a crash, and not marked as seen
    replay((*negotiation.said, statement))  # raises before anything is written; remembered for what follows
    deals.say(connection, deal, statement.party, kind, body)


def _is_early(context: Context, row: deals.DealRow, negotiation: Negotiation, sender: bytes, kind: str) -> bool:
    """Whether a letter waits for others that are still on their way; among two, nothing can overtake anything."""
    parties = parties_of(row, negotiation, context.own_key)
    if len(parties) == 2 or kind not in HELD_KINDS or sender not in parties or negotiation.deal.over:
        return False
    if kind in AFTER_AGREEMENT:
        return phase(negotiation.deal.state) not in AFTER_AGREEMENT[kind]
    return negotiation.deal.turn != parties.index(sender)


def parties_of(row: deals.DealRow, negotiation: Negotiation, own_key: bytes) -> tuple[bytes, ...]:
    """Return the agent keys of all parties, the inviter's first."""
    return negotiation.space.parties if negotiation.space else drafted(row, own_key).parties


def own_side(keys: Keys, row: deals.DealRow) -> OwnSide:
    """Return what only this side knows."""
    if row.utilities is None:
        raise RefusedError("the person has not let their agent negotiate yet")
    return OwnSide(
        row.party, row.utilities, row.secret, lambda digest: agent_signature(keys, digest), row.places, row.floor
    )


def agent_signature(keys: Keys, digest: bytes) -> bytes:
    """Return the agent's signature over a hash of terms; it binds no one."""
    return signing.sign(keys.agent, "terms-agent", digest)


def loaded(connection: sqlite3.Connection, deal_id: str) -> tuple[deals.DealRow, Negotiation]:
    """Return a deal by its id in hex, and its negotiation; NotFoundError where there is none."""
    try:
        key = bytes.fromhex(deal_id)
    except ValueError:
        key = b""
    row = deals.get(connection, key)
    if row is None:
        raise NotFoundError("there is no such deal", "It may have been dismissed")
    return row, replayed(row)


def replayed(row: deals.DealRow) -> Negotiation:
    """Return the negotiation of a deal."""
    return replay(tuple(Statement(*message) for message in row.said))
