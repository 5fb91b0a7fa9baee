"""Trust: who is a stranger to this person, by what is in their own ledger, and whether their agent hides its scores then.

Known is with whom a deal was fulfilled: everyone signed a receipt. Members of one community were let in by its invites, which vouch for
them: a first deal with one is open too, unless the person wants all first deals by offers only (careful_first_deals in weal.toml) or this
one (its page). Who comes from outside, and with whom a deal is in dispute, is a stranger whatever the person's rule (decisions/0015).
"""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from weal_node.deals.context import Context
from weal_node.deals.stakes import ActionLimits
from weal_node.deals.summary import summarise
from weal_node.store import deals
from weal_protocol.deal import DealState


class Degree(StrEnum):
    """How well another party is known, the least first."""

    DISPUTED = "disputed"
    OUTSIDER = "outsider"
    VOUCHED = "vouched"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Trust:
    """degree: of the party that is known least.  party: its agent key."""

    degree: Degree
    party: bytes

    def offers_only(self, limits: ActionLimits) -> bool:
        """Whether the agent hides its scores by itself."""
        if self.degree is Degree.VOUCHED:
            return limits.offers_only_first
        return self.degree in {Degree.DISPUTED, Degree.OUTSIDER}

    def words(self, name: str, offers_only: bool) -> str:
        """Say it on a page. name: of the party."""
        manner = "careful mode" if offers_only else "your agents speak openly"
        return {
            Degree.DISPUTED: f"A deal with {name} is in dispute: {manner}.",
            Degree.OUTSIDER: f"{name} comes from outside your community: {manner}.",
            Degree.VOUCHED: f"First deal with {name}: {manner}.",
            Degree.KNOWN: f"You and {name} have fulfilled a deal before: {manner}.",
        }[self.degree]


def stranger(name: str) -> str:
    """Say of somebody's invitation that nothing is known of them. name: as it is shown."""
    return f"You have never dealt with {name}: anyone can write a name, so ask them another way whether this is theirs."


def met(connection: sqlite3.Connection) -> frozenset[bytes]:
    """Return whom this person has dealt with: the parties of every deal that was fulfilled, or came to a dispute."""
    return _parties(connection, DealState.FULFILLED) | _parties(connection, DealState.DISPUTED)


async def least_known(context: Context, parties: tuple[bytes, ...]) -> Trust:
    """Return how well the least known of the others is known."""
    return await context.database.read(lambda connection: _least_known(context, connection, parties))


def _least_known(context: Context, connection: sqlite3.Connection, parties: tuple[bytes, ...]) -> Trust:
    fulfilled, disputed = _parties(connection, DealState.FULFILLED), _parties(connection, DealState.DISPUTED)
    order = list(Degree)

    def degree(peer: bytes) -> Degree:
        if peer in disputed:
            return Degree.DISPUTED
        if context.post.is_guest(peer):
            return Degree.OUTSIDER
        return Degree.KNOWN if peer in fulfilled else Degree.VOUCHED

    known = [Trust(degree(peer), peer) for peer in context.others(parties)]
    return min(known, key=lambda trust: order.index(trust.degree))


def _parties(connection: sqlite3.Connection, state: DealState) -> frozenset[bytes]:
    """Return the parties of every deal of this state."""
    parties = set[bytes]()
    for row in deals.every(connection):
        summary = summarise(row)
        if summary.state is state:
            parties |= set(summary.parties)
    return frozenset(parties)
