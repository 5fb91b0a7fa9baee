"""The node's own account of rounds: what it agreed to answer, what that costs, what became of it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import starmap

SCHEMA = """
CREATE TABLE rounds (
    number INTEGER PRIMARY KEY,
    epsilon REAL NOT NULL,
    state TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
"""
# Since what was agreed to is composed as it was. 0: of a round from before.
RULES = """
ALTER TABLE rounds ADD COLUMN sampling_rate REAL NOT NULL DEFAULT 0;
ALTER TABLE rounds ADD COLUMN sigma REAL NOT NULL DEFAULT 0;
"""

CHARGED = "charged"
ANSWERED = "answered"
LATE = "the round's deadline passed"


@dataclass(frozen=True, slots=True)
class Round:
    """epsilon: spent in all after this round, by the node's own reckoning. state: CHARGED, ANSWERED or a reason why not.
    sampling_rate, sigma: its rules, 0 for a round from before they were kept."""

    number: int
    epsilon: float
    state: str
    sampling_rate: float = 0.0
    sigma: float = 0.0


_COLUMNS = "number, epsilon, state, sampling_rate, sigma"


def charge(
    connection: sqlite3.Connection,
    number: int,
    epsilon: float,
    now_ms: int,
    sampling_rate: float = 0.0,
    sigma: float = 0.0,
) -> None:
    """Enter a round before it is answered. A round that was entered before is not entered again."""
    connection.execute(
        "INSERT INTO rounds (number, epsilon, state, at_ms, sampling_rate, sigma) VALUES (?, ?, 'charged', ?, ?, ?) "
        "ON CONFLICT (number) DO NOTHING",
        (number, epsilon, now_ms, sampling_rate, sigma),
    )


def settle(connection: sqlite3.Connection, number: int, state: str) -> None:
    """Say what became of a round."""
    connection.execute("UPDATE rounds SET state = ? WHERE number = ?", (state, number))


def since(connection: sqlite3.Connection, at_ms: int) -> tuple[Round, ...]:
    """Return the rounds that were entered from this time on, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM rounds WHERE at_ms >= ? ORDER BY number", (at_ms,))  # noqa: S608 -- a constant
    return tuple(starmap(Round, rows))


def last_ms(connection: sqlite3.Connection) -> int:
    """Return when a round was last entered, 0 before any."""
    return int(connection.execute("SELECT COALESCE(MAX(at_ms), 0) FROM rounds").fetchone()[0])


def every(connection: sqlite3.Connection) -> tuple[Round, ...]:
    """Return all rounds, oldest first."""
    return tuple(starmap(Round, connection.execute(f"SELECT {_COLUMNS} FROM rounds ORDER BY number")))  # noqa: S608 -- a constant


def most_spent(past: Iterable[Round]) -> float:
    """Return the largest epsilon after any of these rounds, 0 for none."""
    return max((agreed.epsilon for agreed in past), default=0.0)


def newest(past: Iterable[Round]) -> int:
    """Return the largest number of these rounds, 0 for none."""
    return max((agreed.number for agreed in past), default=0)
