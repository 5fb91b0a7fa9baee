"""The person's acts before their agents negotiate: change what it is about, let the agent in, propose changes, say no."""

import asyncio
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from weal_node.deals import dialogue, disclosure_budget, drafts, manual_drafts, trust
from weal_node.deals.context import Context, OptionJudge
from weal_node.deals.person_act import Fields, Needs, PersonAct, Prepared, Reason, Refusal, at_once
from weal_node.deals.reservation import next_reservation
from weal_node.deals.situation import Situation
from weal_node.errors import RefusedError
from weal_node.negotiation import mechanism, space, speak, utility
from weal_node.negotiation.baseline import Baseline, baseline
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.space import OptionSpace
from weal_node.store import deals
from weal_protocol.deal import MAX_PARTIES, DealState
from weal_protocol.v1 import negotiation_pb2

MAX_LINES = 8_000  # characters of what could be agreed on
COUNTERED = "another proposal comes in its place"
MANNERS = {"careful": True, "open": False}  # as the page's form names them


@dataclass(frozen=True, slots=True)
class Manner:
    """offers_only: whether the agent hides its scores, as with strangers; None: by how well the others are known (trust.py).
    Whoever invites decides it."""

    offers_only: bool | None = None

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the field `manner`: careful or open, where the person chooses."""
        return cls(MANNERS.get(fields.text("manner")))


@dataclass(frozen=True, slots=True)
class Lines:
    """text: what could be agreed on, one thing a line.  others: agent keys of the other parties; None: as they are."""

    text: str
    others: Sequence[bytes] | None = None

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the fields `space` and, where `parties` is there, `member` (a hex agent key for each of the others)."""
        others = members(fields.every("member")) if fields.every("parties") else None
        return cls(fields.text("space", MAX_LINES), others)


def members(named: Sequence[str]) -> list[bytes]:
    """Return the agent keys that a form names in hex, each once; what is none stands for nobody and is refused further in."""
    keys = []
    for name in dict.fromkeys(named[:MAX_PARTIES]):
        try:
            keys.append(bytes.fromhex(name))
        except ValueError:
            keys.append(b"")
    return keys


@dataclass(frozen=True, slots=True)
class Opening:
    """What an agent enters with. space: what could be agreed on.  mechanism: how they search.  utilities: gains over no deal
    by outcome (n,).  expected: what an honest deal there would leave this side, if anything.  answers: the deal that an
    invitation is in place of."""

    space: OptionSpace
    mechanism: negotiation_pb2.Mechanism
    utilities: npt.NDArray[np.float64]
    expected: Baseline | None
    answers: bytes = b""


# -- when


def not_begun(situation: Situation) -> Refusal | None:
    """Why an agent cannot enter, nor its person say no to it: it has entered, or none is asked to."""
    if situation.row.dismissed:
        return Refusal("this was declined", "See Community for what else there is")
    if situation.entered or not (situation.state is DealState.DRAFT or situation.invited):
        return Refusal("this negotiation has begun already")
    return None


def not_editable(situation: Situation) -> Refusal | None:
    """Why what a deal is about cannot be changed: whoever invites decides it, before their agent enters."""
    if not_begun(situation) or situation.state is not DealState.DRAFT or situation.row.party > 0:
        return Refusal("what this deal is about is fixed already", "Decline it, and propose something else")
    return None


def not_counterable(situation: Situation) -> Refusal | None:
    """Why no changes can be proposed in answer to an invitation."""
    if not_begun(situation) or not situation.invited:
        return Refusal("there is no invitation to change")
    if situation.guests:
        return Refusal("a guest looks for itself and cannot be invited", "Decline, and tell them what you would like")
    return None


def enter_step(situation: Situation, can: frozenset[str]) -> str:
    """Return what the person is told to do about a draft or an invitation."""
    if situation.state is DealState.DRAFT:
        return "Let your agent negotiate, or say no"
    changes = ", propose changes" if COUNTER.name in can else ""
    return f"You are invited: let your agent negotiate{changes} or decline"


# -- what it does


async def edit(context: Context, mind: OptionJudge, situation: Situation, given: Lines) -> Prepared:
    """Change what could be agreed on, or with whom."""
    parties = None if given.others is None else await manual_drafts.checked_parties(context, given.others)

    def effect(connection: sqlite3.Connection, now: Situation) -> None:
        edited = manual_drafts.edited(context, now, given.text, parties)
        deals.edit(connection, now.row.id, space.pack(edited), edited.parties[1])

    return Prepared(effect)


async def enter(context: Context, mind: OptionJudge, situation: Situation, given: Manner) -> Prepared:
    """Let the agent negotiate: invite, or answer an invitation."""
    row, seen = situation.row, situation.fingerprint()
    invited = situation.negotiation.mechanism if row.said else None
    opening = await _opening(context, mind, situation.options, row.party, invited or given.offers_only)

    def effect(connection: sqlite3.Connection, now: Situation) -> None:
        if now.fingerprint() != seen:
            raise RefusedError("the deal has moved on", "Load the page again")
        _begin(context, connection, now.row, opening)

    return Prepared(effect)


async def counter(context: Context, mind: OptionJudge, situation: Situation, given: Lines) -> Prepared:
    """Decline what the person was invited to, and invite to their own lines in its place, in the same manner."""
    invited = situation.options
    own = drafts.countered(invited, situation.row.party, given.text, context.names(invited.parties))
    offers_only = mechanism.is_offers_only(situation.negotiation.mechanism)
    opening = replace(await _opening(context, mind, own, 0, offers_only), answers=situation.row.id)
    new, secret = secrets.token_bytes(16), secrets.token_bytes(32)

    def effect(connection: sqlite3.Connection, now: Situation) -> None:
        decline = negotiation_pb2.Decline(reason=COUNTERED)
        dialogue.tell(context, connection, now.row, now.negotiation, "decline", decline)
        why = f"You propose changes to what {context.name_of(invited.parties[0])} invited you to."
        gifts, packed, now_ms = (now.row.mine, now.row.theirs), space.pack(own), context.clock()
        deals.draft(
            connection, deals.NewDeal(new, own.parties[1], gifts, own.sources, why, secret, space=packed), now_ms
        )
        row, _ = dialogue.loaded(connection, new.hex())
        _begin(context, connection, row, opening)

    return Prepared(effect, leads_to=new.hex())


def decline(context: Context, connection: sqlite3.Connection, situation: Situation, given: Reason) -> None:
    """Say no to a draft or an invitation. That a chain is out is told to everyone who plans (deals/exchange_cycles.py)."""
    if situation.state is DealState.DRAFT:
        deals.dismiss(connection, situation.row.id)
        return
    word = negotiation_pb2.Decline(reason=given.text)
    dialogue.tell(context, connection, situation.row, situation.negotiation, "decline", word)


async def _opening(
    context: Context,
    mind: OptionJudge,
    options: OptionSpace,
    party: int,
    manner: negotiation_pb2.Mechanism | bool | None,
) -> Opening:
    """Judge the options. manner: the invitation's mechanism; before there is one, whether by offers alone, None: by trust."""
    if options.size > space.MAX_JUDGED:
        raise RefusedError(f"more than {space.MAX_JUDGED} outcomes cannot be judged", "Leave some options out")
    names = list(map(context.name_of, options.parties))
    utilities = await mind.utilities(space.states(options, party, names))
    expected = await asyncio.to_thread(baseline, utilities, options, party)
    if isinstance(manner, negotiation_pb2.Mechanism):
        return Opening(options, manner, utilities, expected)
    if manner is None:
        manner = (await trust.least_known(context, options.parties)).offers_only(context.approvals.limits)
    searching = mechanism.suited(len(options.parties), not manner, utility.additive(utilities, options.sizes))
    return Opening(options, searching, utilities, expected)


def _begin(context: Context, connection: sqlite3.Connection, row: deals.DealRow, opening: Opening) -> None:
    """Let the agent in, unless it could disclose more than the person allows; whoever is first invites."""
    others = context.others(opening.space.parties)
    disclosure_budget.check(context, connection, others, mechanism.most_bits(opening.mechanism, opening.space))
    reserved = next_reservation(connection, opening.expected)
    row = replace(row, utilities=opening.utilities, floor=reserved)
    deals.enter(connection, row.id, opening.utilities, opening.expected, reserved)
    if row.party == 0 and not row.said:
        own, expires_ms = dialogue.own_side(context.keys, row), context.clock() + dialogue.VALID_MS
        first = speak.invite(own, opening.space, expires_ms, opening.mechanism, opening.answers)
        dialogue.say(context, connection, row, Negotiation(), first)


EDIT = PersonAct("edit", Needs.APPROVAL, not_editable, Lines, edit, ("saved", "Saved."))
ENTER = PersonAct(  # discloses a bounded number of bits
    "enter",
    Needs.APPROVAL,
    not_begun,
    Manner,
    enter,
    ("entered", "Your agent may negotiate this one."),
    enter_step,
)
COUNTER = PersonAct(  # discloses a bounded number of bits
    "counter",
    Needs.APPROVAL,
    not_counterable,
    Lines,
    counter,
    ("countered", "Their invitation is declined, and yours is on its way in its place."),
)
DECLINE = PersonAct("decline", Needs.APPROVAL, not_begun, Reason, at_once(decline), ("declined", "Declined."))
ACTS = (EDIT, COUNTER, ENTER, DECLINE)
