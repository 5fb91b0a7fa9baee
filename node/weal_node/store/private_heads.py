"""Heads in which each single label is hidden, and what each cost: the node's account of tier `label-private`."""

import sqlite3
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SCHEMA = """
CREATE TABLE private_heads (
    at_round INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    sigma REAL NOT NULL,
    sampling_rate REAL NOT NULL,
    steps INTEGER NOT NULL,
    epsilon REAL NOT NULL,
    weights BLOB NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class PrivateHead:
    """at_round: the round it was trained for.  spent: (noise multiplier, sampling rate, steps).
    epsilon: of each label after it, in all.  weights: (D,)."""

    at_round: int
    spent: tuple[float, float, int]
    epsilon: float
    weights: npt.NDArray[np.float64]


def add(connection: sqlite3.Connection, head: PrivateHead, now_ms: int) -> None:
    """Keep a head; it is used for this round and those after it."""
    sigma, rate, steps = head.spent
    connection.execute(
        "INSERT INTO private_heads (at_round, at_ms, sigma, sampling_rate, steps, epsilon, weights) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (head.at_round, now_ms, sigma, rate, steps, head.epsilon, head.weights.astype("<f8").tobytes()),
    )


def every(connection: sqlite3.Connection) -> tuple[PrivateHead, ...]:
    """Return all of them, oldest first."""
    rows = connection.execute(
        "SELECT at_round, sigma, sampling_rate, steps, epsilon, weights FROM private_heads ORDER BY at_round"
    )
    return tuple(
        PrivateHead(number, (sigma, rate, steps), epsilon, np.frombuffer(raw, "<f8").astype(np.float64))
        for number, sigma, rate, steps, epsilon, raw in rows
    )
