"""What the agent said unasked and what came of it, and what it guessed before answers: the gate's memory."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from weal_node.reward.calibration import Guess

SCHEMA = """
CREATE TABLE guesses (
    label TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    probability REAL NOT NULL,
    yes INTEGER NOT NULL,
    audit INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE deliveries (
    state TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    probability REAL NOT NULL,
    glad INTEGER,
    PRIMARY KEY (state, at_ms)
) WITHOUT ROWID;
"""
# What the person says after accepting: whether they had thought of it themselves. NULL: not said.
THOUGHT = "ALTER TABLE deliveries ADD COLUMN thought INTEGER;"


def guess(connection: sqlite3.Connection, answer: str, at_ms: int, guessed: Guess, audit: bool) -> None:
    """Keep what was guessed before an answer. audit: the question was drawn at random."""
    connection.execute(
        "INSERT INTO guesses (label, at_ms, probability, yes, audit) VALUES (?, ?, ?, ?, ?) ON CONFLICT (label) DO NOTHING",
        (answer, at_ms, guessed.probability, guessed.yes, audit),
    )


def guesses(connection: sqlite3.Connection, audits_only: bool) -> tuple[Guess, ...]:
    """Return guesses, oldest first; of answers that were forgotten none is left."""
    rows = connection.execute(
        "SELECT probability, yes FROM guesses WHERE audit OR NOT ? ORDER BY at_ms, label", (audits_only,)
    )
    return tuple(starmap(_guess, rows))


def taught_since(connection: sqlite3.Connection, at_ms: int) -> tuple[Guess, ...]:
    """Return what was guessed before the answers given on Teach at or after this time, oldest first."""
    rows = connection.execute(
        "SELECT probability, yes FROM guesses JOIN labels ON labels.id = guesses.label "
        "WHERE labels.source = 'teach' AND labels.at_ms >= ? ORDER BY labels.at_ms, labels.id",
        (at_ms,),
    )
    return tuple(starmap(_guess, rows))


def audits(connection: sqlite3.Connection) -> tuple[tuple[int, Guess], ...]:
    """Return (when, guess) of the answers to questions drawn at random, oldest first."""
    rows = connection.execute("SELECT at_ms, probability, yes FROM guesses WHERE audit ORDER BY at_ms, label")
    return tuple((at, _guess(probability, yes)) for at, probability, yes in rows)


def _guess(probability: float, yes: int) -> Guess:
    return Guess(probability, bool(yes))


def forget(connection: sqlite3.Connection, answer: str) -> bool:
    """Drop what was guessed before an answer that is forgotten; True, whether there was anything or not."""
    connection.execute("DELETE FROM guesses WHERE label = ?", (answer,))
    return True


def deliver(connection: sqlite3.Connection, guessed: Sequence[tuple[str, float]], at_ms: int, since_ms: int) -> None:
    """Keep that states were put to the person unasked, each with the probability that they are glad of it. One that was
    delivered at or after `since_ms` is not counted again: two pages may be opened at once."""
    connection.executemany(
        "INSERT INTO deliveries (state, at_ms, probability) SELECT ?, ?, ? "
        "WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE state = ? AND at_ms >= ?) ON CONFLICT DO NOTHING",
        [(state, at_ms, probability, state, since_ms) for state, probability in guessed],
    )


def answered(connection: sqlite3.Connection, state: str, glad: bool) -> None:
    """Keep what the person said of the newest delivery of a state; nothing where it was never delivered."""
    connection.execute(
        "UPDATE deliveries SET glad = ? WHERE state = ? AND at_ms = (SELECT max(at_ms) FROM deliveries WHERE state = ?)",
        (glad, state, state),
    )


def unsay(connection: sqlite3.Connection, state: str) -> bool:
    """Drop what came of deliveries of a state about which no answer is left; True, whether there was anything or not."""
    connection.execute("UPDATE deliveries SET glad = NULL, thought = NULL WHERE state = ?", (state,))
    return True


@dataclass(frozen=True, slots=True)
class Delivery:
    """A state that was put to the person unasked. said: how likely a yes was said to be.  glad: None before an answer."""

    state: str
    at_ms: int
    said: float
    glad: bool | None


def deliveries(connection: sqlite3.Connection) -> tuple[Delivery, ...]:
    """Return all that was ever put to the person, oldest first."""
    rows = connection.execute("SELECT state, at_ms, probability, glad FROM deliveries ORDER BY at_ms, state")
    return tuple(Delivery(state, at, said, None if glad is None else bool(glad)) for state, at, said, glad in rows)


def delivered_since(connection: sqlite3.Connection, since_ms: int) -> tuple[tuple[str, int, bool | None], ...]:
    """Return (state, when, glad) of deliveries at or after this time, oldest first; glad is None before an answer."""
    rows = connection.execute(
        "SELECT state, at_ms, glad FROM deliveries WHERE at_ms >= ? ORDER BY at_ms, state", (since_ms,)
    )
    return tuple((state, at, None if glad is None else bool(glad)) for state, at, glad in rows)


def history(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return of how many suggestions the person was glad, and how many they answered."""
    glad, answered_count = connection.execute("SELECT coalesce(sum(glad), 0), count(glad) FROM deliveries").fetchone()
    return int(glad), int(answered_count)


def may_be_new(connection: sqlite3.Connection, state: str) -> bool:
    """Return whether the person accepted the newest delivery of a state and did not say whether they had thought of it."""
    row = connection.execute(
        "SELECT glad, thought FROM deliveries WHERE state = ? ORDER BY at_ms DESC LIMIT 1", (state,)
    ).fetchone()
    return row is not None and row[0] == 1 and row[1] is None


def had_thought(connection: sqlite3.Connection, state: str, thought: bool) -> bool:
    """Keep whether the person had thought of what they accepted; False where no delivery of it was accepted."""
    updated = connection.execute(
        "UPDATE deliveries SET thought = ? "
        "WHERE state = ? AND glad = 1 AND at_ms = (SELECT max(at_ms) FROM deliveries WHERE state = ?)",
        (thought, state, state),
    )
    return updated.rowcount > 0


def discoveries(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many suggestions were accepted and new to the person, and how many were shown: each counted once, however often."""
    new, shown = connection.execute(
        "SELECT count(DISTINCT CASE WHEN glad = 1 AND thought = 0 THEN state END), count(DISTINCT state) FROM deliveries"
    ).fetchone()
    return int(new), int(shown)
