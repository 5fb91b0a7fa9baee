"""What the person agreed that rounds may cost, and where the coordinator showed other charters than before. Rows are only ever added."""

import sqlite3

from weal_node.store.rows import column

SCHEMA = """
CREATE TABLE charters_agreed (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    community TEXT NOT NULL,
    terms TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
CREATE TABLE charter_forks (
    community TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (community, why)
) WITHOUT ROWID;
"""
MOST_FORKS = 20  # of one community: no more than a person reads, whatever is shown


def agree(connection: sqlite3.Connection, community: str, terms: str, now_ms: int) -> None:
    """Enter that the person agreed. community: hex id.  terms: `Terms.text`, "" where the charter says nothing that can be accounted for."""
    connection.execute(
        "INSERT INTO charters_agreed (community, terms, at_ms) VALUES (?, ?, ?)", (community, terms, now_ms)
    )


def agreed(connection: sqlite3.Connection, community: str) -> str | None:
    """Return the terms that the person agreed to last, None where they never did but by joining under the first charter."""
    row = connection.execute(
        "SELECT terms FROM charters_agreed WHERE community = ? ORDER BY number DESC LIMIT 1", (community,)
    ).fetchone()
    return str(row[0]) if row else None


def note_fork(connection: sqlite3.Connection, community: str, why: str, now_ms: int) -> None:
    """Write a fork down once, though it is seen at every look."""
    if len(forks(connection, community)) < MOST_FORKS:
        connection.execute(
            "INSERT INTO charter_forks (community, why, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (community, why, now_ms),
        )


def forks(connection: sqlite3.Connection, community: str) -> tuple[str, ...]:
    """Return in words each way in which the charters that were shown did not go on from those known, the first first."""
    rows = connection.execute("SELECT why FROM charter_forks WHERE community = ? ORDER BY at_ms, why", (community,))
    return tuple(column(rows))
