"""What was disclosed to others of this person's wishes, and what agents that still bargain may yet disclose.

Whoever lets an agent into a bargain allows it the most that it can disclose: so much is set aside until it ends, in the transaction of
the entering, so that bargains held at once keep within the caps together.
"""

import sqlite3

from weal_node.deals.context import Context
from weal_node.deals.dialogue import replayed
from weal_node.deals.stakes import AtStake, check_disclosure
from weal_node.deals.states import DISCLOSING, phase
from weal_node.deals.summary import summarise
from weal_node.negotiation import mechanism
from weal_node.store import deals, disclosures, mail


def check(context: Context, connection: sqlite3.Connection, peers: tuple[bytes, ...], most_bits: float) -> None:
    """Raise RefusedError where disclosing so much to each of these peers, by agent key, could be more than the person allows."""
    spent = disclosed(context, connection, peers)
    check_disclosure(most_bits, spent, context.approvals.limits, len(peers))


def disclosed(context: Context, connection: sqlite3.Connection, peers: tuple[bytes, ...]) -> AtStake:
    """Return what was or may yet be disclosed: the most to one of these peers, by agent key, and in a week to everyone."""
    aside, waiting = set_aside(connection, context.clock()), mail.bits_waiting(connection)
    most = 0.0
    for peer in peers:
        before = disclosures.bits_to(connection, peer.hex())
        most = max(most, before + aside.get(peer, 0.0) + waiting.get(peer, 0.0))
    week = context.approvals.disclosed_this_week(connection) + sum(aside.values()) + sum(waiting.values())
    return AtStake(bits_peer=most, bits_week=week)


def under_way(connection: sqlite3.Connection, now_ms: int) -> float:
    """Return the bits that may yet be disclosed to everyone together by what is under way."""
    return sum(set_aside(connection, now_ms).values()) + sum(mail.bits_waiting(connection).values())


def set_aside(connection: sqlite3.Connection, now_ms: int) -> dict[bytes, float]:
    """Return, by agent key, the bits that bargains under way may still disclose; one that has expired discloses nothing more."""
    aside = dict[bytes, float]()
    for row in deals.entered(connection):
        if phase(summarise(row).state) not in DISCLOSING:
            continue
        negotiation = replayed(row)
        if negotiation.expires_ms < now_ms:
            continue
        left = mechanism.most_bits(negotiation.mechanism, negotiation.known()) - negotiation.bits_disclosed(row.party)
        for party, peer in enumerate(negotiation.known().parties):
            if party != row.party:
                aside[peer] = aside.get(peer, 0.0) + left
    return aside
