"""Acquaintance: who is a stranger to this person, by what stands in their own ledger, and how openly their agent bargains then.

Known is with whom a deal was fulfilled: everyone signed a receipt. Members of one community were let in by its invites, which vouch for
them: a first deal with one is open too, unless the person wants all first deals careful (careful_first_deals in weal.toml) or this
one (its page). Who comes from outside, and with whom a deal is in dispute, is a stranger whatever the person's rule (decisions/0015).
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from weal_node.deals.dialogue import stand
from weal_node.store import deals
from weal_protocol.deal import DealState as Standing


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

    def careful(self, first_deals: bool) -> bool:
        """Whether the agent is careful by itself. first_deals: whether the person wants all first deals so."""
        return self.degree in {Degree.DISPUTED, Degree.OUTSIDER} or (self.degree is Degree.VOUCHED and first_deals)

    def words(self, name: str, careful: bool) -> str:
        """Say it on a page. name: of the party."""
        manner = "careful mode" if careful else "your agents speak openly"
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
    stood = (stand(row) for row in deals.every(connection))
    return frozenset(key for at in stood if at.state in (Standing.FULFILLED, Standing.DISPUTED) for key in at.parties)


def least(connection: sqlite3.Connection, peers: tuple[bytes, ...], outsider: Callable[[bytes], bool]) -> Trust:
    """Return how well the least known of these parties is known. outsider: whether a key is no member's."""
    fulfilled, disputed = set[bytes](), set[bytes]()
    for row in deals.every(connection):
        at = stand(row)
        if at.state is Standing.FULFILLED:
            fulfilled |= set(at.parties)
        if at.state is Standing.DISPUTED:
            disputed |= set(at.parties)
    order = list(Degree)

    def degree(peer: bytes) -> Degree:
        if peer in disputed:
            return Degree.DISPUTED
        if outsider(peer):
            return Degree.OUTSIDER
        return Degree.KNOWN if peer in fulfilled else Degree.VOUCHED

    return min((Trust(degree(peer), peer) for peer in peers), key=lambda one: order.index(one.degree))
