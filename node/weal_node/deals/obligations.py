"""Promises: what the person owes in deals that hold, against what they allow themselves; and the ledger of what came of them.

Hours are owed until every other party has signed that they were given. A party may stay silent, and a guest cannot sign: so the
person's own word frees them too, in time. What a stranger may be owed stays small until the person has signed, besides, that
the stranger did their part: nobody gets more for saying nothing.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from weal_node.deals.approvals import Approvals
from weal_node.deals.dialogue import Stand, replayed, stand
from weal_node.deals.outcome import outcome_state
from weal_node.deals.stakes import SpentToday, check_promise
from weal_node.negotiation.negotiation import Negotiation
from weal_node.store import deals
from weal_protocol.deal import IN_FORCE, Move
from weal_protocol.deal import DealState as Standing
from weal_protocol.v1 import negotiation_pb2

QUIET_MS = 14 * 24 * 3_600 * 1_000  # for others to say that it is not so
DISPUTED_MS = 90 * 24 * 3_600 * 1_000  # where they did


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


def check_promised(
    connection: sqlite3.Connection,
    row: deals.DealRow,
    stands: Negotiation,
    oversight: Approvals,
    is_guest: Callable[[bytes], bool],
    now_ms: int,
) -> None:
    """Raise RefusedError when these terms would promise more than the person allows; in the transaction that signs them.
    is_guest: whether a key is a guest's, who can sign no receipt."""
    own = stands.known().parties[row.party]
    hours = outcome_state(stands, row.party).hours_given
    peers = frozenset(stands.known().parties) - {own}
    owed = to_peers = 0.0
    known = set[bytes]()
    for other in deals.every(connection):
        at = stand(other)
        if at.state is Standing.FULFILLED:
            known |= set(at.parties)
        if other.id == row.id or not _promised(other, at, now_ms):
            continue
        released = _released(other, at, is_guest, now_ms)
        owed += 0.0 if released else at.given[other.party]
        if peers & set(at.parties) and not (released and (other.party, Move.FULFIL) in at.moves):
            to_peers += at.given[other.party]
    spent = SpentToday(
        hours_open=owed,
        hours_stranger=to_peers,
        deals_week=max(0, oversight.ratified_this_week(connection) - 1),  # this one's approval was used just now
        known=peers <= known,
    )
    check_promise(hours, spent, oversight.limits)


def _promised(row: deals.DealRow, at: Stand, now_ms: int) -> bool:
    """Whether the person has given their word, it is not void, and not everyone has confirmed that they kept it."""
    if row.pending is not None:
        return True
    if (row.party, Move.RATIFY) not in at.moves or at.over:
        return False
    if at.state not in IN_FORCE and row.asked and at.expires_ms < now_ms:
        return False  # it ran out, and the notary knew of no ratification that somebody had held back
    return bool(_silent(row, at))


def _silent(row: deals.DealRow, at: Stand) -> frozenset[int]:
    """Return the other parties that have not confirmed that this person did their part."""
    return frozenset(range(len(at.parties))) - {row.party} - {party for party, move in at.moves if move is Move.FULFIL}


def _released(row: deals.DealRow, at: Stand, is_guest: Callable[[bytes], bool], now_ms: int) -> bool:
    """Whether the person's own word that they did their part is enough by now: at once where only guests are silent, after
    QUIET_MS where members are, after DISPUTED_MS where one of them says that it is not so."""
    silent = {party for party in _silent(row, at) if not is_guest(at.parties[party])}
    disputed = any((party, Move.DISPUTE) in at.moves for party in silent)
    wait_ms = (DISPUTED_MS if disputed else QUIET_MS) if silent else 0
    return row.kept_ms > 0 and now_ms >= row.kept_ms + wait_ms


def receipts(connection: sqlite3.Connection, own: bytes) -> tuple[Receipted, ...]:
    """Return every deal that held, newest first, with what was said of it."""
    return tuple(_receipted(row, replayed(row), own) for row in deals.every(connection) if _held(row))


def _held(row: deals.DealRow) -> bool:
    return stand(row).state in IN_FORCE


def _receipted(row: deals.DealRow, stands: Negotiation, own: bytes) -> Receipted:
    parties, outcome = stands.known().parties, outcome_state(stands, row.party)
    content = {party for party, move in stands.deal.moves if move is Move.FULFIL}
    rated = [
        (one.party, negotiation_pb2.Outcome.FromString(one.body).satisfied)
        for one in stands.said
        if one.kind == "outcome"
    ]
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
