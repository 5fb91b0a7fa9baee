"""What another's agent says of a deal, from a verified letter to its effect in the store, or a named refusal."""

import secrets
import sqlite3
from collections.abc import Callable
from functools import partial

from weal_node.deals import dialogue, ratification
from weal_node.deals.context import Context
from weal_node.deals.dialogue import VALID_MS, parties_of, replayed
from weal_node.errors import RefusedError
from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.transcript import Statement, parsed
from weal_node.store import deals
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.envelope import Envelope
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

MAX_OPEN_INVITATIONS = 10  # of one sender, within a week and not answered; those of others have their own places
ANSWERED = frozenset(
    {"reveal", "offer", "accept"}
)  # our agent may answer by disclosing something of its person's wishes
Effect = Callable[[sqlite3.Connection], None]


async def receive(context: Context, letter: Envelope) -> Effect | None:
    """Return the effect of a verified letter of a deal; it, or this, raises a PeerError that names what is wrong."""
    row = await context.database.read(lambda connection: deals.get(connection, letter.session))
    make_room: Effect | None = None
    if letter.kind == "invite" and (row is None or _crossed(row, letter)):
        make_room = await _invited(context, row, letter)
    elif letter.kind == "invite" and row is not None and _lost(row, letter):
        return None  # it crossed ours, which holds: they will see that too
    if letter.kind in ANSWERED and row is not None and 0 < replayed(row).expires_ms < context.clock():
        raise UnlawfulMoveError("a letter came after the deal had expired")  # nor does our agent answer any more
    await _check_human(context, letter, row)

    def heard(connection: sqlite3.Connection) -> None:
        if (
            make_room is not None
        ):  # with what was said, in one transaction: alone it would look like a draft of one's own
            make_room(connection)
        dialogue.hear(context, connection, letter.session, letter.sender, letter.kind, letter.body)
        _keep_to_no(context, connection, letter.session)

    return heard


def _keep_to_no(context: Context, connection: sqlite3.Connection, deal: bytes) -> None:
    """Decline an invitation to what the person said no to while it was a draft: else its others would wait."""
    row = deals.get(connection, deal)
    if row is None or not row.dismissed or row.party == 0:
        return
    negotiation = replayed(row)
    if negotiation.deal.state is life.DealState.INVITED:
        dialogue.tell(context, connection, row, negotiation, "decline", negotiation_pb2.Decline())


async def _check_human(context: Context, letter: Envelope, row: deals.DealRow | None) -> None:
    """Refuse what only a human's own key may sign, unless it did."""
    if letter.kind == "ratify":
        member = await context.post.member(letter.sender)
        negotiation = replayed(row) if row else Negotiation()
        ratification.check(context, parsed(negotiation_pb2.Ratify, letter.body), member, negotiation)
    if letter.kind == "receipt":
        member, receipt = await context.post.member(letter.sender), parsed(negotiation_pb2.Receipt, letter.body)
        if not 0 <= receipt.at_ms < 1 << 62:
            raise MalformedError("a receipt has the wrong form")
        message = life.receipt(receipt.terms_sha256, receipt.fulfilled, receipt.at_ms)
        signing.verify(member.ratification_key, "receipt-human", message, receipt.signature)


async def _invited(context: Context, known: deals.DealRow | None, letter: Envelope) -> Effect:
    """Return what makes room for an invitation: a new deal, or one that we had drafted or invited to ourselves."""
    options = await _checked(context, known, letter)
    party = options.parties.index(context.own_key)
    mine = next((issue.name for issue in options.issues if issue.giver == party), "nothing")
    theirs = next((issue.name for issue in options.issues if issue.giver not in {None, party}), "nothing")
    why, secret, now_ms = await _why(context, letter), secrets.token_bytes(32), context.clock()
    sent, gifts, sources = space.pack(options), (mine, theirs), options.sources

    def make_room(connection: sqlite3.Connection) -> None:
        known = deals.get(connection, letter.session)
        deals.draft(
            connection, deals.NewDeal(letter.session, letter.sender, gifts, sources, why, secret, party, sent), now_ms
        )
        if known is None or known.space != sent or known.party != party or known.said:
            deals.yield_to(connection, letter.session, party, sent)  # the person let their agent into another

    return make_room


async def _checked(context: Context, known: deals.DealRow | None, letter: Envelope) -> space.OptionSpace:
    """Return what an invitation is about; a PeerError or RefusedError where it is none that can be answered here."""
    negotiation = Negotiation().after(Statement(0, "invite", letter.body))
    options = negotiation.known()
    mine = options.parties[0] == letter.sender and context.own_key in options.parties[1:]
    if not mine or negotiation.expires_ms < context.clock():
        raise UnlawfulMoveError("an invitation is to someone else, or has expired")
    if not negotiation.ratify_within_ms:
        # In old transcripts alone: whoever ratifies last would hold an option for a week.
        raise UnlawfulMoveError("an invitation does not say how long after the first everyone must have ratified")
    waiting = partial(deals.invitations, since_ms=context.clock() - VALID_MS, sender=letter.sender)
    if known is None and await context.database.read(waiting) >= MAX_OPEN_INVITATIONS:
        raise RefusedError("too many invitations of one sender are open here")
    return options


async def _why(context: Context, letter: Envelope) -> str:
    """Say who invites, and whether that is in place of a deal that is known here and that they are in."""
    name, answers = context.name_of(letter.sender), parsed(negotiation_pb2.Invite, letter.body).answers
    row = await context.database.read(lambda connection: deals.get(connection, answers)) if answers else None
    if row is None or letter.sender not in parties_of(row, replayed(row), context.own_key):
        return f"{name} invites you."
    return f"{name} proposes changes to {'your invitation' if row.party == 0 else 'an invitation that you had'}."


def _crossed(row: deals.DealRow, letter: Envelope) -> bool:
    """Whether an invitation finds our draft, or crosses our own one and wins: the smaller agent key's stands."""
    if not row.said:
        return True
    only_invited = len(row.said) == 1 and row.party == 0
    return only_invited and letter.sender == row.other and letter.sender < letter.recipient


def _lost(row: deals.DealRow, letter: Envelope) -> bool:
    return row.party == 0 and letter.sender == row.other and letter.sender > letter.recipient
