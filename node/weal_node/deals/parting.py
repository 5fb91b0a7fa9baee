"""Part: what is open with somebody who was expelled ends here, on every node by itself; what is in force stays, and can be read."""

import logging
import sqlite3

from weal_node.deals.dialogue import replayed
from weal_node.deals.drafts import drafted
from weal_node.negotiation.negotiation import Statement
from weal_node.store import deals
from weal_protocol.deal import IN_FORCE
from weal_protocol.deal import DealState as Standing
from weal_protocol.errors import WealError
from weal_protocol.expulsions import Expulsion
from weal_protocol.v1 import negotiation_pb2

log = logging.getLogger(__name__)


def part(connection: sqlite3.Connection, said: Expulsion, own: bytes) -> int:
    """End every open deal with this person, in the caller's transaction; return how many. own: this node's agent key.

    A draft is dismissed; a negotiation ends as if its own side had cancelled it. Nothing is sent: each of the others hears of the expulsion
    too. Where this side has ratified already its word stands until the deal expires, which it does, since the other can say nothing more.
    """
    ended = 0
    reason = f"{said.name} was expelled from the community"
    for row in deals.every(connection):
        try:
            stands = replayed(row)
            parties = stands.space.parties if stands.space else drafted(row, own).parties
            if (
                not set(parties) & set(said.agent_keys)
                or stands.deal.over
                or stands.deal.state in IN_FORCE
                or row.dismissed
            ):
                continue
            if stands.deal.state is Standing.DRAFT:
                deals.dismiss(connection, row.id)
            elif row.pending is not None or stands.ratified[row.party] is not None:
                continue
            else:
                last = Statement(
                    row.party, "cancel", negotiation_pb2.Cancel(reason=reason).SerializeToString(deterministic=True)
                )
                stands.after(last)
                deals.say(connection, row.id, last.party, last.kind, last.body)
            ended += 1
        except WealError as fault:  # one deal that cannot be read keeps no other open
            log.warning("a deal with somebody who was expelled stays open: %s", fault.what)
    return ended
