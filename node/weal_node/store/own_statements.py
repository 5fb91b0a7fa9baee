"""What the person's own notes say that they can be asked about: an item each, and the words it stands on."""

import sqlite3
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from weal_node.store.rows import column

SCHEMA = """
CREATE TABLE own_statements (
    state TEXT PRIMARY KEY,
    says INTEGER NOT NULL,
    note TEXT NOT NULL,
    title TEXT NOT NULL,
    quote TEXT NOT NULL,
    dated_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX own_statements_by_note ON own_statements (note);
CREATE TABLE bad_questions (
    item TEXT NOT NULL,
    other TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (item, other)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class OwnStatement:
    """state: id of the item that is asked about.  says: 0 for what the person wants to do, 1 for what they wrote that they like, -1 that they do not.
    note, title: where it stands.  quote: its words there.  dated_ms: of the note, 0 where that is not known."""

    state: str
    says: int
    note: str
    title: str
    quote: str
    dated_ms: int


def replace(connection: sqlite3.Connection, rows: Iterable[OwnStatement]) -> tuple[str, ...]:
    """Keep these and no others; return the items of those that are gone and on which nothing rests: no answer, no idea, nobody else's words."""
    before = set(every(connection))
    connection.execute("DELETE FROM own_statements")
    connection.executemany("INSERT OR IGNORE INTO own_statements VALUES (?, ?, ?, ?, ?, ?)", map(astuple, rows))
    gone = before - every(connection).keys()
    return tuple(sorted(state for state in gone if _is_free(connection, state)))


def every(connection: sqlite3.Connection) -> dict[str, OwnStatement]:
    """Return all by the id of their item."""
    rows = connection.execute("SELECT state, says, note, title, quote, dated_ms FROM own_statements ORDER BY state")
    return {row[0]: OwnStatement(*row) for row in rows}


def forget(connection: sqlite3.Connection, note: str) -> dict[str, str]:
    """Drop what stands in a note, and the items too on which nothing else rests; return the texts of those items by their id."""
    gone = tuple(column(connection.execute("SELECT state FROM own_statements WHERE note = ? ORDER BY state", (note,))))
    connection.execute("DELETE FROM own_statements WHERE note = ?", (note,))
    dropped: dict[str, str] = {}
    for state in gone:
        row = connection.execute("SELECT text FROM states WHERE id = ?", (state,)).fetchone()
        if row is not None and _is_free(connection, state):
            connection.execute("DELETE FROM states WHERE id = ?", (state,))
            dropped[state] = row[0]
    return dropped


def refuse(connection: sqlite3.Connection, item: str, other: str, at_ms: int) -> None:
    """Never ask this again; other is "" for a question about one."""
    first, second = sorted((item, other), reverse=True)
    connection.execute("INSERT OR IGNORE INTO bad_questions VALUES (?, ?, ?)", (first, second, at_ms))


def refused(connection: sqlite3.Connection) -> frozenset[frozenset[str]]:
    """Return what is never asked: sets of one item or of two."""
    rows = connection.execute("SELECT item, other FROM bad_questions")
    return frozenset(frozenset(filter(None, row)) for row in rows)


def _is_free(connection: sqlite3.Connection, state: str) -> bool:
    """Whether an item is of one's own words alone, and neither answered about nor an idea for Today."""
    found = connection.execute(
        "SELECT 1 FROM labels WHERE item = :state OR other = :state UNION ALL SELECT 1 FROM proposals WHERE state = :state "
        "UNION ALL SELECT 1 FROM states WHERE id = :state AND kind != 'own' LIMIT 1",
        {"state": state},
    )
    return found.fetchone() is None
