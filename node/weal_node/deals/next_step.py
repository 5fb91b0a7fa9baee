"""What is to be done about a deal now, and by whom, in a line; the same on pages and on the command line."""

from dataclasses import dataclass

from weal_node.deals import acts
from weal_node.deals.situation import Situation
from weal_node.deals.states import EXPIRED_ROW, STATES, DealPhase
from weal_node.deals.times import day
from weal_protocol.deal import DealState


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done.

    words: in a line.
    for_person: whether the deal waits for this person.
    on_today: whether Today lists it for that.
    ended: whether nothing is left to do, for anyone.
    """

    words: str
    for_person: bool = False
    on_today: bool = False
    ended: bool = False


def next_step(situation: Situation, can: frozenset[str], names: tuple[str, ...]) -> NextStep:
    """Return what is to be done next: by this person, where they can do something that a deal waits for, else by others.
    can: names of acts.  names: of the parties, this person's as "you"."""
    if why_over := _why_over(situation):
        return NextStep(f"Nothing: {why_over}", ended=True)
    waiting = [(act, act.step) for act in acts.ACTS if act.step is not None and act.name in can]
    if waiting:
        _, first = waiting[0]
        return NextStep(first(situation, can), for_person=True, on_today=any(act.on_today for act, _ in waiting))
    return NextStep(_others(situation, names), ended=situation.state is DealState.FULFILLED)


def _why_over(situation: Situation) -> str:
    """Return why a deal came to nothing, "" where it did not."""
    if situation.expired:
        return EXPIRED_ROW.why_over
    return STATES[DealState.DECLINED if situation.dropped else situation.state].why_over


def _others(situation: Situation, names: tuple[str, ...]) -> str:
    """Return what is to be done by others."""
    others = " and ".join(name for name in names if name != "you")
    if situation.row.pending is not None:
        return "Your ratification waits for the notary"
    match STATES[situation.state].phase:
        case DealPhase.FOUND:
            return f"Your agent is ready: {names[0]} has not invited yet"
        case DealPhase.INVITED:
            return f"Wait until {others} let their agent{'s' if len(names) > 2 else ''} negotiate"
        case DealPhase.NEGOTIATING:
            return "Wait: the agents negotiate"
        case DealPhase.RATIFYING:
            return f"Wait: the others can ratify until {day(situation.negotiation.ratify_by())}"
        case DealPhase.IN_FORCE if situation.state is DealState.FULFILLED:
            return "Nothing: everyone did their part"
        case DealPhase.IN_FORCE:
            return f"Wait for a receipt by {others}"
    return "Wait for the others' rankings"
