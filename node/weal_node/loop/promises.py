"""Promises: what the person owes in deals that hold, against what they allow themselves; and the ledger of what came of them."""

import sqlite3
from dataclasses import dataclass

from weal_node.gate.stakes import Spent, check_promise
from weal_node.loop.converse import Stand, replayed, stand
from weal_node.loop.oversight import Oversight
from weal_node.loop.settle import outcome_state
from weal_node.negotiation import ledger
from weal_node.negotiation.session import Session
from weal_node.store import deals as stored
from weal_protocol.deal import IN_FORCE, Move
from weal_protocol.deal import State as Standing
from weal_protocol.v1 import negotiation_pb2 as pb


@dataclass(frozen=True, slots=True)
class Receipted:
    """One deal that held. others: agent keys.  hours: given and got, as agreed.  confirmed: by whom, of the others.
    content: whether this person said that the others did their part.  satisfied: what each other party said of the outcome."""

    deal: str
    subject: str
    state: str
    others: tuple[bytes, ...]
    given: float
    got: float
    confirmed: tuple[bytes, ...]
    content: bool
    satisfied: tuple[tuple[bytes, bool], ...]


def check_promised(connection: sqlite3.Connection, row: stored.Row, stands: Session, oversight: Oversight) -> None:
    """Raise RefusedError when these terms would promise more than the person allows; in the transaction that signs them."""
    own = stands.known().parties[row.party]
    hours = outcome_state(stands, row.party).hours_given
    peers = frozenset(stands.known().parties) - {own}
    check_promise(hours, promised(connection, own, peers, row.id, oversight), oversight.limits)


def promised(
    connection: sqlite3.Connection, own: bytes, peers: frozenset[bytes], besides: bytes, oversight: Oversight
) -> Spent:
    """Return the hours owed in other deals than this one, in all and where one of these peers is party."""
    owed = to_peers = 0.0
    known = set[bytes]()
    for row in stored.every(connection):
        at = stand(row)
        if row.id == besides:
            continue
        if at.state is Standing.FULFILLED:
            known |= set(at.parties)
        if not _owes(row, at):
            continue
        hours = at.given[row.party]
        owed += hours
        to_peers += hours if peers & set(at.parties) else 0.0
    return Spent(
        hours_open=owed,
        hours_stranger=to_peers,
        deals_week=max(0, oversight.ratified_this_week(connection) - 1),  # this one's approval was used just now
        known=peers <= known,
    )


def _owes(row: stored.Row, at: Stand) -> bool:
    """Whether the person has given their word, it is not void, and not everyone has confirmed that they kept it."""
    if row.pending is not None:
        return True
    if (row.party, Move.RATIFY) not in at.moves or at.over:
        return False
    confirmed = {party for party, move in at.moves if move is Move.FULFIL} - {row.party}
    return len(confirmed) < len(at.parties) - 1


def receipts(connection: sqlite3.Connection, own: bytes) -> tuple[Receipted, ...]:
    """Return every deal that held, newest first, with what was said of it."""
    return tuple(_receipted(row, replayed(row), own) for row in stored.every(connection) if _held(row))


def _held(row: stored.Row) -> bool:
    return stand(row).state in IN_FORCE


def _receipted(row: stored.Row, stands: Session, own: bytes) -> Receipted:
    parties, outcome = stands.known().parties, outcome_state(stands, row.party)
    content = {party for party, move in stands.deal.moves if move is Move.FULFIL}
    rated = [(one.party, pb.Outcome.FromString(one.body).satisfied) for one in stands.said if one.kind == "outcome"]
    return Receipted(
        row.id.hex(),
        stands.known().subject,
        stands.deal.state.value,
        tuple(party for party in parties if party != own),
        outcome.hours_given,
        outcome.hours_received,
        tuple(parties[party] for party in sorted(content) if party != row.party),
        row.party in content,
        tuple((parties[party], satisfied) for party, satisfied in rated if party != row.party),
    )


def next_floor(connection: sqlite3.Connection) -> float:
    """Return what this side settles for in its next deal, from what its last ones have brought it."""
    begun = [row for row in stored.every(connection) if row.utilities is not None]
    realised = []
    for row in begun[: 2 * ledger.WINDOW]:
        outcome = stand(row).option
        if outcome is not None and row.utilities is not None and row.utilities.max() > 0:
            realised.append(float(row.utilities[outcome] / row.utilities.max()))
    return ledger.next_floor(begun[0].floor if begun else 0.0, realised[::-1])
