"""Bargain: drafts from notes, negotiation by the agents, ranking and ratification by the people.

Everything that was said is in the store, with the answer it called for, in one transaction: a node that is killed
anywhere goes on where it was. The ratification key signs in `ratify` and nowhere else.
"""

import contextlib
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError, RefusedError
from weal_node.keys import Keys
from weal_node.loop import draft
from weal_node.loop.agree import DealView, OptionView, names_of, view
from weal_node.loop.draft import drafted
from weal_node.loop.settle import outcome_state, settle
from weal_node.negotiation import ledger, mechanism, session, space, speak, utility
from weal_node.negotiation.session import Own, Said, Session
from weal_node.proposals import matches
from weal_node.records import State
from weal_node.store import deals as stored
from weal_node.store import disclosures, records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.cards import Member
from weal_protocol.deal import State as Standing
from weal_protocol.envelope import Envelope
from weal_protocol.errors import PeerError, UnlawfulMoveError, WealError
from weal_protocol.v1 import negotiation_pb2 as pb

__all__ = ["Bargaining", "DealView", "OptionView"]
VALID_MS = 7 * 24 * 3_600 * 1_000
PEER_BITS_CAP = 2_000.0
MAX_OPEN_INVITATIONS = 50
HELD_KINDS = frozenset({"reveal", "offer", "accept", "ratify", "outcome"})


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


class Post(Protocol):
    """What of the correspondence is needed here."""

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
        """Put a signed letter into the outbox, inside the caller's transaction."""

    def wake(self) -> None:
        """Send what is in the outbox."""

    def member(self, agent_key: bytes) -> Awaitable[Member]:
        """Return a member's card."""


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
        peer_bits_cap: float = PEER_BITS_CAP,
    ) -> None:
        self._database = database
        self._keys = keys
        self._mind = mind
        self._post = post
        self._clock = clock
        self._name_of = name_of
        self._peer_bits_cap = peer_bits_cap

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

        agreed, vetoed = await self._database.read(_answered)
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

    async def edit(self, deal_id: str, text: str) -> None:
        """The person changes what could be agreed on, before their agent enters; the one who invites decides what is sent."""
        row, stands = await self._load(deal_id)
        if stands.deal.state is not Standing.DRAFT or row.party > 0 or row.utilities is not None:
            raise RefusedError("what this deal is about is fixed already", "Decline it, and propose something else")
        of = drafted(row, self._keys.agent_public)
        edited = draft.edited(of, text, names_of(of, self._keys.agent_public, self._name_of))
        await self._database.write(lambda connection: stored.edit(connection, row.id, space.pack(edited)))

    # -- what the person does

    async def enter(self, deal_id: str) -> None:
        """The person lets their agent negotiate: invite, or answer an invitation."""
        row, stands = await self._load(deal_id)
        if stands.deal.state not in {Standing.DRAFT, Standing.INVITED} or row.utilities is not None:
            raise RefusedError("this negotiation has begun already")
        of = stands.space or drafted(row, self._keys.agent_public)
        if of.size > space.MAX_JUDGED:
            raise RefusedError(f"more than {space.MAX_JUDGED} outcomes cannot be judged", "Leave some options out")
        utilities = await self._mind.utilities(space.states(of, row.party))
        by = stands.mechanism if row.said else self._mechanism(of, utilities)
        await self._check_peers(row, of, by)
        row = replace(row, utilities=utilities, floor=await self._database.read(_next_floor))
        begins = row.party == 0 and not row.said
        first = speak.invite(self._own(row), of, self._clock() + VALID_MS, by) if begins else None

        def begin(connection: sqlite3.Connection) -> None:
            stored.enter(connection, row.id, utilities, row.floor)
            if first is not None:
                self._say(connection, row, stands, first)
            self._advance(connection, row.id)

        await self._database.write(begin)
        self._post.wake()

    async def decline(self, deal_id: str, reason: str = "") -> None:
        """Say no to a draft or an invitation."""
        row, stands = await self._load(deal_id)
        if stands.deal.state is Standing.DRAFT:
            await self._database.write(lambda connection: stored.dismiss(connection, row.id))
            return
        if stands.deal.state is not Standing.INVITED or row.party == 0:
            raise RefusedError("there is no invitation to decline", "Cancel the deal instead")
        await self._say_now(row, "decline", pb.Decline(reason=reason[:200]).SerializeToString())

    async def cancel(self, deal_id: str, reason: str = "") -> None:
        """Leave before everyone has ratified; it costs nothing."""
        row, _ = await self._load(deal_id)
        await self._say_now(row, "cancel", pb.Cancel(reason=reason[:200]).SerializeToString())

    async def rank(self, deal_id: str, order: list[int], refused: frozenset[int] = frozenset()) -> None:
        """The person's ballot: the numbers of the menu's options, best first, but for those that are worse than no deal."""
        row, stands = await self._load(deal_id)
        menu = stands.menu()
        if row.places is not None:
            raise RefusedError("the options were ranked already")
        if not menu or sorted((*order, *refused)) != list(range(1, len(menu) + 1)):
            raise RefusedError("a ranking names every option once", "Give each option its own place, or say no to it")
        places = tuple(order.index(number) if number in order else len(menu) for number in range(1, len(menu) + 1))

        def ranked(connection: sqlite3.Connection) -> None:
            stored.rank(connection, row.id, places)
            self._advance(connection, row.id)

        await self._database.write(ranked)
        self._post.wake()

    async def ratify(self, deal_id: str) -> None:
        """The human's word: their ratification key signs these very terms. Effective once everyone's is there in time."""
        row, stands = await self._load(deal_id)
        now = self._clock()
        if stands.deal.state not in {Standing.AGREED, Standing.HALF_RATIFIED}:
            raise RefusedError(f"a deal that is {stands.deal.state.value} cannot be ratified")
        if now > stands.expires_ms:
            raise RefusedError("this deal has expired", "Begin a new one")
        digest = life.terms_hash(stands.terms())
        word = signing.sign(self._keys.ratification, "terms-human", life.ratification(digest, now))
        ratify = pb.Ratify(terms_sha256=digest, signature=word, ratified_ms=now)
        if stands.signed[row.party] is None:
            ratify.signed.CopyFrom(pb.Sign(terms_sha256=digest, signature=self._sign(digest)))
        await self._say_now(row, "ratify", ratify.SerializeToString(deterministic=True))

    async def rate(self, deal_id: str, satisfied: bool) -> None:
        """The person rates the outcome: a label here, and a coarse yes or no for the other side."""
        row, stands = await self._load(deal_id)
        if stands.deal.state is not Standing.RATIFIED or row.outcome_label:
            raise RefusedError("there is no outcome to rate, or it was rated already")
        label = await settle(self._database, self._mind, outcome_state(stands, row.party), satisfied, self._clock())
        await self._database.write(lambda connection: stored.rated(connection, row.id, label))
        told = pb.Outcome(terms_sha256=life.terms_hash(stands.terms()), satisfied=satisfied)
        await self._say_now(row, "outcome", told.SerializeToString())

    # -- what the other side says

    async def receive(self, letter: Envelope) -> None:
        """Take a verified letter of a deal; a PeerError names what is wrong with it. The same letter again is no harm."""
        row = await self._database.read(lambda connection: stored.get(connection, letter.session))
        if letter.kind == "invite" and (row is None or _crossed(row, letter)):
            row = await self._invited(row, letter)
        if letter.kind == "ratify":
            await self._check_ratification(letter)

        def take(connection: sqlite3.Connection) -> None:
            self._take(connection, letter.session, letter.sender, letter.kind, letter.body)
            self._take_held(connection, letter.session)
            self._advance(connection, letter.session)

        await self._database.write(take)
        self._post.wake()

    def _take(self, connection: sqlite3.Connection, deal: bytes, sender: bytes, kind: str, body: bytes) -> None:
        """Add a letter to the transcript, or hold it when what comes before it has not come yet."""
        row = stored.get(connection, deal)
        stands = _replayed(row) if row else Session()
        if row is None or _early(row, stands, sender, kind, self._keys.agent_public):
            known = row is not None or kind in HELD_KINDS
            if known and (sender, kind, body) not in [one[1:] for one in stored.held(connection, deal)]:
                known = stored.hold(connection, deal, sender, kind, body)
            if not known:
                raise UnlawfulMoveError("a letter of a deal that is not known here")
            return
        parties = stands.space.parties if stands.space else drafted(row, self._keys.agent_public).parties
        if sender not in parties or sender == self._keys.agent_public:
            raise UnlawfulMoveError("a letter of a deal is not by another party")
        one = Said(parties.index(sender), kind, body)
        if (one.party, one.kind, one.body) in row.said:
            return  # taken before a crash, and not marked as seen
        stands.after(one)  # raises before anything is written
        stored.say(connection, deal, one.party, one.kind, one.body)

    def _take_held(self, connection: sqlite3.Connection, deal: bytes) -> None:
        """Take the letters that were held and whose turn has come."""
        while True:
            self._advance(connection, deal)
            row = stored.get(connection, deal)
            if row is None:
                return
            stands, waiting = _replayed(row), stored.held(connection, deal)
            due = [one for one in waiting if not _early(row, stands, one[1], one[2], self._keys.agent_public)]
            if not due:
                return
            number, sender, kind, body = due[0]
            stored.release(connection, deal, number)
            with contextlib.suppress(PeerError):  # it was lawful to wait, and is not lawful now: as if it never came
                self._take(connection, deal, sender, kind, body)

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

    async def _check_ratification(self, letter: Envelope) -> None:
        ratify = pb.Ratify.FromString(letter.body)
        member = await self._post.member(letter.sender)
        message = life.ratification(ratify.terms_sha256, ratify.ratified_ms)
        signing.verify(member.ratification_key, "terms-human", message, ratify.signature)

    # -- looking

    async def deals(self) -> tuple[DealView, ...]:
        """Return every deal that was not dismissed, newest first."""
        rows = await self._database.read(stored.every)
        return tuple(
            [
                view(row, _replayed(row), self._keys.agent_public, self._name_of, self._clock())
                for row in rows
                if not row.dismissed
            ]
        )

    async def deal(self, deal_id: str) -> DealView | None:
        """Return one deal, or None."""
        try:
            row, stands = await self._load(deal_id)
        except NotFoundError:
            return None
        return view(row, stands, self._keys.agent_public, self._name_of, self._clock())

    # -- inside

    async def _load(self, deal_id: str) -> tuple[stored.Row, Session]:
        try:
            key = bytes.fromhex(deal_id)
        except ValueError:
            key = b""
        row = await self._database.read(lambda connection: stored.get(connection, key))
        if row is None:
            raise NotFoundError("there is no such deal", "It may have been dismissed")
        return row, _replayed(row)

    def _mechanism(self, of: space.Space, utilities: npt.NDArray[np.float64]) -> pb.Mechanism:
        return mechanism.suited(len(of.parties), True, utility.additive(utilities, of.sizes))

    async def _check_peers(self, row: stored.Row, of: space.Space, by: pb.Mechanism) -> None:
        planned = mechanism.most_bits(by, of)
        for party in of.parties:
            if party == self._keys.agent_public:
                continue
            told = await self._database.read(partial(disclosures.bits_to, to=party.hex()))
            if told + planned > self._peer_bits_cap:
                raise RefusedError(
                    f"this would tell them more than {self._peer_bits_cap:.0f} bits about you in all",
                    "Raise peer_bits_cap in weal.toml if you want to",
                )

    async def _say_now(self, row: stored.Row, kind: str, body: bytes) -> None:
        def act(connection: sqlite3.Connection) -> None:
            now = stored.get(connection, row.id)
            stands = _replayed(now) if now else Session()
            self._say(connection, row, stands, Said(row.party, kind, body))

        await self._database.write(act)
        self._post.wake()

    def _advance(self, connection: sqlite3.Connection, deal_id: bytes) -> None:
        """Say whatever our agent has to say by itself, in the caller's transaction."""
        while (row := stored.get(connection, deal_id)) is not None and row.utilities is not None:
            stands = _replayed(row)
            one = speak.after(stands, self._own(row))
            if one is None:
                return
            self._say(connection, row, stands, one)

    def _say(self, connection: sqlite3.Connection, row: stored.Row, stands: Session, one: Said) -> None:
        after = stands.after(one)  # what the table forbids is refused here, before it is said
        stored.say(connection, row.id, one.party, one.kind, one.body)
        bits = after.bits_told(row.party) - (stands.bits_told(row.party) if stands.space else 0.0)
        for party in after.known().parties:
            if party != self._keys.agent_public:
                self._post.enclose(connection, party, row.id, one.kind, one.body, after.expires_ms + VALID_MS, bits)

    def _own(self, row: stored.Row) -> Own:
        if row.utilities is None:
            raise RefusedError("the person has not let their agent negotiate yet")
        return Own(row.party, row.utilities, row.secret, self._sign, row.places, row.floor)

    def _sign(self, digest: bytes) -> bytes:
        return signing.sign(self._keys.agent, "terms-agent", digest)


def _replayed(row: stored.Row) -> Session:
    return session.replay(tuple(Said(*one) for one in row.said))


def _next_floor(connection: sqlite3.Connection) -> float:
    """Return what this side settles for in its next deal, from what its last ones have brought it."""
    begun = [row for row in stored.every(connection) if row.utilities is not None]
    realised = []
    for row in begun[: 2 * ledger.WINDOW]:
        outcome = _replayed(row).chosen()
        if outcome is not None and row.utilities is not None and row.utilities.max() > 0:
            realised.append(float(row.utilities[outcome] / row.utilities.max()))
    return ledger.next_floor(begun[0].floor if begun else 0.0, realised[::-1])


def _answered(connection: sqlite3.Connection) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the deals that all have ratified, and those that somebody said no to."""
    rows = [(row, _replayed(row).deal.state) for row in stored.every(connection)]
    agreed = frozenset(row.id for row, state in rows if state is Standing.RATIFIED)
    ended = {Standing.DECLINED, Standing.CANCELLED, Standing.NO_DEAL}
    return agreed, frozenset(row.id for row, state in rows if state in ended or row.dismissed)


def _early(row: stored.Row, stands: Session, sender: bytes, kind: str, own_key: bytes) -> bool:
    """Whether a letter waits for others that are still on their way; among two, nothing can overtake anything."""
    parties = stands.space.parties if stands.space else drafted(row, own_key).parties
    if len(parties) == 2 or kind not in HELD_KINDS or sender not in parties or stands.deal.over:
        return False
    if kind == "ratify":
        return stands.deal.state not in {Standing.AGREED, Standing.HALF_RATIFIED, Standing.RATIFIED}
    if kind == "outcome":
        return stands.deal.state is not Standing.RATIFIED
    return stands.deal.turn != parties.index(sender)


def _crossed(row: stored.Row, letter: Envelope) -> bool:
    """Whether an invitation finds our draft, or crosses our own one and wins: the smaller agent key's stands."""
    if not row.said:
        return True
    only_invited = len(row.said) == 1 and row.party == 0
    return only_invited and letter.sender == row.other and letter.sender < letter.recipient


def _wish(row: records.Mirrored) -> matches.Wish | None:
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except WealError:
        return None
    return matches.Wish(row.author, row.note, note.needs, note.offers) if note.needs or note.offers else None
