"""The label log: every gesture of the person, in the order in which it was made."""

import sqlite3
from itertools import starmap

from weal_node.records import Answer, Choice

SCHEMA = """
CREATE TABLE labels (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    item TEXT NOT NULL,
    other TEXT NOT NULL,
    choice TEXT NOT NULL,
    source TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX labels_by_time ON labels (at_ms, id);
"""


def add(connection: sqlite3.Connection, answer: Answer) -> bool:
    """Store an answer; False where one of this id is there: it is the same gesture, and nothing changes."""
    inserted = connection.execute(
        "INSERT INTO labels (id, at_ms, item, other, choice, source) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (answer.id, answer.at_ms, answer.item, answer.other, answer.choice.value, answer.source),
    )
    return inserted.rowcount > 0


def every(connection: sqlite3.Connection) -> tuple[Answer, ...]:
    """Return the whole log, oldest first."""
    rows = connection.execute("SELECT id, at_ms, item, other, choice, source FROM labels ORDER BY at_ms, id")
    return tuple(starmap(_answer, rows))


def count_since(connection: sqlite3.Connection, at_ms: int) -> int:
    """Return how many gestures were made after this time."""
    return int(connection.execute("SELECT COUNT(*) FROM labels WHERE at_ms > ?", (at_ms,)).fetchone()[0])


def any_given(connection: sqlite3.Connection) -> bool:
    """Whether the person has answered anything that is not forgotten."""
    return connection.execute("SELECT 1 FROM labels LIMIT 1").fetchone() is not None


def item_of(connection: sqlite3.Connection, answer: str) -> str:
    """Return the state that an answer is about alone, "" of a pair and where there is no such answer."""
    row = connection.execute("SELECT item FROM labels WHERE id = ? AND other = ''", (answer,)).fetchone()
    return str(row[0]) if row else ""


def answered(connection: sqlite3.Connection, item: str) -> bool:
    """Return whether there is an answer about this state alone."""
    return connection.execute("SELECT 1 FROM labels WHERE item = ? AND other = ''", (item,)).fetchone() is not None


def remove(connection: sqlite3.Connection, answer: str) -> bool:
    """Forget one label; False when there was none."""
    return connection.execute("DELETE FROM labels WHERE id = ?", (answer,)).rowcount > 0


def _answer(number: str, at_ms: int, item: str, other: str, choice: str, source: str) -> Answer:
    return Answer(number, at_ms, item, other, Choice(choice), source)
