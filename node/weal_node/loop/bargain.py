"""Bargain: drafts from notes, negotiation by the agents, ranking and ratification by the people.

Everything that was said is in the store, with the answer it called for, in one transaction: a node that is killed
anywhere goes on where it was. Every act of the person uses an approval up in that transaction (loop/oversight.py), and the
person's own key signs in such acts and nowhere else.
"""

import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
from google.protobuf.message import Message

from weal_node.errors import NotFoundError, RefusedError
from weal_node.gate.stakes import Act, check_telling
from weal_node.keys import Keys
from weal_node.loop.agree import DealView, OptionView, on_the_table, view
from weal_node.loop.oversight import Oversight
from weal_node.loop.promises import check_promised
from weal_node.loop.settle import outcome_label, outcome_state, settle
from weal_node.negotiation import session, space
from weal_node.negotiation.session import Own, Said, Session
from weal_node.proposals import matches
from weal_node.records import State
from weal_node.store import deals as stored
from weal_node.store import labels, records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.cards import Member
from weal_protocol.deal import State as Standing
from weal_protocol.envelope import Envelope
from weal_protocol.errors import UnlawfulMoveError, WealError
from weal_protocol.v1 import negotiation_pb2 as pb

__all__ = ["Bargaining", "DealView", "OptionView"]
VALID_MS = 7 * 24 * 3_600 * 1_000
MAX_OPEN_INVITATIONS = 50


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
        oversight: Oversight,
    ) -> None:
        self._database = database
        self._keys = keys
        self._mind = mind
        self._post = post
        self._clock = clock
        self._name_of = name_of
        self._oversight = oversight

    # -- drafts

    async def find(self) -> int:
        """Look through own and others' published notes for matches; return how many new drafts there are."""
        own_key = self._keys.agent_public.hex()
        wishes = [wish for row in await self._database.read(records.notes) if (wish := _wish(row)) is not None]
        texts = matches.texts(wishes)
        if not texts:
            return 0
        cosines, index = await self._mind.similarity(texts), {text: row for row, text in enumerate(texts)}
        found = matches.find(
            [wish for wish in wishes if wish.author == own_key],
            [wish for wish in wishes if wish.author != own_key],
            lambda a, b: float(cosines[index[a], index[b]]),
        )
        return sum([await self._draft(match) for match in found])

    async def _draft(self, match: matches.Match) -> bool:
        deal, other = matches.deal_id(match), bytes.fromhex(match.other.author)
        sources, secret, now = (match.own.note, match.other.note), secrets.token_bytes(32), self._clock()
        gifts = (match.mine, match.theirs)
        return await self._database.write(
            lambda connection: stored.draft(connection, deal, other, gifts, sources, match.why, secret, now)
        )

    # -- what the person does

    async def enter(self, deal_id: str, approval: str) -> None:
        """The person lets their agent negotiate: invite, or answer an invitation."""
        row, stands = await self._load(deal_id)
        if stands.deal.state not in {Standing.DRAFT, Standing.INVITED} or row.utilities is not None:
            raise RefusedError("this negotiation has begun already")
        first = row.own_first or not row.said
        of = stands.space or space.swap((self._keys.agent_public, row.other), (row.mine, row.theirs), row.sources)
        utilities = await self._mind.utilities(space.states(of, 0 if first else 1))

        def begin(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            if row.utilities is not None or (row.own_first or not row.said) != first:
                raise RefusedError("this negotiation has begun already")
            told = self._oversight.told(connection, (row.other,))
            check_telling(session.most_bits(session.MECHANISM, of), told, self._oversight.limits)
            row = replace(row, own_first=first, utilities=utilities)
            stored.enter(connection, row.id, utilities)
            if first:
                self._say(connection, row, stands, session.invite(self._own(row), of, self._clock() + VALID_MS))

        await self._act(deal_id, Act.ENTER, approval, begin)

    async def decline(self, deal_id: str, approval: str, reason: str = "") -> None:
        """Say no to a draft or an invitation."""

        def refuse(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            if stands.deal.state is Standing.DRAFT:
                stored.dismiss(connection, row.id)
            elif stands.deal.state is Standing.INVITED and not row.own_first:
                self._tell(connection, row, stands, "decline", pb.Decline(reason=reason[:200]))
            else:
                raise RefusedError("there is no invitation to decline", "Cancel the deal instead")

        await self._act(deal_id, Act.DECLINE, approval, refuse)

    async def cancel(self, deal_id: str, approval: str, reason: str = "") -> None:
        """Leave before everyone has ratified; it costs nothing."""

        def leave(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            self._tell(connection, row, stands, "cancel", pb.Cancel(reason=reason[:200]))

        await self._act(deal_id, Act.CANCEL, approval, leave)

    async def rank(self, deal_id: str, approval: str, order: list[int]) -> None:
        """The person's ranking: the numbers of the menu's options, best first."""

        def ranked(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            menu = stands.menu()
            if row.places is not None:
                raise RefusedError("the options were ranked already")
            if not menu or sorted(order) != list(range(1, len(menu) + 1)):
                raise RefusedError("a ranking names every option once", "Give each option its own place")
            stored.rank(connection, row.id, tuple(order.index(number) for number in range(1, len(menu) + 1)))

        await self._act(deal_id, Act.RANK, approval, ranked)

    async def ratify(self, deal_id: str, approval: str) -> None:
        """The human's word: their ratification key signs these very terms. Effective once everyone's is there in time."""

        def word(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            now = self._clock()
            if stands.deal.state not in {Standing.AGREED, Standing.HALF_RATIFIED}:
                raise RefusedError(f"a deal that is {stands.deal.state.value} cannot be ratified")
            if now > stands.expires_ms:
                raise RefusedError("this deal has expired", "Begin a new one")
            check_promised(connection, row, stands, self._oversight)
            digest = life.terms_hash(stands.terms())
            signature = signing.sign(self._keys.ratification, "terms-human", life.ratification(digest, now))
            ratify = pb.Ratify(terms_sha256=digest, signature=signature, ratified_ms=now)
            if not row.own_first:
                ratify.signed.CopyFrom(pb.Sign(terms_sha256=digest, signature=self._sign(digest)))
            self._tell(connection, row, stands, "ratify", ratify)

        await self._act(deal_id, Act.RATIFY, approval, word)

    async def rate(self, deal_id: str, approval: str, satisfied: bool) -> None:
        """The person rates the outcome: a label here, and a coarse yes or no for the other side."""
        row, stands = await self._load(deal_id)
        if stands.deal.state is not Standing.RATIFIED or row.outcome_label:
            raise RefusedError("there is no outcome to rate, or it was rated already")
        outcome = outcome_state(stands, row.own_first)
        label = outcome_label(outcome, satisfied, self._clock())

        def told(connection: sqlite3.Connection, row: stored.Row, stands: Session) -> None:
            if row.outcome_label:
                raise RefusedError("there is no outcome to rate, or it was rated already")
            labels.add(connection, label)
            stored.rated(connection, row.id, label.id)
            terms = life.terms_hash(stands.terms())
            self._tell(connection, row, stands, "outcome", pb.Outcome(terms_sha256=terms, satisfied=satisfied))

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
            row, stands = _loaded(connection, deal_id)
            self._oversight.use(connection, approval, act, row.id, on_the_table(row, stands))
            effect(connection, row, stands)
            self._advance(connection, row.id)

        await self._database.write(at_once)
        self._post.wake()

    # -- what the other side says

    async def receive(self, letter: Envelope) -> None:
        """Take a verified letter of a deal; a PeerError names what is wrong with it. The same letter again is no harm."""
        self._oversight.check_on()
        row = await self._database.read(lambda connection: stored.get(connection, letter.session))
        if row is None or (letter.kind == "invite" and _crossed(row, letter)):
            row = await self._invited(row, letter)
        if letter.sender != row.other:
            raise UnlawfulMoveError("a letter of a deal is not by the other party")
        if letter.kind == "ratify":
            await self._check_ratification(letter)
        one = Said(not row.own_first, letter.kind, letter.body)
        if (one.by_first, one.kind, one.body) in row.said:
            return  # taken before a crash, and not marked as seen

        def take(connection: sqlite3.Connection) -> None:
            now = stored.get(connection, letter.session)
            stands = _replayed(now) if now else Session()
            stands.after(one)  # raises before anything is written
            stored.say(connection, letter.session, one.by_first, one.kind, one.body)
            self._advance(connection, letter.session)

        await self._database.write(take)
        self._post.wake()

    async def _invited(self, known: stored.Row | None, letter: Envelope) -> stored.Row:
        """Make room for an invitation: a new deal, or one that we had drafted or invited to ourselves."""
        if letter.kind != "invite":
            raise UnlawfulMoveError("a letter of a deal that is not known here")
        stands = Session().after(Said(True, "invite", letter.body))
        of = stands.known()
        if of.parties != (letter.sender, self._keys.agent_public) or stands.expires_ms < self._clock():
            raise UnlawfulMoveError("an invitation is to someone else, or has expired")
        open_count = sum(not row.said or row.utilities is None for row in await self._database.read(stored.every))
        if known is None and open_count >= MAX_OPEN_INVITATIONS:
            raise RefusedError("too many invitations are open here")
        mine = next((issue.name for issue in of.issues if issue.giver == 1), "nothing")
        theirs = next((issue.name for issue in of.issues if issue.giver == 0), "nothing")
        why, secret, now = f"{self._name_of(letter.sender)} invites you.", secrets.token_bytes(32), self._clock()

        def make_room(connection: sqlite3.Connection) -> None:
            stored.draft(connection, letter.session, letter.sender, (mine, theirs), of.sources, why, secret, now)
            stored.yield_to(connection, letter.session)

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

    async def shown(self, deal_id: str) -> tuple[DealView, dict[str, str]]:
        """Return one deal for its page, and an approval for each act that it lets the person do. Pages only."""
        row, stands = await self._load(deal_id)
        seen = view(row, stands, self._keys.agent_public, self._name_of, self._clock())
        about = on_the_table(row, stands)
        return seen, {act: self._oversight.approve(Act(act), row.id, about) for act in sorted(seen.can)}

    # -- inside

    async def _load(self, deal_id: str) -> tuple[stored.Row, Session]:
        return await self._database.read(lambda connection: _loaded(connection, deal_id))

    def _tell(self, connection: sqlite3.Connection, row: stored.Row, stands: Session, kind: str, body: Message) -> None:
        said = Said(row.own_first, kind, body.SerializeToString(deterministic=True))
        self._say(connection, row, stands, said)

    def _advance(self, connection: sqlite3.Connection, deal_id: bytes) -> None:
        """Say whatever our agent has to say by itself, in the caller's transaction."""
        while (row := stored.get(connection, deal_id)) is not None and row.utilities is not None:
            stands = _replayed(row)
            one = stands.next(self._own(row))
            if one is None:
                return
            self._say(connection, row, stands, one)

    def _say(self, connection: sqlite3.Connection, row: stored.Row, stands: Session, one: Said) -> None:
        after = stands.after(one)  # what the table forbids is refused here, before it is said
        stored.say(connection, row.id, one.by_first, one.kind, one.body)
        bits = after.bits_told(row.own_first) - stands.bits_told(row.own_first)
        self._post.enclose(connection, row.other, row.id, one.kind, one.body, after.expires_ms + VALID_MS, bits)

    def _own(self, row: stored.Row) -> Own:
        if row.utilities is None:
            raise RefusedError("the person has not let their agent negotiate yet")
        return Own(row.own_first, row.utilities, row.secret, self._sign, row.places)

    def _sign(self, digest: bytes) -> bytes:
        return signing.sign(self._keys.agent, "terms-agent", digest)


def _loaded(connection: sqlite3.Connection, deal_id: str) -> tuple[stored.Row, Session]:
    try:
        key = bytes.fromhex(deal_id)
    except ValueError:
        key = b""
    row = stored.get(connection, key)
    if row is None:
        raise NotFoundError("there is no such deal", "It may have been dismissed")
    return row, _replayed(row)


def _replayed(row: stored.Row) -> Session:
    return session.replay(tuple(Said(*one) for one in row.said))


def _crossed(row: stored.Row, letter: Envelope) -> bool:
    """Whether an invitation finds our draft, or crosses our own one and wins: the smaller agent key's stands."""
    if not row.said:
        return True
    only_invited = len(row.said) == 1 and row.own_first
    return only_invited and letter.sender == row.other and letter.sender < letter.recipient


def _wish(row: records.Mirrored) -> matches.Wish | None:
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except WealError:
        return None
    return matches.Wish(row.author, row.note, note.needs, note.offers) if note.needs and note.offers else None
