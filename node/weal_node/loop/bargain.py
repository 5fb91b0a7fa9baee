"""Bargain: drafts from notes, negotiation by the agents, ranking and ratification by the people.

Every act of the person uses up, in the transaction of its effect, an approval made for what they saw (loop/oversight.py), and
the person's own key signs in such acts and nowhere else. What is said, and the agent's own answers: loop/converse.py.
"""

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError, RefusedError
from weal_node.gate.stakes import Act, check_telling
from weal_node.keys import Keys
from weal_node.loop import draft
from weal_node.loop.agree import DealView, OptionView, names_of, on_the_table, view
from weal_node.loop.converse import VALID_MS, Conversation, Post, loaded, replayed
from weal_node.loop.draft import drafted
from weal_node.loop.oversight import Oversight
from weal_node.loop.promises import Receipted, answered, check_promised, next_floor, receipts
from weal_node.loop.ratify import Ratifying
from weal_node.loop.settle import outcome_label, outcome_state, settle
from weal_node.negotiation import mechanism, space, speak, utility
from weal_node.negotiation.session import Said, Session, parsed
from weal_node.proposals import matches
from weal_node.records import State
from weal_node.store import deals as stored
from weal_node.store import labels, letters, records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.deal import IN_FORCE
from weal_protocol.deal import State as Standing
from weal_protocol.envelope import Envelope
from weal_protocol.errors import MalformedError, UnlawfulMoveError, WealError
from weal_protocol.v1 import negotiation_pb2 as pb

__all__ = ["Bargaining", "DealView", "OptionView"]
MAX_OPEN_INVITATIONS = 50
MAX_REASON = 200


class Judging(Protocol):
    """What of the mind is needed here."""

    async def utilities(self, of: Sequence[State]) -> npt.NDArray[np.float64]:
        """Gains over no deal (n,)."""

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Cosines between texts (n, n)."""

    async def add_states(self, new: Sequence[State]) -> None:
        """Make states known."""

    async def relearn(self) -> None:
        """Fit the head anew."""


class Bargaining:
    """All deals of one node in one community."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        mind: Judging,
        post: Post,
        clock: Callable[[], int],
        name_of: Callable[[bytes], str],
        oversight: Oversight,
    ) -> None:
        self._database = database
        self._keys = keys
        self._mind = mind
        self._post = post
        self._clock = clock
        self._name_of = name_of
        self._oversight = oversight
        self._conversation = Conversation(keys, post)
        self._ratifying = Ratifying(database, keys, post, self._conversation, clock)

    # -- drafts

    async def find(self) -> int:
        """Look through own and others' published notes for swaps, favours and chains; return how many new drafts there are."""
        own_key = self._keys.agent_public.hex()
        wishes = [wish for row in await self._database.read(records.notes) if (wish := _wish(row)) is not None]
        texts = matches.texts(wishes)
        if not texts:
            return 0
        cosines, index = await self._mind.similarity(texts), {text: row for row, text in enumerate(texts)}
        mine = [wish for wish in wishes if wish.author == own_key]
        others = [wish for wish in wishes if wish.author != own_key]

        def similar(one: str, other: str) -> float:
            return float(cosines[index[one], index[other]])

        agreed, vetoed = await self._database.read(answered)
        found = [draft.swap(one) for one in matches.find(mine, others, similar)]
        found += [draft.favour(one) for one in matches.helps(mine, others, similar)]
        found += draft.chains(own_key, wishes, similar, agreed, vetoed)
        return sum([await self._draft(one) for one in found])

    async def propose(self, other: bytes, gives: str, gets: str) -> str:
        """The person thought of something themselves; return the draft's id."""
        gives, gets = gives.strip()[: space.MAX_TEXT], gets.strip()[: space.MAX_TEXT]
        await self._post.member(other)
        if not gives and not gets:
            raise RefusedError("a proposal says what you would give, or what you would like to get")
        made = draft.free(self._keys.agent_public, other, gives, gets, secrets.token_bytes(16))
        await self._draft(made)
        return made.id.hex()

    async def _draft(self, made: draft.Draft) -> bool:
        others = [party for party in made.of.parties if party != self._keys.agent_public]
        gifts = tuple(
            next((i.name for i in made.of.issues if (i.giver == made.party) is own), "") for own in (True, False)
        )
        secret, now = secrets.token_bytes(32), self._clock()
        packed = space.pack(made.of)
        return await self._database.write(
            lambda connection: stored.draft(
                connection,
                made.id,
                others[0],
                (gifts[0], gifts[1]),
                made.of.sources,
                made.why,
                secret,
                now,
                made.party,
                packed,
            )
        )

    async def edit(self, deal_id: str, approval: str, text: str) -> None:
        """The person changes what could be agreed on, before their agent enters; the one who invites decides what is sent."""

        def change(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            if stands.deal.state is not Standing.DRAFT or row.party > 0 or row.utilities is not None:
                raise RefusedError("what this deal is about is fixed already", "Decline it, and propose something else")
            of = drafted(row, self._keys.agent_public)
            edited = draft.edited(of, text, names_of(of, self._keys.agent_public, self._name_of))
            stored.edit(connection, row.id, space.pack(edited))

        await self._act(deal_id, Act.EDIT, approval, change)

    # -- what the person does

    async def enter(self, deal_id: str, approval: str) -> None:
        """The person lets their agent negotiate: invite, or answer an invitation."""
        row, stands = await self._load(deal_id)
        _check_not_begun(row, stands)
        seen, of = on_the_table(row, stands), stands.space or drafted(row, self._keys.agent_public)
        if of.size > space.MAX_JUDGED:
            raise RefusedError(f"more than {space.MAX_JUDGED} outcomes cannot be judged", "Leave some options out")
        utilities = await self._mind.utilities(space.states(of, row.party))
        by = stands.mechanism if row.said else self._mechanism(of, utilities)
        others = tuple(party for party in of.parties if party != self._keys.agent_public)

        def begin(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            _check_not_begun(row, stands)
            if on_the_table(row, stands) != seen:
                raise RefusedError("the deal has moved on", "Load the page again")
            told = self._oversight.told(connection, others)
            check_telling(mechanism.most_bits(by, of), told, self._oversight.limits)
            row = replace(row, utilities=utilities, floor=next_floor(connection))
            stored.enter(connection, row.id, utilities, row.floor)
            if row.party == 0 and not row.said:
                expires_ms = self._clock() + VALID_MS
                first = speak.invite(self._conversation.own(row), of, expires_ms, by)
                self._conversation.say(connection, row, stands, first)

        await self._act(deal_id, Act.ENTER, approval, begin)

    async def decline(self, deal_id: str, approval: str, reason: str = "") -> None:
        """Say no to a draft or an invitation."""

        def refuse(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            if stands.deal.state is Standing.DRAFT:
                stored.dismiss(connection, row.id)
            elif stands.deal.state is Standing.INVITED and row.party > 0:
                self._conversation.tell(connection, row, stands, "decline", pb.Decline(reason=reason[:MAX_REASON]))
            else:
                raise RefusedError("there is no invitation to decline", "Cancel the deal instead")

        await self._act(deal_id, Act.DECLINE, approval, refuse)

    async def cancel(self, deal_id: str, approval: str, reason: str = "") -> None:
        """Leave before one has ratified; it costs nothing."""

        def leave(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            if row.pending is not None:
                raise RefusedError("you have ratified this already", "Your word stands until the deal expires")
            self._conversation.tell(connection, row, stands, "cancel", pb.Cancel(reason=reason[:MAX_REASON]))

        await self._act(deal_id, Act.CANCEL, approval, leave)

    async def rank(self, deal_id: str, approval: str, order: list[int], refused: frozenset[int] = frozenset()) -> None:
        """The person's ballot: the numbers of the menu's options, best first, but for those that are worse than no deal."""

        def ranked(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            count = len(stands.menu())
            if row.places is not None:
                raise RefusedError("the options were ranked already")
            if not count or sorted((*order, *refused)) != list(range(1, count + 1)):
                raise RefusedError(
                    "a ranking names every option once", "Give each option its own place, or say no to it"
                )
            places = (order.index(number) if number in order else count for number in range(1, count + 1))
            stored.rank(connection, row.id, tuple(places))

        await self._act(deal_id, Act.RANK, approval, ranked)

    async def ratify(self, deal_id: str, approval: str) -> None:
        """The human's word: their ratification key signs these very terms. Effective once everyone's is there in time."""

        def word(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            self._ratifying.check_open(row, stands)
            check_promised(connection, row, stands, self._oversight)
            self._ratifying.sign(connection, row, stands)

        await self._act(deal_id, Act.RATIFY, approval, word)
        await self._ratifying.conclude()

    async def fulfil(self, deal_id: str, approval: str) -> None:
        """The person says that the others did their part: a receipt, signed by their own key."""
        await self._act(deal_id, Act.FULFIL, approval, self._receipt(True, ""))

    async def dispute(self, deal_id: str, approval: str, reason: str) -> None:
        """The person says that the others did not do their part, and why."""
        await self._act(deal_id, Act.DISPUTE, approval, self._receipt(False, reason[:MAX_REASON]))

    def _receipt(self, fulfilled: bool, reason: str) -> Callable[[sqlite3.Connection, stored.Row, Session], None]:
        def say(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            terms, now = life.terms_hash(stands.terms()), self._clock()
            word = signing.sign(self._keys.ratification, "receipt-human", life.receipt(terms, fulfilled, now))
            receipt = pb.Receipt(terms_sha256=terms, fulfilled=fulfilled, reason=reason, at_ms=now, signature=word)
            self._conversation.tell(connection, row, stands, "receipt", receipt)

        return say

    async def rate(self, deal_id: str, approval: str, satisfied: bool) -> None:
        """The person rates the outcome: a label here, and a coarse yes or no for the other side."""
        row, stands = await self._load(deal_id)
        _check_not_rated(row, stands)
        outcome = outcome_state(stands, row.party)
        label = outcome_label(outcome, satisfied, self._clock())

        def told(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            _check_not_rated(row, stands)
            labels.add(connection, label)
            stored.rated(connection, row.id, label.id)
            terms = life.terms_hash(stands.terms())
            word = pb.Outcome(terms_sha256=terms, satisfied=satisfied)
            self._conversation.tell(connection, row, stands, "outcome", word)

        await self._act(deal_id, Act.RATE, approval, told)
        await settle(self._mind, outcome)

    async def _act(
        self,
        deal_id: str,
        act: Act,
        approval: str,
        effect: Callable[[sqlite3.Connection, stored.Row, Session], None],
    ) -> None:
        """Use the approval up and have the effect in one transaction, or neither."""

        def at_once(connection: sqlite3.Connection) -> None:
            row, stands = loaded(connection, deal_id)
            self._oversight.use(connection, approval, act, row.id, on_the_table(row, stands))
            effect(connection, row, stands)
            self._conversation.advance(connection, row.id)

        await self._database.write(at_once)
        self._post.wake()

    # -- what the other side says

    async def receive(self, letter: Envelope) -> Callable[[sqlite3.Connection], None] | None:
        """Return the effect of a verified letter of a deal; it, or this, raises a PeerError that names what is wrong."""
        self._oversight.check_on()
        row = await self._database.read(lambda connection: stored.get(connection, letter.session))
        if letter.kind == "invite" and (row is None or _crossed(row, letter)):
            row = await self._invited(row, letter)
        elif letter.kind == "invite" and row is not None and _lost(row, letter):
            return None  # it crossed ours, which stands: they will see that too
        await self._check_human(letter, row)
        said = (letter.session, letter.sender, letter.kind, letter.body)
        return lambda connection: self._conversation.hear(connection, *said)

    async def conclude(self) -> None:
        """Go on with ratifications that wait for the notary or for others; called from time to time."""
        self._oversight.check_on()
        await self._ratifying.conclude()

    async def _check_human(self, letter: Envelope, row: stored.Row | None) -> None:
        """Refuse what only a human's own key may sign, unless it did."""
        if letter.kind == "ratify":
            member = await self._post.member(letter.sender)
            ratify, stands = parsed(pb.Ratify, letter.body), replayed(row) if row else Session()
            self._ratifying.check(ratify, member, stands)
        if letter.kind == "receipt":
            member, receipt = await self._post.member(letter.sender), parsed(pb.Receipt, letter.body)
            if not 0 <= receipt.at_ms < 1 << 62:
                raise MalformedError("a receipt has the wrong form")
            message = life.receipt(receipt.terms_sha256, receipt.fulfilled, receipt.at_ms)
            signing.verify(member.ratification_key, "receipt-human", message, receipt.signature)

    async def _invited(self, known: stored.Row | None, letter: Envelope) -> stored.Row:
        """Make room for an invitation: a new deal, or one that we had drafted or invited to ourselves."""
        stands = Session().after(Said(0, "invite", letter.body))
        of, own = stands.known(), self._keys.agent_public
        if of.parties[0] != letter.sender or own not in of.parties[1:] or stands.expires_ms < self._clock():
            raise UnlawfulMoveError("an invitation is to someone else, or has expired")
        open_count = sum(not row.said or row.utilities is None for row in await self._database.read(stored.every))
        if known is None and open_count >= MAX_OPEN_INVITATIONS:
            raise RefusedError("too many invitations are open here")
        party = of.parties.index(own)
        mine = next((issue.name for issue in of.issues if issue.giver == party), "nothing")
        theirs = next((issue.name for issue in of.issues if issue.giver not in {None, party}), "nothing")
        why, secret, now = f"{self._name_of(letter.sender)} invites you.", secrets.token_bytes(32), self._clock()
        sent, gifts, sources = space.pack(of), (mine, theirs), of.sources

        def make_room(connection: sqlite3.Connection) -> None:
            other = letter.sender
            stored.draft(connection, letter.session, other, gifts, sources, why, secret, now, party, sent)
            if known is None or known.space != sent or known.party != party or known.said:
                stored.yield_to(connection, letter.session, party, sent)  # the person let their agent into another

        await self._database.write(make_room)
        row = await self._database.read(lambda connection: stored.get(connection, letter.session))
        if row is None:
            raise NotFoundError("there is no such deal")
        return row

    # -- looking

    async def deals(self) -> tuple[DealView, ...]:
        """Return every deal that was not dismissed, newest first."""
        rows = await self._database.read(stored.every)
        return tuple([self._view(row, replayed(row)) for row in rows if not row.dismissed])

    async def deal(self, deal_id: str) -> DealView | None:
        """Return one deal, or None."""
        try:
            return self._view(*await self._load(deal_id))
        except NotFoundError:
            return None

    async def shown(self, deal_id: str) -> tuple[DealView, dict[str, str]]:
        """Return one deal for its page, and an approval for each act that it lets the person do. Pages only."""
        row, stands = await self._load(deal_id)
        seen, about = self._view(row, stands), on_the_table(row, stands)
        return seen, {act: self._oversight.approve(Act(act), row.id, about) for act in sorted(seen.can)}

    async def receipts(self) -> tuple[Receipted, ...]:
        """Return the ledger of deals that held: who gave what, and what each said of it."""
        return await self._database.read(lambda connection: receipts(connection, self._keys.agent_public))

    async def evidence(self, deal_id: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Return every letter of a deal as it was signed, and who signed two for one place."""
        row, _ = await self._load(deal_id)
        return await self._database.read(
            lambda connection: (letters.of(connection, row.id), letters.equivocators(connection, row.id))
        )

    async def sessions_with(self, agent_key: bytes) -> tuple[tuple[bytes, Session], ...]:
        """Return (id, session) of the deals to which this key invited, newest first."""
        rows = await self._database.read(stored.every)
        found = [(row.id, replayed(row)) for row in rows if row.party > 0 and row.other == agent_key]
        return tuple((deal, stands) for deal, stands in found if stands.space and stands.space.parties[0] == agent_key)

    # -- inside

    def _view(self, row: stored.Row, stands: Session) -> DealView:
        return view(row, stands, self._keys.agent_public, self._name_of, self._clock())

    async def _load(self, deal_id: str) -> tuple[stored.Row, Session]:
        return await self._database.read(lambda connection: loaded(connection, deal_id))

    def _mechanism(self, of: space.Space, utilities: npt.NDArray[np.float64]) -> pb.Mechanism:
        return mechanism.suited(len(of.parties), True, utility.additive(utilities, of.sizes))


def _check_not_begun(row: stored.Row, stands: Session) -> None:
    if stands.deal.state not in {Standing.DRAFT, Standing.INVITED} or row.utilities is not None:
        raise RefusedError("this negotiation has begun already")


def _check_not_rated(row: stored.Row, stands: Session) -> None:
    if stands.deal.state not in IN_FORCE or row.outcome_label:
        raise RefusedError("there is no outcome to rate, or it was rated already")


def _crossed(row: stored.Row, letter: Envelope) -> bool:
    """Whether an invitation finds our draft, or crosses our own one and wins: the smaller agent key's stands."""
    if not row.said:
        return True
    only_invited = len(row.said) == 1 and row.party == 0
    return only_invited and letter.sender == row.other and letter.sender < letter.recipient


def _lost(row: stored.Row, letter: Envelope) -> bool:
    return row.party == 0 and letter.sender == row.other and letter.sender > letter.recipient


def _wish(row: records.Mirrored) -> matches.Wish | None:
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except WealError:
        return None
    return matches.Wish(row.author, row.note, note.needs, note.offers) if note.needs and note.offers else None
