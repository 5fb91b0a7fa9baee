"""What is open with somebody who was expelled ends here, on every node by itself; what is in force stays, and can be read."""

import logging
import sqlite3

from weal_node.deals.dialogue import parties_of, replayed
from weal_node.negotiation.negotiation import Negotiation, Statement
from weal_node.store import deals
from weal_protocol.deal import IN_FORCE, DealState
from weal_protocol.errors import WealError
from weal_protocol.expulsions import Expulsion
from weal_protocol.v1 import negotiation_pb2

log = logging.getLogger(__name__)


def part(connection: sqlite3.Connection, expulsion: Expulsion, own: bytes) -> int:
    """End every open deal with this person, in the caller's transaction; return how many. own: this node's agent key.

    A draft is dismissed; a negotiation ends as if its own side had cancelled it. Nothing is sent: each of the others hears of the expulsion
    too. Where this side has ratified already its word stands until the deal expires, which it does, since the other can say nothing more.
    """
    ended = 0
    for row in deals.every(connection):
        try:
            negotiation = replayed(row)
            if set(parties_of(row, negotiation, own)) & set(expulsion.agent_keys):
                ended += _ends(connection, row, negotiation, f"{expulsion.name} was expelled from the community")
        except WealError as fault:  # one deal that cannot be read keeps no other open
            log.warning("a deal with somebody who was expelled stays open: %s", fault.what)
    return ended


def _ends(connection: sqlite3.Connection, row: deals.DealRow, negotiation: Negotiation, reason: str) -> bool:
    """End one deal, where it is open and this side has not given its word; say whether it was."""
    if negotiation.deal.over or negotiation.deal.state in IN_FORCE or row.dismissed:
        return False
    if negotiation.deal.state is DealState.DRAFT:
        deals.dismiss(connection, row.id)
        return True
    if row.pending is not None or negotiation.ratified[row.party] is not None:
        return False
    word = negotiation_pb2.Cancel(reason=reason).SerializeToString(deterministic=True)
    negotiation.after(Statement(row.party, "cancel", word))
    deals.say(connection, row.id, row.party, "cancel", word)
    return True
