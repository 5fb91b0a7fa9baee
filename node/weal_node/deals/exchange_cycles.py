"""Chains: what became of this person's chains of help is told to everyone who plans, and then deals are looked for anew.

A veto is heard by the members of its chain alone, but everyone's plan goes round it: so each of them publishes one word, that the
chain is out or that it stands (weal_protocol/chains.py), not who said no or why. The word is in the privacy ledger first.
"""

import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from weal_node.commons.admission import Quota, admit
from weal_node.deals.dialogue import stand
from weal_node.deals.drafts import drafted
from weal_node.keys import Keys
from weal_node.negotiation.space import OptionSpace
from weal_node.store import deals, disclosures, records
from weal_node.store.database import Database
from weal_protocol import record
from weal_protocol.chains import CycleAnswer, chain_id
from weal_protocol.deal import IN_FORCE
from weal_protocol.deal import DealState as Standing
from weal_protocol.record import Record

ENDED = frozenset({Standing.DECLINED, Standing.CANCELLED, Standing.NO_DEAL})


class Commons(Protocol):
    """What of the community is needed here."""

    def was_member(self, agent_key: bytes) -> bool:
        """Say whether this key is a member's or was one's."""

    def publish(self, records: list[Record]) -> Awaitable[int]:
        """Publish signed records."""


class Chains:
    """The chains of one node in one community. look: looks for deals where something that they follow from has changed."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        commons: Commons,
        look: Callable[[], Awaitable[int]],
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._keys = keys
        self._commons = commons
        self._look = look
        self._clock = clock
        self._told: tuple[int, int] | None = None  # as deals stood when all was told
        self._sent: set[str] = set()  # after a restart all are sent again, which changes nothing in the commons

    async def plan(self) -> int:
        """Look again, and tell what became of own chains, where anything changed; return how many new drafts there are."""
        found = await self._look()
        changes = await self._database.read(deals.changes)
        if changes != self._told:
            for answer, parties in await self._database.read(partial(settled, own=self._keys.agent_public)):
                if all(self._commons.was_member(party) for party in parties):
                    await self._tell(answer)
            self._told = changes
        return found

    async def _tell(self, answer: CycleAnswer) -> None:
        word = b"yes" if answer.yes else b"no"
        made = record.make(
            "answer",
            word,
            author=self._keys.agent,
            salt=secrets.token_bytes(16),
            written_ms=self._clock(),
            note=answer.chain,
            visibility="community",
        )
        kept = await self._database.read(partial(records.answer, author=answer.member, chain=answer.chain.hex()))
        if kept is None or kept.body.encode() != word:
            await self._database.write(partial(_enter, made=made, now_ms=self._clock()))
        elif kept.id in self._sent:
            return
        else:
            made = record.read(kept.raw)
        await self._commons.publish([made])
        self._sent.add(made.id)


def _enter(connection: sqlite3.Connection, made: Record, now_ms: int) -> None:
    """Enter the disclosure before the word leaves."""
    payload = f"{made.note.hex()} {made.body.decode()}".encode()
    disclosures.write(connection, now_ms, "commons", "answer to a chain of help", payload, len(made.raw))
    admit(connection, [made], is_author=lambda _: True, own=made.author, limits=Quota())


def is_chain(deal: bytes, of: OptionSpace) -> bool:
    """Whether a deal is of a chain that everyone can find."""
    if len(of.sources) != len(of.parties) or len(of.parties) < 3:
        return False
    return deal == chain_id([(party.hex(), note) for party, note in zip(of.parties, of.sources, strict=True)])


def settled(connection: sqlite3.Connection, own: bytes) -> tuple[tuple[CycleAnswer, tuple[bytes, ...]], ...]:
    """Return what this person's node has to tell of its chains, and between whom they are; the rest is open still."""
    found = []
    for row in deals.every(connection):
        state, of = stand(row).state, drafted(row, own)
        if is_chain(row.id, of) and (row.dismissed or state in ENDED or state in IN_FORCE):
            found.append((CycleAnswer(own.hex(), row.id, state in IN_FORCE), of.parties))
    return tuple(found)


def answers(connection: sqlite3.Connection, own: bytes) -> tuple[CycleAnswer, ...]:
    """Return what everyone told of chains, and what this node knows of its own: a deal in force is everyone's yes."""
    known = [
        CycleAnswer(party.hex(), one.chain, one.yes)
        for one, parties in settled(connection, own)
        for party in (parties if one.yes else (own,))
    ]
    told = [CycleAnswer(one.author, bytes.fromhex(one.note), one.body == "yes") for one in records.answers(connection)]
    return tuple(dict.fromkeys((*known, *told)))


def withdraw(connection: sqlite3.Connection, own: bytes, told: tuple[CycleAnswer, ...]) -> int:
    """Dismiss own drafts of chains that another member said no to: nobody will invite to them. Return how many."""
    out = {(one.chain, one.member) for one in told if not one.yes}
    count = 0
    for row in deals.every(connection):
        of = drafted(row, own)
        if not row.said and not row.dismissed and any((row.id, party.hex()) in out for party in of.parties):
            deals.dismiss(connection, row.id)
            count += 1
    return count
