"""What this side settles for in its next deal, by what its last ones have brought it (negotiation/ledger.py)."""

import sqlite3

from weal_node.deals.summary import DealSummary, summarise
from weal_node.negotiation import ledger
from weal_node.negotiation.baseline import Baseline
from weal_node.store import deals
from weal_protocol.deal import IN_FORCE, DealState

ENDED = IN_FORCE | {DealState.NO_DEAL}  # what says how others bargained; a no of a person's says nothing of it


def next_reservation(connection: sqlite3.Connection, expected: Baseline | None) -> float:
    """Return the reservation value of a deal that begins now, as a share of its best gain. expected: what honest others would
    leave."""
    past = []
    for row in reversed(deals.entered(connection)):
        summary = summarise(row)
        if summary.state in ENDED:
            past.append(_past(row, summary))
    return ledger.reservation_value(past, expected)


def _past(row: deals.DealRow, summary: DealSummary) -> ledger.PastBargain:
    """Only what everyone has ratified is a gain: who agrees to much and never ratifies has given nothing."""
    gain = None
    if summary.state in IN_FORCE and summary.option is not None and row.utilities is not None:
        gain = float(row.utilities[summary.option] / row.utilities.max())
    return ledger.PastBargain(gain, row.expected, row.floor, (frozenset(summary.parties), summary.issues))
