"""The person's acts on a deal in force: say whether the others did their part, that they did their own, and how it turned out."""

import sqlite3
from dataclasses import dataclass
from typing import Self

from weal_node.deals import dialogue
from weal_node.deals.context import Context, OptionJudge
from weal_node.deals.obligations import DISPUTED_MS, QUIET_MS
from weal_node.deals.outcome import outcome_answer, outcome_state
from weal_node.deals.person_act import (
    Button,
    Fields,
    Form,
    Needs,
    Nothing,
    PersonAct,
    Prepared,
    Reason,
    Refusal,
    at_once,
)
from weal_node.deals.situation import Situation
from weal_node.errors import TypedError
from weal_node.store import deals
from weal_protocol import deal, signing
from weal_protocol.deal import Move
from weal_protocol.v1 import negotiation_pb2

DAY_MS = 24 * 3_600 * 1_000


@dataclass(frozen=True, slots=True)
class Rating:
    """satisfied: whether the person is glad of the outcome."""

    satisfied: bool

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the field `satisfied`: yes or no."""
        word = fields.text("satisfied")
        if word not in ("yes", "no"):
            raise TypedError("that is neither yes nor no", "Load the page again")
        return cls(word == "yes")


# -- when


def not_fulfillable(situation: Situation) -> Refusal | None:
    """Why no receipt can be given."""
    if not situation.in_force or situation.has_said(Move.FULFIL):
        return Refusal("this deal is not in force, or you gave a receipt already")
    return None


def not_disputable(situation: Situation) -> Refusal | None:
    """Why it cannot be disputed."""
    if not_fulfillable(situation) or situation.has_said(Move.DISPUTE):
        return Refusal("this deal is not in force, or you said how it went already")
    return None


def not_keepable(situation: Situation) -> Refusal | None:
    """Why the person cannot say that they did their part."""
    if not situation.in_force or situation.row.kept_ms:
        return Refusal("this deal is not in force, or you said so already")
    return None


def not_ratable(situation: Situation) -> Refusal | None:
    """Why there is nothing to rate."""
    if not situation.in_force or situation.row.outcome_answer:
        return Refusal("there is no outcome to rate, or it was rated already")
    return None


def fulfil_step(situation: Situation, can: frozenset[str]) -> str:
    """Return what the person is told to do about a deal in force."""
    return f"Once the others have done their part, give a receipt{'; then rate it' if RATE.name in can else ''}"


def rate_step(situation: Situation, can: frozenset[str]) -> str:
    """Return what the person is told to do about a deal that was done."""
    return "Say how it turned out"


# -- what it does


def fulfil(context: Context, connection: sqlite3.Connection, situation: Situation, given: Nothing) -> None:
    """Sign a receipt: the others did their part."""
    _receipt(context, connection, situation, fulfilled=True)


def dispute(context: Context, connection: sqlite3.Connection, situation: Situation, given: Reason) -> None:
    """Sign that the others did not do their part, and why."""
    _receipt(context, connection, situation, fulfilled=False, reason=given.text)


def _receipt(
    context: Context, connection: sqlite3.Connection, situation: Situation, *, fulfilled: bool, reason: str = ""
) -> None:
    terms, now = deal.terms_hash(situation.negotiation.terms()), context.clock()
    word = signing.sign(context.keys.ratification, "receipt-human", deal.receipt(terms, fulfilled, now))
    receipt = negotiation_pb2.Receipt(terms_sha256=terms, fulfilled=fulfilled, reason=reason, at_ms=now, signature=word)
    dialogue.tell(context, connection, situation.row, situation.negotiation, "receipt", receipt)


def keep(context: Context, connection: sqlite3.Connection, situation: Situation, given: Nothing) -> None:
    """Keep a note of the person's own: it frees hours (deals/obligations.py)."""
    deals.keep(connection, situation.row.id, context.clock())


async def rate(context: Context, mind: OptionJudge, situation: Situation, given: Rating) -> Prepared:
    """Rate the outcome: an answer here, and a coarse yes or no for the other side."""
    names = list(map(context.name_of, situation.options.parties))
    outcome = outcome_state(situation.negotiation, situation.row.party, names)
    answer = outcome_answer(outcome, given.satisfied, context.clock())

    def effect(connection: sqlite3.Connection, now: Situation) -> None:
        deals.rated(connection, now.row.id, answer.id)
        terms = deal.terms_hash(now.negotiation.terms())
        word = negotiation_pb2.Outcome(terms_sha256=terms, satisfied=given.satisfied)
        dialogue.tell(context, connection, now.row, now.negotiation, "outcome", word)

    return Prepared(effect, learnt=(answer, outcome))


FULFIL = PersonAct(  # a receipt the other side can show
    "fulfil",
    Needs.KEY,
    not_fulfillable,
    Nothing,
    at_once(fulfil),
    ("fulfilled", "Your receipt is signed and on its way."),
    fulfil_step,
    on_today=False,  # the others may take their time
)
DISPUTE = PersonAct(
    "dispute",
    Needs.KEY,
    not_disputable,
    Reason,
    at_once(dispute),
    ("disputed", "Your dispute is signed and on its way. A receipt ends it."),
)
KEEP = PersonAct(  # lets one promise more
    "keep",
    Needs.APPROVAL,
    not_keepable,
    Nothing,
    at_once(keep),
    ("kept", "Noted: you did your part."),
    form=Form(
        "Have you done yours?",
        "What you give counts as owed until the others have given you a receipt. Your own word frees it too: "
        f"{QUIET_MS // DAY_MS} days after you say so, {DISPUTED_MS // DAY_MS} where another disputes it, at once where only "
        "guests are left, who can give no receipt. With someone who has fulfilled no deal with you yet it also takes your "
        "receipt that they did their part. Nothing is sent.",
        (Button("I did my part"),),
    ),
)
RATE = PersonAct(
    "rate",
    Needs.APPROVAL,
    not_ratable,
    Rating,
    rate,
    ("rated", "Thank you. The outcome is an answer now."),
    rate_step,
    form=Form(
        "How did it turn out?",
        "Your answer teaches your agent. The other side learns only yes or no.",
        (Button("I am glad of it", "satisfied", "yes"), Button("I am not", "satisfied", "no")),
    ),
)
ACTS = (FULFIL, DISPUTE, KEEP, RATE)
