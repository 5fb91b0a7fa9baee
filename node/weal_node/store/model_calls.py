"""What calls of language models cost. What was sent to them is in the privacy ledger, under the number that each call has here."""

import sqlite3

SCHEMA = """
CREATE TABLE model_calls (
    disclosure INTEGER PRIMARY KEY REFERENCES disclosures (id),
    at_ms INTEGER NOT NULL,
    model TEXT NOT NULL,
    cost REAL NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX model_calls_by_time ON model_calls (at_ms);
"""


def reserve(connection: sqlite3.Connection, disclosure: int, at_ms: int, model: str, cost: float) -> None:
    """Count a call at the most that it can cost, before it is made."""
    connection.execute(
        "INSERT INTO model_calls (disclosure, at_ms, model, cost, outcome) VALUES (?, ?, ?, ?, 'asked')",
        (disclosure, at_ms, model, cost),
    )


def settle(connection: sqlite3.Connection, disclosure: int, cost: float | None, outcome: str) -> None:
    """Keep how a call ended. cost: None where it may have been charged although no answer came."""
    connection.execute(
        "UPDATE model_calls SET outcome = ?, cost = coalesce(?, cost) WHERE disclosure = ?", (outcome, cost, disclosure)
    )


def spent_since(connection: sqlite3.Connection, since_ms: int) -> float:
    """Return what calls at or after this time cost, or may still."""
    (cost,) = connection.execute(
        "SELECT coalesce(sum(cost), 0) FROM model_calls WHERE at_ms >= ?", (since_ms,)
    ).fetchone()
    return float(cost)
