"""Obligations: what the person is to give by deals that hold, against what they allow themselves; and the ledger of what came of them.

Hours are outstanding until every other party has signed that they were given. A party may stay silent, and a guest cannot sign: so the
person's own word frees them too, in time. What is outstanding to a stranger stays small until the person has signed, besides, that
the stranger did their part: nobody gets more for saying nothing.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from weal_node.deals.context import Context
from weal_node.deals.dialogue import replayed
from weal_node.deals.outcome import outcome_state
from weal_node.deals.situation import Situation
from weal_node.deals.stakes import AtStake, check_promise
from weal_node.deals.summary import DealSummary, summarise
from weal_node.negotiation.negotiation import Negotiation
from weal_node.store import deals
from weal_protocol.deal import IN_FORCE, DealState, Move
from weal_protocol.v1 import negotiation_pb2

QUIET_MS = 14 * 24 * 3_600 * 1_000  # for others to say that it is not so
DISPUTED_MS = 90 * 24 * 3_600 * 1_000  # where they did


@dataclass(frozen=True, slots=True)
class Receipted:
    """One deal that held.

    others: agent keys.
    given, got: hours, as agreed.
    confirmed: by whom, of the others.
    content: whether this person said that the others did their part.
    satisfied: what each other party said of the outcome.
    """

    deal: str
    subject: str
    state: str
    others: tuple[bytes, ...]
    given: float
    got: float
    confirmed: tuple[bytes, ...]
    content: bool
    satisfied: tuple[tuple[bytes, bool], ...]


def check_promised(context: Context, connection: sqlite3.Connection, situation: Situation) -> None:
    """Raise RefusedError when these terms would promise more than the person allows; in the transaction that signs them."""
    own_key, now_ms = context.own_key, context.clock()
    peers = frozenset(situation.options.parties) - {own_key}
    outstanding = to_peers = 0.0
    known = set[bytes]()
    for row in deals.every(connection):
        summary = summarise(row)
        if summary.state is DealState.FULFILLED:
            known |= set(summary.parties)
        if row.id == situation.row.id or not _is_obligation(row, summary, now_ms):
            continue
        released = _is_released(row, summary, context.post.is_guest, now_ms)
        outstanding += 0.0 if released else summary.given[row.party]
        if peers & set(summary.parties) and not (released and (row.party, Move.FULFIL) in summary.moves):
            to_peers += summary.given[row.party]
    spent = AtStake(
        hours_open=outstanding,
        hours_stranger=to_peers,
        deals_week=max(
            0, context.approvals.ratified_this_week(connection) - 1
        ),  # this one's approval was used just now
        known=peers <= known,
    )
    hours = outcome_state(situation.negotiation, situation.row.party).hours_given
    check_promise(hours, spent, context.approvals.limits)


def _is_obligation(row: deals.DealRow, summary: DealSummary, now_ms: int) -> bool:
    """Whether the person has given their word, it is not void, and not everyone has confirmed that they kept it."""
    if row.pending is not None:
        return True
    if (row.party, Move.RATIFY) not in summary.moves or summary.over:
        return False
    if summary.state not in IN_FORCE and row.asked and summary.expires_ms < now_ms:
        return False  # it ran out, and the notary knew of no ratification that somebody had held back
    return bool(_silent(row, summary))


def _silent(row: deals.DealRow, summary: DealSummary) -> frozenset[int]:
    """Return the other parties that have not confirmed that this person did their part."""
    return frozenset(range(len(summary.parties))) - {row.party} - _content(summary.moves)


def _content(moves: tuple[tuple[int, Move], ...]) -> frozenset[int]:
    """Return the parties that said that the others did their part."""
    return frozenset(party for party, move in moves if move is Move.FULFIL)


def _is_released(row: deals.DealRow, summary: DealSummary, is_guest: Callable[[bytes], bool], now_ms: int) -> bool:
    """Whether the person's own word that they did their part is enough by now: at once where only guests are silent, after
    QUIET_MS where members are, after DISPUTED_MS where one of them says that it is not so."""
    silent = {party for party in _silent(row, summary) if not is_guest(summary.parties[party])}
    disputed = any((party, Move.DISPUTE) in summary.moves for party in silent)
    wait_ms = (DISPUTED_MS if disputed else QUIET_MS) if silent else 0
    return row.kept_ms > 0 and now_ms >= row.kept_ms + wait_ms


def receipts(connection: sqlite3.Connection, own: bytes) -> tuple[Receipted, ...]:
    """Return every deal that held, newest first, with what was said of it."""
    held = [row for row in deals.every(connection) if summarise(row).state in IN_FORCE]
    return tuple(_receipted(row, replayed(row), own) for row in held)


def _receipted(row: deals.DealRow, negotiation: Negotiation, own: bytes) -> Receipted:
    parties, outcome = negotiation.known().parties, outcome_state(negotiation, row.party)
    content = _content(negotiation.deal.moves)
    return Receipted(
        row.id.hex(),
        negotiation.known().subject,
        negotiation.deal.state.value,
        tuple(party for party in parties if party != own),
        outcome.hours_given,
        outcome.hours_received,
        tuple(parties[party] for party in sorted(content) if party != row.party),
        row.party in content,
        _ratings(row, negotiation),
    )


def _ratings(row: deals.DealRow, negotiation: Negotiation) -> tuple[tuple[bytes, bool], ...]:
    """Return what each other party said of the outcome, by agent key."""
    ratings = []
    for statement in negotiation.said:
        if statement.kind == "outcome" and statement.party != row.party:
            word = negotiation_pb2.Outcome.FromString(statement.body)
            ratings.append((negotiation.known().parties[statement.party], word.satisfied))
    return tuple(ratings)
