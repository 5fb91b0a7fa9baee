"""How the coordinator's ledger for this person compares with the node's own: the newest comparison, and the most it ever said."""

import json
import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE accounts (
    community TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    own REAL NOT NULL,
    theirs REAL NOT NULL,
    charges INTEGER NOT NULL,
    most_theirs REAL NOT NULL,
    most_charges INTEGER NOT NULL,
    last_round INTEGER NOT NULL,
    disagreements TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE reported (community TEXT PRIMARY KEY, since_round INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """own, theirs: epsilon by the node's ledger and by the coordinator's.  charges: rounds that the coordinator charged.
    most_theirs, most_charges: the most it ever said.  last_round: the newest it charged anyone.  disagreements: in words, none where the two fit."""

    at_ms: int
    own: float
    theirs: float
    charges: int
    most_theirs: float
    most_charges: int
    last_round: int
    disagreements: tuple[str, ...]


def put(connection: sqlite3.Connection, community: str, found: Comparison) -> None:
    """Keep the newest comparison with this community."""
    connection.execute(
        "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            community,
            found.at_ms,
            found.own,
            found.theirs,
            found.charges,
            found.most_theirs,
            found.most_charges,
            found.last_round,
            json.dumps(found.disagreements),
        ),
    )


def get(connection: sqlite3.Connection, community: str) -> Comparison | None:
    """Return the newest comparison with this community, None before any."""
    row = connection.execute(
        "SELECT at_ms, own, theirs, charges, most_theirs, most_charges, last_round, disagreements FROM accounts "
        "WHERE community = ?",
        (community,),
    ).fetchone()
    if row is None:
        return None
    at_ms, own, theirs, charges, most_theirs, most_charges, last_round, wrong = row
    return Comparison(at_ms, own, theirs, charges, most_theirs, most_charges, last_round, tuple(json.loads(wrong)))


def reported(connection: sqlite3.Connection, community: str) -> int:
    """Return since which round it was last said that there are enough new answers; -1 before that was ever said."""
    row = connection.execute("SELECT since_round FROM reported WHERE community = ?", (community,)).fetchone()
    return int(row[0]) if row else -1


def report(connection: sqlite3.Connection, community: str, since_round: int) -> None:
    """Keep that it is said now."""
    connection.execute("INSERT OR REPLACE INTO reported VALUES (?, ?)", (community, since_round))
