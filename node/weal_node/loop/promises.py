"""Promises: what the person owes in deals that hold, against what they allow themselves."""

import sqlite3

from weal_node.gate.stakes import Spent, check_promise
from weal_node.loop.oversight import Oversight
from weal_node.loop.settle import outcome_state
from weal_node.negotiation import session
from weal_node.negotiation.session import Said, Session
from weal_node.store import deals as stored
from weal_protocol.deal import Move


def check_promised(connection: sqlite3.Connection, row: stored.Row, stands: Session, oversight: Oversight) -> None:
    """Raise RefusedError when these terms would promise more than the person allows."""
    hours = outcome_state(stands, row.own_first).hours_given
    check_promise(hours, promised(connection, row.other, oversight), oversight.limits)


def promised(connection: sqlite3.Connection, peer: bytes, oversight: Oversight) -> Spent:
    """Return the hours owed in deals that this person ratified and that are not fulfilled, in all and to this peer."""
    owed = to_peer = 0.0
    known = False
    for row in stored.every(connection):
        stands = session.replay(tuple(Said(*one) for one in row.said))
        if (row.own_first, Move.RATIFY) not in stands.deal.moves or stands.deal.over:
            continue
        hours = outcome_state(stands, row.own_first).hours_given
        owed += hours
        to_peer += hours if row.other == peer else 0.0
    return Spent(
        hours_open=owed,
        hours_stranger=to_peer,
        deals_week=oversight.ratified_this_week(connection),
        known=known,
    )
