"""The outcome of a deal, and its person's rating of it: an answer like any other."""

import uuid
from collections.abc import Sequence

from weal_node.errors import NotFoundError
from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation
from weal_node.records import Answer, Choice, Item


def outcome_state(negotiation: Negotiation, party: int, names: Sequence[str] = ()) -> Item:
    """Return the agreed option as this person sees it. names: of the parties, by place, where they are known."""
    outcome = negotiation.chosen()
    if outcome is None:
        raise NotFoundError("this deal has no outcome")
    return space.state(negotiation.known(), space.option(negotiation.known(), outcome), party, names)


def outcome_answer(outcome: Item, satisfied: bool, now_ms: int) -> Answer:
    """Return the rating as an answer about the agreed option."""
    return Answer(uuid.uuid4().hex, now_ms, outcome.id, "", Choice.ACCEPT if satisfied else Choice.REJECT, "outcome")
