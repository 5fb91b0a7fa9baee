"""Listing: deals as JSON, each with where it stands in a person's words and what is to be done next."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from weal_node.deals.next_step import ended, next_step, waits_for_person
from weal_node.deals.view import DealView

# Where a deal stands, in a person's words; the protocol's own where they are plain enough.
STANDING = {
    "draft": "found",
    "seed answered": "negotiating",
    "scoring": "negotiating",
    "scored": "negotiating",
    "menu": "choosing",
    "menu bound": "choosing",
    "menu answered": "choosing",
    "agreed": "to be ratified",
    "half ratified": "half ratified",
}


def standing(state: str) -> str:
    """Return where a deal stands, in a person's words."""
    return STANDING.get(state, state)


def as_json(deals: Sequence[DealView] | None) -> dict[str, Any]:
    """Return deals as JSON: as the page shows them, with what is to be done next. None: of a node that is in no community."""
    return {"joined": deals is not None, "deals": [_deal(deal) for deal in deals or ()]}


def _deal(deal: DealView) -> dict[str, Any]:
    standing_now = {"can": sorted(deal.can), "standing": standing(deal.state), "next": next_step(deal)}
    return asdict(deal) | standing_now | {"waits_for_you": waits_for_person(deal), "ended": ended(deal)}
