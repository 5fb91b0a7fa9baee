"""Telling: what others were told of this person's wishes, and what agents that still bargain may yet tell them.

Whoever lets an agent into a bargain allows it the most that it can tell: so much is set aside until it ends, in the transaction of
the entering, so that bargains held at once keep within the caps together.
"""

import sqlite3

from weal_node.deals.approvals import Approvals
from weal_node.deals.dialogue import replayed, stand
from weal_node.deals.stakes import SpentToday
from weal_node.negotiation import mechanism
from weal_node.store import deals, disclosures, mail
from weal_protocol.deal import DealState as Standing

TELLING = frozenset(  # where an agent may yet say something of its person's wishes
    {
        Standing.INVITED,
        Standing.SEED_ANSWERED,
        Standing.SCORING,
        Standing.SCORED,
        Standing.OFFERING,
        Standing.MENU,
        Standing.MENU_BOUND,
        Standing.MENU_ANSWERED,
    }
)


def told(connection: sqlite3.Connection, peers: tuple[bytes, ...], oversight: Approvals, now_ms: int) -> SpentToday:
    """Return what these peers, by agent key, and everyone were told or may yet be told: the most to one of them, and in a week."""
    aside, waiting = set_aside(connection, now_ms), mail.bits_waiting(connection)
    to = (disclosures.bits_to(connection, peer.hex()) + aside.get(peer, 0.0) + waiting.get(peer, 0.0) for peer in peers)
    week = oversight.told_this_week(connection) + sum(aside.values()) + sum(waiting.values())
    return SpentToday(bits_peer=max(to, default=0.0), bits_week=week)


def under_way(connection: sqlite3.Connection, now_ms: int) -> float:
    """Return the bits that everyone together may yet be told by what is under way."""
    return sum(set_aside(connection, now_ms).values()) + sum(mail.bits_waiting(connection).values())


def set_aside(connection: sqlite3.Connection, now_ms: int) -> dict[bytes, float]:
    """Return, by agent key, the bits that bargains under way may still tell; one that has expired tells nothing more."""
    found = dict[bytes, float]()
    for row in deals.entered(connection):
        if stand(row).state not in TELLING:
            continue
        stands = replayed(row)
        left = mechanism.most_bits(stands.mechanism, stands.known()) - stands.bits_told(row.party)
        for party, peer in enumerate(stands.known().parties):
            if party != row.party and stands.expires_ms >= now_ms:
                found[peer] = found.get(peer, 0.0) + left
    return found
