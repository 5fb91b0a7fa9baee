"""The node's own account of rounds: what it agreed to answer, what that costs, what became of it."""

import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE rounds (
    number INTEGER PRIMARY KEY,
    epsilon REAL NOT NULL,
    state TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
"""


CHARGED = "charged"
ANSWERED = "answered"
LATE = "the round's deadline passed"


@dataclass(frozen=True, slots=True)
class Round:
    """epsilon: spent in all after this round, by the node's own reckoning. state: CHARGED, ANSWERED or a reason why not."""

    number: int
    epsilon: float
    state: str


def charge(connection: sqlite3.Connection, number: int, epsilon: float, now_ms: int) -> None:
    """Enter a round before it is answered. A round that was entered before is not entered again."""
    connection.execute(
        "INSERT INTO rounds (number, epsilon, state, at_ms) VALUES (?, ?, 'charged', ?) ON CONFLICT (number) DO NOTHING",
        (number, epsilon, now_ms),
    )


def settle(connection: sqlite3.Connection, number: int, state: str) -> None:
    """Say what became of a round."""
    connection.execute("UPDATE rounds SET state = ? WHERE number = ?", (state, number))


def since(connection: sqlite3.Connection, at_ms: int) -> tuple[Round, ...]:
    """Return the rounds that were entered from this time on, oldest first."""
    rows = connection.execute("SELECT number, epsilon, state FROM rounds WHERE at_ms >= ? ORDER BY number", (at_ms,))
    return tuple(Round(*row) for row in rows)


def last_ms(connection: sqlite3.Connection) -> int:
    """Return when a round was last entered, 0 before any."""
    return int(connection.execute("SELECT COALESCE(MAX(at_ms), 0) FROM rounds").fetchone()[0])


def every(connection: sqlite3.Connection) -> tuple[Round, ...]:
    """Return all rounds, oldest first."""
    return tuple(Round(*row) for row in connection.execute("SELECT number, epsilon, state FROM rounds ORDER BY number"))
