"""Which state for the agent was drawn from which record, so that what is taken back goes there too."""

import sqlite3
from collections.abc import Iterable

from weal_node.store.rows import column, singly

SCHEMA = """
CREATE TABLE drawn_states (record TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX drawn_states_by_state ON drawn_states (state);
"""


def add(connection: sqlite3.Connection, record: str, state: str) -> None:
    """Remember it."""
    connection.execute("INSERT INTO drawn_states (record, state) VALUES (?, ?) ON CONFLICT DO NOTHING", (record, state))


def only(connection: sqlite3.Connection, taken_back: Iterable[str]) -> list[str]:
    """Return the states that no record gives but these."""
    back = set(taken_back)
    states = {str(state) for record in back for (state,) in _of(connection, record)}
    return [state for state in sorted(states) if set(column(_giving(connection, state))) <= back]


def of_expelled(connection: sqlite3.Connection) -> list[str]:
    """Return the records by people who were expelled from which states were drawn."""
    rows = connection.execute(
        "SELECT record FROM drawn_states JOIN records ON records.id = record WHERE author IN (SELECT agent_key FROM expelled)"
    )
    return list(column(rows))


def forget(connection: sqlite3.Connection, taken_back: Iterable[str]) -> None:
    """Forget what was drawn from these records."""
    connection.executemany("DELETE FROM drawn_states WHERE record = ?", singly(taken_back))


def _of(connection: sqlite3.Connection, record: str) -> sqlite3.Cursor:
    return connection.execute("SELECT state FROM drawn_states WHERE record = ?", (record,))


def _giving(connection: sqlite3.Connection, state: str) -> sqlite3.Cursor:
    return connection.execute("SELECT record FROM drawn_states WHERE state = ?", (state,))
