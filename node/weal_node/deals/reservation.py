"""Floor: what this side settles for in its next deal, by what its last ones have brought it (negotiation/ledger.py)."""

import sqlite3

from weal_node.deals.dialogue import Stand, stand
from weal_node.negotiation import ledger
from weal_node.negotiation.baseline import Baseline
from weal_node.store import deals
from weal_protocol.deal import IN_FORCE
from weal_protocol.deal import DealState as Standing


def next_floor(connection: sqlite3.Connection, expected: Baseline | None) -> float:
    """Return the floor of a deal that begins now, as a share of its best gain. expected: what honest others would leave."""
    ended = [
        (row, at) for row in deals.entered(connection) if (at := stand(row)).state in IN_FORCE | {Standing.NO_DEAL}
    ]
    return ledger.floor([_past(row, at) for row, at in reversed(ended)], expected)


def _past(row: deals.DealRow, at: Stand) -> ledger.PastBargain:
    """Only what everyone has ratified is a gain: who agrees to much and never ratifies has given nothing."""
    gain = None
    if at.state in IN_FORCE and at.option is not None and row.utilities is not None:
        gain = float(row.utilities[at.option] / row.utilities.max())
    return ledger.PastBargain(gain, row.expected, row.floor, (frozenset(at.parties), at.issues))
