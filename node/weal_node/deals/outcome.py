"""Settle: the outcome of a deal, rated by its person, becomes a label like any other gesture."""

import uuid
from collections.abc import Sequence
from typing import Protocol

from weal_node.errors import NotFoundError
from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Negotiation
from weal_node.records import Answer, Choice, Item


class Learning(Protocol):
    """What of the mind is needed here."""

    async def add_states(self, new: Sequence[Item]) -> None:
        """Make states known."""

    async def relearn(self) -> None:
        """Fit the head anew."""


def outcome_state(stands: Negotiation, party: int, names: Sequence[str] = ()) -> Item:
    """Return the agreed option as this person sees it. names: of the parties, by place, where they are known."""
    outcome = stands.chosen()
    if outcome is None:
        raise NotFoundError("this deal has no outcome")
    return space.state(stands.known(), space.option(stands.known(), outcome), party, names)


def outcome_label(outcome: Item, satisfied: bool, now_ms: int) -> Answer:
    """Return the rating as a label about the agreed option."""
    return Answer(uuid.uuid4().hex, now_ms, outcome.id, "", Choice.ACCEPT if satisfied else Choice.REJECT, "outcome")


async def settle(mind: Learning, outcome: Item) -> None:
    """Learn from a rating that is in the log."""
    await mind.add_states([outcome])
    await mind.relearn()
