"""Spending: what this node's answers to rounds have cost its person, by each way of hiding them."""

import sqlite3
from dataclasses import dataclass

from weal_node.reward import local
from weal_node.store import private_heads, rounds, tiers
from weal_node.store.database import Database


@dataclass(frozen=True, slots=True)
class Spending:
    """What was given and what it cost, as the privacy ledger of rounds says.

    tier: what holds now.
    rounds: how many were answered.
    central, answer, local: epsilon spent so far on the person (noise of the coordinator's), on each single answer, and on the person
    (noise of this node's own); 0 where nothing was given in that way.
    """

    tier: str
    rounds: int
    central: float
    answer: float
    local: float


async def look(database: Database) -> Spending:
    """Return what was spent so far."""
    return await database.read(_spent)


def _spent(connection: sqlite3.Connection) -> Spending:
    answered = rounds.every(connection)
    own_noise = tiers.rounds_under(connection, "local")
    return Spending(
        tier=tiers.chosen(connection),
        rounds=len(answered),
        central=max((answer.epsilon for answer in answered), default=0.0),
        answer=max((head.epsilon for head in private_heads.every(connection)), default=0.0),
        local=local.epsilon(own_noise) if own_noise else 0.0,
    )
