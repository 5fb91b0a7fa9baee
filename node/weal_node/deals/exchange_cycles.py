"""What became of this person's chains of help is published to everyone who plans, and then deals are looked for anew.

A veto reaches the members of its chain alone, but everyone's plan goes round it: so each of them publishes one word, that the
chain is out or that it stands (weal_protocol/chains.py), not who said no or why. The word is in the privacy ledger first.
"""

import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from weal_node.commons.admission import Quota, admit
from weal_node.deals.context import Context
from weal_node.deals.drafts import drafted
from weal_node.deals.summary import summarise
from weal_node.negotiation.space import OptionSpace
from weal_node.store import deals, disclosures, records
from weal_protocol import record
from weal_protocol.chains import CycleAnswer, chain_id
from weal_protocol.deal import IN_FORCE
from weal_protocol.record import Record


class Commons(Protocol):
    """What of the community is needed here."""

    def was_member(self, agent_key: bytes) -> bool:
        """Say whether this key is a member's or was one's."""

    def publish(self, records: list[Record]) -> Awaitable[int]:
        """Publish signed records."""


class Chains:
    """The chains of one node in one community. look: looks for deals where something that they follow from has changed."""

    def __init__(self, context: Context, commons: Commons, look: Callable[[], Awaitable[int]]) -> None:
        self._context = context
        self._commons = commons
        self._look = look
        self._published: tuple[int, int] | None = None  # as deals were when all was published
        self._sent: set[str] = set()  # after a restart all are sent again, which changes nothing in the commons

    async def plan(self) -> int:
        """Look again, and publish what became of own chains, where anything changed; return how many new drafts there are."""
        new = await self._look()
        database, own = self._context.database, self._context.own_key
        changes = await database.read(deals.changes)
        if changes != self._published:
            for answer, parties in await database.read(partial(settled, own=own)):
                if all(self._commons.was_member(party) for party in parties):
                    await self._publish(answer)
            self._published = changes
        return new

    async def _publish(self, answer: CycleAnswer) -> None:
        database, now_ms = self._context.database, self._context.clock()
        word = b"yes" if answer.yes else b"no"
        made = record.make(
            "answer",
            word,
            author=self._context.keys.agent,
            salt=secrets.token_bytes(16),
            written_ms=now_ms,
            note=answer.chain,
            visibility="community",
        )
        kept = await database.read(partial(records.answer, author=answer.member, chain=answer.chain.hex()))
        if kept is None or kept.body.encode() != word:
            await database.write(partial(_enter, made=made, now_ms=now_ms))
        elif kept.id in self._sent:
            return
        else:
            made = record.read(kept.raw)
        await self._commons.publish([made])
        self._sent.add(made.id)


def _enter(connection: sqlite3.Connection, made: Record, now_ms: int) -> None:
    """Enter the disclosure before the word leaves."""
    payload = f"{made.note.hex()} {made.body.decode()}".encode()
    disclosures.write(
        connection, now_ms, "commons", "answer to a chain of help", payload, disclosures.Amount(len(made.raw))
    )
    admit(connection, [made], is_author=lambda _: True, own=made.author, limits=Quota())


def is_chain(deal: bytes, options: OptionSpace) -> bool:
    """Whether a deal is of a chain that everyone can find."""
    if len(options.sources) != len(options.parties) or len(options.parties) < 3:
        return False
    return deal == chain_id(list(zip(map(bytes.hex, options.parties), options.sources, strict=True)))


def settled(connection: sqlite3.Connection, own: bytes) -> tuple[tuple[CycleAnswer, tuple[bytes, ...]], ...]:
    """Return what this person's node has to publish of its chains, and between whom they are; the rest is open still."""
    answers = []
    for row in deals.every(connection):
        summary, options = summarise(row), drafted(row, own)
        holds = summary.state in IN_FORCE
        if is_chain(row.id, options) and (row.dismissed or summary.over or holds):
            answers.append((CycleAnswer(own.hex(), row.id, holds), options.parties))
    return tuple(answers)


def answers(connection: sqlite3.Connection, own: bytes) -> tuple[CycleAnswer, ...]:
    """Return what everyone published of chains, and what this node knows of its own: a deal in force is everyone's yes."""
    known = list[CycleAnswer]()
    for answer, parties in settled(connection, own):
        sure = parties if answer.yes else (own,)
        known += [CycleAnswer(party.hex(), answer.chain, answer.yes) for party in sure]
    for row in records.answers(connection):
        known.append(CycleAnswer(row.author, bytes.fromhex(row.note), row.body == "yes"))
    return tuple(dict.fromkeys(known))


def withdraw(connection: sqlite3.Connection, own: bytes, known: tuple[CycleAnswer, ...]) -> int:
    """Dismiss own drafts of chains that another member said no to: nobody will invite to them. Return how many."""
    refused = {(answer.chain, answer.member) for answer in known if not answer.yes}
    count = 0
    for row in deals.every(connection):
        if row.said or row.dismissed:
            continue
        if any((row.id, party.hex()) in refused for party in drafted(row, own).parties):
            deals.dismiss(connection, row.id)
            count += 1
    return count
