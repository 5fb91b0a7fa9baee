"""What was proposed, and the words it rests on. A proposal is a state; here is where it comes from."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from weal_node.proposals.evidence import Citation

SCHEMA = """
CREATE TABLE proposals (
    state TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    citations TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX proposals_by_time ON proposals (made_ms);
"""
# Whether the person asked for it themself.
ASKED_FOR = "ALTER TABLE proposals ADD COLUMN asked_for INTEGER NOT NULL DEFAULT 0;"


@dataclass(frozen=True, slots=True)
class Made:
    """state: id of the state that is put to the person.  source: "rules", or the name of the model that drafted it.
    asked_for: whether the person wants to be reminded of it."""

    state: str
    kind: str
    source: str
    made_ms: int
    citations: tuple[Citation, ...]
    asked_for: bool = False


def add(connection: sqlite3.Connection, rows: Iterable[Made]) -> None:
    """Keep proposals; one that is known stays as it was, except that it may be asked for now."""
    connection.executemany(
        "INSERT INTO proposals (state, kind, source, made_ms, citations, asked_for) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (state) DO UPDATE SET asked_for = max(asked_for, excluded.asked_for)",
        [
            (
                row.state,
                row.kind,
                row.source,
                row.made_ms,
                json.dumps([asdict(citation) for citation in row.citations]),
                row.asked_for,
            )
            for row in rows
        ],
    )


def every(connection: sqlite3.Connection) -> dict[str, Made]:
    """Return all proposals by the id of their state."""
    rows = connection.execute(
        "SELECT state, kind, source, made_ms, citations, asked_for FROM proposals ORDER BY made_ms, state"
    )
    return {row[0]: _made(*row) for row in rows}


def _made(state: str, kind: str, source: str, made_ms: int, citations: str, asked_for: int) -> Made:
    cited = tuple(Citation(**citation) for citation in json.loads(citations))
    return Made(state, kind, source, made_ms, cited, bool(asked_for))


def made_since(connection: sqlite3.Connection, since_ms: int) -> int:
    """Return how many were made unasked at or after this time."""
    query = "SELECT count(*) FROM proposals WHERE made_ms >= ? AND NOT asked_for"
    (count,) = connection.execute(query, (since_ms,)).fetchone()
    return int(count)


def ask_for(connection: sqlite3.Connection, states: Iterable[str]) -> None:
    """Let these, and no others, be what the person asked for."""
    connection.execute("UPDATE proposals SET asked_for = 0")
    connection.executemany("UPDATE proposals SET asked_for = 1 WHERE state = ?", ((state,) for state in states))


def drop(connection: sqlite3.Connection, states: Iterable[str]) -> None:
    """Forget proposals whose words are gone, and their states too unless the person answered about them."""
    for state in states:
        connection.execute("DELETE FROM proposals WHERE state = ?", (state,))
        connection.execute(
            "DELETE FROM states WHERE id = ? AND NOT EXISTS (SELECT 1 FROM labels WHERE item = ? OR other = ?)",
            (state, state, state),
        )
