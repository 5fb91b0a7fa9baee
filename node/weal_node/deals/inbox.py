"""Hear: what another's agent says of a deal, from a verified letter to its effect in the store, or a named refusal."""

import secrets
import sqlite3
from collections.abc import Callable
from functools import partial

from weal_node.deals.dialogue import VALID_MS, Conversation, Post, replayed
from weal_node.deals.ratification import Ratifying
from weal_node.errors import NotFoundError, RefusedError
from weal_node.keys import Keys
from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.transcript import Statement, parsed
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.envelope import Envelope
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

MAX_OPEN_INVITATIONS = 10  # of one sender, within a week and not answered; those of others have their own places
TELLS = frozenset({"reveal", "offer", "accept"})  # what our agent may answer by saying something of its person's wishes


class Hearing:
    """Takes the letters of deals for one node."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        post: Post,
        conversation: Conversation,
        ratifying: Ratifying,
        clock: Callable[[], int],
        name_of: Callable[[bytes], str],
    ) -> None:
        self._database = database
        self._keys = keys
        self._post = post
        self._conversation = conversation
        self._ratifying = ratifying
        self._clock = clock
        self._name_of = name_of

    async def receive(self, letter: Envelope) -> Callable[[sqlite3.Connection], None] | None:
        """Return the effect of a verified letter of a deal; it, or this, raises a PeerError that names what is wrong."""
        row = await self._database.read(lambda connection: deals.get(connection, letter.session))
        if letter.kind == "invite" and (row is None or _crossed(row, letter)):
            row = await self._invited(row, letter)
        elif letter.kind == "invite" and row is not None and _lost(row, letter):
            return None  # it crossed ours, which stands: they will see that too
        if letter.kind in TELLS and row is not None and 0 < replayed(row).expires_ms < self._clock():
            raise UnlawfulMoveError("a letter came after the deal had expired")  # nor does our agent answer any more
        await self._check_human(letter, row)
        said = (letter.session, letter.sender, letter.kind, letter.body)

        def heard(connection: sqlite3.Connection) -> None:
            self._conversation.hear(connection, *said)
            self._keep_to_no(connection, letter.session)

        return heard

    def _keep_to_no(self, connection: sqlite3.Connection, deal: bytes) -> None:
        """Decline an invitation to what the person said no to while it was a draft: else its others would wait."""
        row = deals.get(connection, deal)
        if row is None or not row.dismissed or row.party == 0:
            return
        stands = replayed(row)
        if stands.deal.state is life.DealState.INVITED:
            self._conversation.tell(connection, row, stands, "decline", negotiation_pb2.Decline())

    async def _check_human(self, letter: Envelope, row: deals.DealRow | None) -> None:
        """Refuse what only a human's own key may sign, unless it did."""
        if letter.kind == "ratify":
            member = await self._post.member(letter.sender)
            ratify, stands = parsed(negotiation_pb2.Ratify, letter.body), replayed(row) if row else Negotiation()
            self._ratifying.check(ratify, member, stands)
        if letter.kind == "receipt":
            member, receipt = await self._post.member(letter.sender), parsed(negotiation_pb2.Receipt, letter.body)
            if not 0 <= receipt.at_ms < 1 << 62:
                raise MalformedError("a receipt has the wrong form")
            message = life.receipt(receipt.terms_sha256, receipt.fulfilled, receipt.at_ms)
            signing.verify(member.ratification_key, "receipt-human", message, receipt.signature)

    async def _invited(self, known: deals.DealRow | None, letter: Envelope) -> deals.DealRow:
        """Make room for an invitation: a new deal, or one that we had drafted or invited to ourselves."""
        stands = Negotiation().after(Statement(0, "invite", letter.body))
        of, own = stands.known(), self._keys.agent_public
        if of.parties[0] != letter.sender or own not in of.parties[1:] or stands.expires_ms < self._clock():
            raise UnlawfulMoveError("an invitation is to someone else, or has expired")
        if (
            not stands.ratify_within_ms
        ):  # in old transcripts alone: whoever ratifies last would hold an option for a week
            raise UnlawfulMoveError("an invitation does not say how long after the first everyone must have ratified")
        waiting = partial(deals.invitations, since_ms=self._clock() - VALID_MS, sender=letter.sender)
        if known is None and await self._database.read(waiting) >= MAX_OPEN_INVITATIONS:
            raise RefusedError("too many invitations of one sender are open here")
        party = of.parties.index(own)
        mine = next((issue.name for issue in of.issues if issue.giver == party), "nothing")
        theirs = next((issue.name for issue in of.issues if issue.giver not in {None, party}), "nothing")
        why, secret, now = await self._why(letter), secrets.token_bytes(32), self._clock()
        sent, gifts, sources = space.pack(of), (mine, theirs), of.sources

        def make_room(connection: sqlite3.Connection) -> deals.DealRow | None:
            other = letter.sender
            deals.draft(connection, letter.session, other, gifts, sources, why, secret, now, party, sent)
            if known is None or known.space != sent or known.party != party or known.said:
                deals.yield_to(connection, letter.session, party, sent)  # the person let their agent into another
            return deals.get(connection, letter.session)

        row = await self._database.write(make_room)
        if row is None:
            raise NotFoundError("there is no such deal")
        return row

    async def _why(self, letter: Envelope) -> str:
        """Say who invites, and whether that is in place of a deal that is known here and that they are in."""
        name, answers = self._name_of(letter.sender), parsed(negotiation_pb2.Invite, letter.body).answers
        row = await self._database.read(lambda connection: deals.get(connection, answers)) if answers else None
        if row is None or letter.sender not in self._conversation.parties(row, replayed(row)):
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
