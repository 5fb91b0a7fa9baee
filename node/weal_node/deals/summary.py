"""The little of a negotiation that is asked of every deal there is."""

from dataclasses import dataclass
from functools import lru_cache

from weal_node.negotiation import space
from weal_node.negotiation.negotiation import Statement
from weal_node.negotiation.replay import replay
from weal_node.store.deals import DealRow
from weal_protocol.deal import DealState, Move

REMEMBERED = 4_096  # deals: as many as a person will ever have


@dataclass(frozen=True, slots=True)
class DealSummary:
    """Where a deal is.

    state, moves, over: by its transcript.
    parties: agent keys, the inviter's first; none before there is an invitation.
    option: the chosen outcome's index, None before.
    given: the hours that each party gives by it.
    expires_ms: by when all must have ratified.
    issues: of its space.
    """

    state: DealState
    moves: tuple[tuple[int, Move], ...]
    parties: tuple[bytes, ...]
    over: bool
    option: int | None
    given: tuple[float, ...]
    expires_ms: int
    issues: tuple[space.Issue, ...]


def summarise(row: DealRow) -> DealSummary:
    """Return the summary of a deal, remembered."""
    return _summarise(row.said)


@lru_cache(maxsize=REMEMBERED)
def _summarise(said: tuple[tuple[int, str, bytes], ...]) -> DealSummary:
    negotiation = replay(tuple(Statement(*message) for message in said))
    agreed, deal = negotiation.space, negotiation.deal
    parties = agreed.parties if agreed else ()
    option, given = negotiation.chosen(), tuple[float, ...]()
    if option is not None:
        chosen = space.option(negotiation.known(), option)
        given = tuple(space.state(negotiation.known(), chosen, party).hours_given for party in range(len(parties)))
    issues = agreed.issues if agreed else ()
    return DealSummary(deal.state, deal.moves, parties, deal.over, option, given, negotiation.expires_ms, issues)
