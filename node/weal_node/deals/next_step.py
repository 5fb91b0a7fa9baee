"""Next step: what is to be done about a deal now, and by whom, in a line; the same on pages and on the command line."""

from datetime import UTC, datetime

from weal_node.deals.view import DealView
from weal_protocol.deal import DealState

OVER = {
    "expired": "Nothing: it ran out before everyone had ratified",
    DealState.DECLINED: "Nothing: it was declined",
    DealState.CANCELLED: "Nothing: it was cancelled",
    DealState.NO_DEAL: "Nothing: no option was better than no deal for everyone",
}
NEGOTIATING = {DealState.SEED_ANSWERED, DealState.SCORING, DealState.SCORED, DealState.OFFERING}


def next_step(view: DealView) -> str:
    """Return what is to be done next: by this person, where they can do something that a deal waits for, else by others."""
    if view.state in OVER:
        return OVER[view.state]
    if "enter" in view.can:
        if view.state == DealState.DRAFT:
            return "Let your agent negotiate, or say no"
        return f"You are invited: let your agent negotiate{', propose changes' if 'counter' in view.can else ''} or decline"
    if "rank" in view.can:
        return "Rank the options"
    if "ratify" in view.can:
        return f"Ratify by {day(view.ratify_by_ms)}, or withdraw"
    if view.waiting:
        return "Your ratification waits for the notary"
    if "fulfil" in view.can:
        return f"Once the others have done their part, give a receipt{'; then rate it' if 'rate' in view.can else ''}"
    if "rate" in view.can:
        return "Say how it turned out"
    return _others(view)


def waits_for_person(view: DealView) -> bool:
    """Whether a deal waits for this person; to withdraw or to dispute is theirs at any time and nothing waits for it."""
    return bool(view.can & {"enter", "rank", "ratify", "fulfil", "rate"})


def ended(view: DealView) -> bool:
    """Whether nothing is to be done about a deal any more, by anyone."""
    return view.state in OVER or (view.state == DealState.FULFILLED and "rate" not in view.can)


def day(ms: int) -> str:
    """Return a Unix time in milliseconds as a day and minute here."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%d %b %Y, %H:%M")


def _others(view: DealView) -> str:
    others = " and ".join(name for name in view.names if name != "you")
    if view.state == DealState.DRAFT:
        return f"Your agent is ready: {view.names[0]} has not invited yet"
    if view.state == DealState.INVITED:
        return f"Wait until {others} let their agent{'s' if len(view.names) > 2 else ''} negotiate"
    if view.state in NEGOTIATING:
        return "Wait: the agents negotiate"
    if view.state == DealState.HALF_RATIFIED:
        return f"Wait: the others can ratify until {day(view.ratify_by_ms)}"
    if view.state == DealState.FULFILLED:
        return "Nothing: everyone did their part"
    if view.state in {DealState.RATIFIED, DealState.DISPUTED}:
        return f"Wait for a receipt by {others}"
    return "Wait for the others' rankings"
