"""Bargain: drafts from notes, negotiation by the agents, ranking and ratification by the people.

Every act of the person uses up, in the transaction of its effect, an approval made for what they saw (deals/approvals.py), and
the person's own key signs in such acts and nowhere else. What is said, and the agent's own answers: deals/dialogue.py.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from weal_node.deals import drafts
from weal_node.deals.approvals import Approvals
from weal_node.deals.dialogue import VALID_MS, Conversation, Post, loaded
from weal_node.deals.disclosure_budget import told
from weal_node.deals.drafts import drafted
from weal_node.deals.inbox import Hearing
from weal_node.deals.manual_drafts import Devising
from weal_node.deals.matching import Comparing, Matching
from weal_node.deals.obligations import check_promised
from weal_node.deals.outcome import outcome_answer, outcome_state
from weal_node.deals.queries import Looking
from weal_node.deals.ratification import Ratifying
from weal_node.deals.reservation import next_floor
from weal_node.deals.stakes import Act, check_telling
from weal_node.deals.view import DealView, OptionView, names_of, on_the_table
from weal_node.errors import RefusedError
from weal_node.keys import Keys
from weal_node.mind.answers import Also, Learner, give
from weal_node.negotiation import mechanism, space, speak, utility
from weal_node.negotiation.baseline import Baseline, baseline
from weal_node.negotiation.negotiation import Negotiation
from weal_node.records import Item
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol import deal, signing
from weal_protocol.deal import IN_FORCE
from weal_protocol.deal import DealState as Standing
from weal_protocol.envelope import Envelope
from weal_protocol.v1 import negotiation_pb2

__all__ = ["DealView", "Deals", "OptionView"]
MAX_REASON = 200
COUNTERED = "another proposal comes in its place"


class OptionJudge(Comparing, Learner, Protocol):
    """What of the mind is needed here."""

    async def utilities(self, items: Sequence[Item]) -> npt.NDArray[np.float64]:
        """Gains over no deal (n,)."""


@dataclass(frozen=True, slots=True)
class JudgedOptions:
    """utilities: gains over no deal by outcome (n,).  expected: what an honest deal there would leave this side, if anything."""

    utilities: npt.NDArray[np.float64]
    expected: Baseline | None


class Deals(Looking):
    """All deals of one node in one community: what the person does with them, and what others' agents say."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        mind: OptionJudge,
        post: Post,
        clock: Callable[[], int],
        name_of: Callable[[bytes], str],
        oversight: Approvals,
    ) -> None:
        super().__init__(database, keys, post, clock, name_of, oversight)
        self._mind = mind
        self._conversation = Conversation(keys, post)
        self._ratifying = Ratifying(database, keys, post, self._conversation, clock)
        self._finding = Matching(database, keys, mind, clock, name_of)
        self._devising = Devising(database, keys, post, clock, name_of)
        self._hearing = Hearing(database, keys, post, self._conversation, self._ratifying, clock, name_of)

    # -- drafts

    async def find(self) -> int:
        """Look through own and others' published notes for deals; return how many new drafts there are."""
        return await self._finding.find()

    async def look_again(self) -> int:
        """Look as `find` does, in the background, where anything that deals follow from has changed since."""
        self._oversight.check_on()
        return await self._finding.again()

    async def propose(self, others: Sequence[bytes], gives: str = "", gets: str = "", lines: str = "") -> str:
        """The person thought of something themselves, with one or several; return the draft's id (deals/manual_drafts.py)."""
        return await self._devising.propose(others, gives, gets, lines)

    async def edit(self, deal_id: str, approval: str, text: str, others: Sequence[bytes] | None = None) -> None:
        """The person changes what could be agreed on, or with whom, before their agent enters; whoever invites decides that."""
        await self._act(deal_id, Act.EDIT, approval, await self._devising.edit(text, others))

    # -- what the person does

    async def enter(self, deal_id: str, approval: str, careful: bool | None = None) -> None:
        """The person lets their agent negotiate: invite, or answer an invitation. careful: whether by offers alone, as with
        strangers; None: by how well the others are known (deals/trust.py). Whoever invites decides it."""
        row, stands = await self._load(deal_id)
        _check_not_begun(row, stands)
        seen, of = on_the_table(row, stands), stands.space or drafted(row, self._keys.agent_public)
        judged = await self._judged(of, row.party)
        by = stands.mechanism if row.said else await self._mechanism(of, judged.utilities, careful)

        def begin(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            _check_not_begun(row, stands)
            self._check_not_expired(stands)
            if on_the_table(row, stands) != seen:
                raise RefusedError("the deal has moved on", "Load the page again")
            self._begin(connection, row, of, by, judged)

        await self._act(deal_id, Act.ENTER, approval, begin)

    async def counter(self, deal_id: str, approval: str, text: str) -> str:
        """The person changes what they were invited to: the invitation is declined, and one with their own lines is sent in
        its place, in the same manner; return the new deal's id."""
        row, stands = await self._load(deal_id)
        _check_counter(row, stands, self._post.is_guest)
        was, own_key = stands.known(), self._keys.agent_public
        of = drafts.countered(was, row.party, text, names_of(was, own_key, self._name_of))
        judged = await self._judged(of, 0)
        by = await self._mechanism(of, judged.utilities, mechanism.is_careful(stands.mechanism))
        made, secret = secrets.token_bytes(16), secrets.token_bytes(32)

        def propose(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            _check_counter(row, stands, self._post.is_guest)
            self._check_not_expired(stands)
            why = f"You propose changes to what {self._name_of(was.parties[0])} invited you to."
            gifts, packed = (row.mine, row.theirs), space.pack(of)
            self._conversation.tell(connection, row, stands, "decline", negotiation_pb2.Decline(reason=COUNTERED))
            deals.draft(connection, made, of.parties[1], gifts, of.sources, why, secret, self._clock(), space=packed)
            new, _ = loaded(connection, made.hex())
            self._begin(connection, new, of, by, judged, answers=row.id)

        await self._act(deal_id, Act.COUNTER, approval, propose)
        return made.hex()

    def _begin(
        self,
        connection: sqlite3.Connection,
        row: deals.DealRow,
        of: space.OptionSpace,
        by: negotiation_pb2.Mechanism,
        judged: JudgedOptions,
        answers: bytes = b"",
    ) -> None:
        """Let the agent in, unless it could tell more than the person allows; whoever is first invites."""
        others = tuple(party for party in of.parties if party != self._keys.agent_public)
        spent = told(connection, others, self._oversight, self._clock())
        check_telling(mechanism.most_bits(by, of), spent, self._oversight.limits, len(others))
        row = replace(row, utilities=judged.utilities, floor=next_floor(connection, judged.expected))
        deals.enter(connection, row.id, judged.utilities, judged.expected, row.floor)
        if row.party == 0 and not row.said:
            first = speak.invite(self._conversation.own(row), of, self._clock() + VALID_MS, by, answers)
            self._conversation.say(connection, row, Negotiation(), first)

    async def decline(self, deal_id: str, approval: str, reason: str = "") -> None:
        """Say no to a draft or an invitation. That a chain is out is told to everyone who plans (deals/exchange_cycles.py)."""

        def refuse(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            if stands.deal.state is Standing.DRAFT:
                deals.dismiss(connection, row.id)
            elif stands.deal.state is Standing.INVITED and row.party > 0:
                self._conversation.tell(
                    connection, row, stands, "decline", negotiation_pb2.Decline(reason=reason[:MAX_REASON])
                )
            else:
                raise RefusedError("there is no invitation to decline", "Cancel the deal instead")

        await self._act(deal_id, Act.DECLINE, approval, refuse)

    async def cancel(self, deal_id: str, approval: str, reason: str = "") -> None:
        """Leave before one has ratified; it costs nothing."""

        def leave(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            if row.pending is not None:
                raise RefusedError("you have ratified this already", "Your word stands until the deal expires")
            self._conversation.tell(
                connection, row, stands, "cancel", negotiation_pb2.Cancel(reason=reason[:MAX_REASON])
            )

        await self._act(deal_id, Act.CANCEL, approval, leave)

    async def rank(self, deal_id: str, approval: str, order: list[int], refused: frozenset[int] = frozenset()) -> None:
        """The person's ballot: the numbers of the menu's options, best first, but for those that are worse than no deal."""

        def ranked(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            count = len(stands.menu())
            self._check_not_expired(stands)
            if row.places is not None:
                raise RefusedError("the options were ranked already")
            if not count or sorted((*order, *refused)) != list(range(1, count + 1)):
                raise RefusedError(
                    "a ranking names every option once", "Give each option its own place, or say no to it"
                )
            places = (order.index(number) if number in order else count for number in range(1, count + 1))
            deals.rank(connection, row.id, tuple(places))

        await self._act(deal_id, Act.RANK, approval, ranked)

    async def ratify(self, deal_id: str, approval: str) -> None:
        """The human's word: their ratification key signs these very terms. Effective once everyone's is there in time."""

        def word(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            self._ratifying.check_open(row, stands)
            check_promised(connection, row, stands, self._oversight, self._post.is_guest, self._clock())
            self._ratifying.sign(connection, row, stands)

        await self._act(deal_id, Act.RATIFY, approval, word)
        await self._ratifying.conclude()

    async def fulfil(self, deal_id: str, approval: str) -> None:
        """The person says that the others did their part: a receipt, signed by their own key."""
        await self._act(deal_id, Act.FULFIL, approval, self._receipt(True, ""))

    async def dispute(self, deal_id: str, approval: str, reason: str) -> None:
        """The person says that the others did not do their part, and why."""
        await self._act(deal_id, Act.DISPUTE, approval, self._receipt(False, reason[:MAX_REASON]))

    def _receipt(
        self, fulfilled: bool, reason: str
    ) -> Callable[[sqlite3.Connection, deals.DealRow, Negotiation], None]:
        def say(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            terms, now = deal.terms_hash(stands.terms()), self._clock()
            word = signing.sign(self._keys.ratification, "receipt-human", deal.receipt(terms, fulfilled, now))
            receipt = negotiation_pb2.Receipt(
                terms_sha256=terms, fulfilled=fulfilled, reason=reason, at_ms=now, signature=word
            )
            self._conversation.tell(connection, row, stands, "receipt", receipt)

        return say

    async def keep(self, deal_id: str, approval: str) -> None:
        """The person says that they did their own part: a note for themselves, which frees hours (deals/obligations.py)."""

        def note(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            if stands.deal.state not in IN_FORCE or row.kept_ms:
                raise RefusedError("this deal is not in force, or you said so already")
            deals.keep(connection, row.id, self._clock())

        await self._act(deal_id, Act.KEEP, approval, note)

    async def rate(self, deal_id: str, approval: str, satisfied: bool) -> None:
        """The person rates the outcome: an answer here, and a coarse yes or no for the other side."""
        row, stands = await self._load(deal_id)
        _check_not_rated(row, stands)
        outcome = outcome_state(stands, row.party, [self._name_of(one) for one in stands.known().parties])
        answer = outcome_answer(outcome, satisfied, self._clock())

        def learnt(connection: sqlite3.Connection, row: deals.DealRow, stands: Negotiation) -> None:
            _check_not_rated(row, stands)
            deals.rated(connection, row.id, answer.id)
            terms = deal.terms_hash(stands.terms())
            word = negotiation_pb2.Outcome(terms_sha256=terms, satisfied=satisfied)
            self._conversation.tell(connection, row, stands, "outcome", word)

        rated = Also(outcome, self._effect(deal_id, Act.RATE, approval, learnt))
        await give(self._database, self._mind, answer, also=rated)
        self._post.wake()

    async def _act(
        self,
        deal_id: str,
        act: Act,
        approval: str,
        effect: Callable[[sqlite3.Connection, deals.DealRow, Negotiation], None],
    ) -> None:
        await self._database.write(self._effect(deal_id, act, approval, effect))
        self._post.wake()

    def _effect(
        self,
        deal_id: str,
        act: Act,
        approval: str,
        effect: Callable[[sqlite3.Connection, deals.DealRow, Negotiation], None],
    ) -> Callable[[sqlite3.Connection], None]:
        """Return a transaction that uses the approval up and has the effect, or neither."""

        def at_once(connection: sqlite3.Connection) -> None:
            row, stands = loaded(connection, deal_id)
            self._oversight.use(connection, approval, act, row.id, on_the_table(row, stands))
            effect(connection, row, stands)
            self._conversation.advance(connection, row.id)

        return at_once

    # -- what the other side says

    async def receive(self, letter: Envelope) -> Callable[[sqlite3.Connection], None] | None:
        """Return the effect of a verified letter of a deal; it, or this, raises a PeerError that names what is wrong."""
        self._oversight.check_on()
        return await self._hearing.receive(letter)

    async def conclude(self) -> None:
        """Go on with ratifications that wait for the notary or for others; called from time to time."""
        self._oversight.check_on()
        await self._ratifying.conclude()

    async def _judged(self, of: space.OptionSpace, party: int) -> JudgedOptions:
        if of.size > space.MAX_JUDGED:
            raise RefusedError(f"more than {space.MAX_JUDGED} outcomes cannot be judged", "Leave some options out")
        utilities = await self._mind.utilities(space.states(of, party, [self._name_of(one) for one in of.parties]))
        return JudgedOptions(utilities, await asyncio.to_thread(baseline, utilities, of, party))

    def _check_not_expired(self, stands: Negotiation) -> None:
        if 0 < stands.expires_ms < self._clock():
            raise RefusedError("this deal has expired", "Begin a new one")

    async def _mechanism(
        self, of: space.OptionSpace, utilities: npt.NDArray[np.float64], careful: bool | None
    ) -> negotiation_pb2.Mechanism:
        if careful is None:
            careful = (await self._acquaintance(of.parties)).careful(self._oversight.limits.careful_first)
        return mechanism.suited(len(of.parties), not careful, utility.additive(utilities, of.sizes))


def _check_not_begun(row: deals.DealRow, stands: Negotiation) -> None:
    if row.dismissed:
        raise RefusedError("this was declined", "See Community for what else there is")
    if stands.deal.state not in {Standing.DRAFT, Standing.INVITED} or row.utilities is not None:
        raise RefusedError("this negotiation has begun already")


def _check_counter(row: deals.DealRow, stands: Negotiation, is_guest: Callable[[bytes], bool]) -> None:
    if row.dismissed or row.party == 0 or stands.deal.state is not Standing.INVITED or row.utilities is not None:
        raise RefusedError("there is no invitation to change", "Load the page again")
    if any(is_guest(party) for party in stands.known().parties):
        raise RefusedError(
            "a guest looks for itself and cannot be invited", "Decline, and tell them what you would like"
        )


def _check_not_rated(row: deals.DealRow, stands: Negotiation) -> None:
    if stands.deal.state not in IN_FORCE or row.outcome_answer:
        raise RefusedError("there is no outcome to rate, or it was rated already")
