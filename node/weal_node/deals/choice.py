"""The person's acts from the menu to the agreement: rank the options, ratify the terms, or withdraw."""

import sqlite3
from dataclasses import dataclass
from typing import Self

from weal_node.deals import dialogue, ratification
from weal_node.deals.context import Context, OptionJudge
from weal_node.deals.obligations import check_promised
from weal_node.deals.person_act import Fields, Needs, Nothing, PersonAct, Prepared, Reason, Refusal, at_once
from weal_node.deals.situation import Situation
from weal_node.deals.times import day
from weal_node.errors import TypedError
from weal_node.store import deals
from weal_protocol.deal import MOVES, DealState, Move
from weal_protocol.v1 import negotiation_pb2

MOST_OPTIONS = 64  # that a form is read for; a menu has fewer
PLACE = "place-"  # and the number of an option: the form's field of its place


@dataclass(frozen=True, slots=True)
class Ranking:
    """order: the numbers of the menu's options, best first.  refused: of those that are worse than no deal."""

    order: list[int]
    refused: frozenset[int] = frozenset()

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the field `order`, numbers separated by commas, or a field place-N for each option: its place, or "no"."""
        places, refused = dict[int, int](), set[int]()
        try:
            for name in fields.values:
                number = name.removeprefix(PLACE)
                if name == number or not number.isdecimal() or len(number) > 3:
                    continue
                if (place := fields.text(name)) == "no":
                    refused.add(int(number))
                elif not fields.text("order"):
                    places[int(number)] = int(place)
            order = [int(part) for part in fields.text("order").split(",")] if fields.text("order") else []
        except ValueError:
            return cls([])
        if len(set(places.values())) < len(places):
            return cls([])
        return cls((order or sorted(places, key=lambda number: places[number]))[:MOST_OPTIONS], frozenset(refused))


# -- when


def not_rankable(situation: Situation) -> Refusal | None:
    """Why there are no options to rank."""
    if situation.row.places is not None:
        return Refusal("the options were ranked already")
    if situation.state not in {DealState.MENU, DealState.MENU_BOUND}:
        return Refusal("there are no options to rank")
    return None


def not_ratifiable(situation: Situation) -> Refusal | None:
    """Why there are no terms to ratify."""
    if situation.state not in {DealState.AGREED, DealState.HALF_RATIFIED}:
        return Refusal(f"a deal that is {situation.state.value} cannot be ratified")
    if situation.ratified:
        return Refusal("you have ratified this already")
    return None


def not_cancellable(situation: Situation) -> Refusal | None:
    """Why a deal cannot be left: it costs nothing before one has ratified, and cannot be done after."""
    if situation.ratified:
        return Refusal("you have ratified this already", "Your word stands until the deal expires")
    answered = situation.entered or situation.row.party == 0
    if not answered or Move.CANCEL not in MOVES[situation.state]:
        return Refusal("there is nothing to withdraw from")
    return None


def rank_step(situation: Situation, can: frozenset[str]) -> str:
    """Return what the person is told to do about a menu."""
    return "Rank the options"


def ratify_step(situation: Situation, can: frozenset[str]) -> str:
    """Return what the person is told to do about terms."""
    return f"Ratify by {day(situation.negotiation.ratify_by())}, or withdraw"


# -- what it does


def rank(context: Context, connection: sqlite3.Connection, situation: Situation, given: Ranking) -> None:
    """Keep the person's ballot."""
    count = len(situation.negotiation.menu())
    if not count or sorted((*given.order, *given.refused)) != list(range(1, count + 1)):
        raise TypedError("a ranking names every option once", "Give each option its own place, or say no to it")
    places = [given.order.index(number) if number in given.order else count for number in range(1, count + 1)]
    deals.rank(connection, situation.row.id, tuple(places))


async def ratify(context: Context, mind: OptionJudge, situation: Situation, given: Nothing) -> Prepared:
    """Sign these very terms with the person's own key. Effective once everyone's word is there in time."""

    def effect(connection: sqlite3.Connection, now: Situation) -> None:
        ratification.check_guests_first(now)
        check_promised(context, connection, now)
        ratification.sign(context, connection, now)

    return Prepared(effect, afterwards=lambda: ratification.conclude(context))


def cancel(context: Context, connection: sqlite3.Connection, situation: Situation, given: Reason) -> None:
    """Tell the others that the person withdraws."""
    word = negotiation_pb2.Cancel(reason=given.text)
    dialogue.tell(context, connection, situation.row, situation.negotiation, "cancel", word)


RANK = PersonAct(
    "rank", Needs.APPROVAL, not_rankable, Ranking, at_once(rank), ("ranked", "Your ranking is in."), rank_step
)
RATIFY = PersonAct(  # binds
    "ratify",
    Needs.KEY,
    not_ratifiable,
    Nothing,
    ratify,
    ("ratified", "You ratified. The agreement holds once everyone has."),
    ratify_step,
)
CANCEL = PersonAct("cancel", Needs.APPROVAL, not_cancellable, Reason, at_once(cancel), ("cancelled", "Cancelled."))
ACTS = (RANK, RATIFY, CANCEL)
