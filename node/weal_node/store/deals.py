"""Deals: what was said so far, and the little that only this side knows. State is replayed from it, never stored."""

import json
import sqlite3
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SCHEMA = """
CREATE TABLE deals (
    id BLOB PRIMARY KEY,
    other BLOB NOT NULL,
    own_first INTEGER NOT NULL,
    mine TEXT NOT NULL,
    theirs TEXT NOT NULL,
    sources TEXT NOT NULL,
    why TEXT NOT NULL,
    secret BLOB NOT NULL,
    utilities BLOB,
    places TEXT,
    dismissed INTEGER NOT NULL DEFAULT 0,
    outcome_label TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE deal_said (
    deal BLOB NOT NULL REFERENCES deals (id),
    number INTEGER NOT NULL,
    by_first INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (deal, number)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One deal of this node. own_first: whether this side invited.  utilities: (n,) once the person let their agent
    enter, None before.  places: the person's ranking.  said: (by_first, kind, body), in order."""

    id: bytes
    other: bytes
    own_first: bool
    mine: str
    theirs: str
    sources: tuple[str, ...]
    why: str
    secret: bytes
    utilities: npt.NDArray[np.float64] | None
    places: tuple[int, ...] | None
    dismissed: bool
    outcome_label: str
    said: tuple[tuple[bool, str, bytes], ...]


_COLUMNS = "id, other, own_first, mine, theirs, sources, why, secret, utilities, places, dismissed, outcome_label"


def draft(
    connection: sqlite3.Connection,
    deal: bytes,
    other: bytes,
    gifts: tuple[str, str],
    sources: tuple[str, ...],
    why: str,
    secret: bytes,
    now_ms: int,
) -> bool:
    """Enter a draft; False when the deal is known already. gifts: what this side gives, what the other gives."""
    done = connection.execute(
        "INSERT INTO deals (id, other, own_first, mine, theirs, sources, why, secret, at_ms) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING",
        (deal, other, gifts[0], gifts[1], json.dumps(sources), why, secret, now_ms),
    )
    return done.rowcount > 0


def enter(connection: sqlite3.Connection, deal: bytes, utilities: npt.NDArray[np.float64]) -> None:
    """The person let their agent negotiate: keep the utilities it will speak from."""
    connection.execute("UPDATE deals SET utilities = ? WHERE id = ?", (utilities.astype("<f8").tobytes(), deal))


def say(connection: sqlite3.Connection, deal: bytes, by_first: bool, kind: str, body: bytes) -> None:
    """Add a message to the transcript."""
    connection.execute(
        "INSERT INTO deal_said (deal, number, by_first, kind, body) "
        "SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ? FROM deal_said WHERE deal = ?",
        (deal, by_first, kind, body, deal),
    )


def yield_to(connection: sqlite3.Connection, deal: bytes) -> None:
    """Take back our own invitation: the other's crossed it and stands."""
    connection.execute("DELETE FROM deal_said WHERE deal = ?", (deal,))
    become_second(connection, deal)


def become_second(connection: sqlite3.Connection, deal: bytes) -> None:
    """The other side invited; this side answers, once its person lets it."""
    connection.execute("UPDATE deals SET own_first = 0, utilities = NULL WHERE id = ?", (deal,))


def rank(connection: sqlite3.Connection, deal: bytes, places: tuple[int, ...]) -> None:
    """Keep the person's ranking of the menu."""
    connection.execute("UPDATE deals SET places = ? WHERE id = ?", (json.dumps(places), deal))


def dismiss(connection: sqlite3.Connection, deal: bytes) -> None:
    """The person does not want this draft."""
    connection.execute("UPDATE deals SET dismissed = 1 WHERE id = ?", (deal,))


def rated(connection: sqlite3.Connection, deal: bytes, label: str) -> None:
    """Remember the label that rates the outcome."""
    connection.execute("UPDATE deals SET outcome_label = ? WHERE id = ?", (label, deal))


def every(connection: sqlite3.Connection) -> tuple[Row, ...]:
    """Return all deals, newest first."""
    ids = connection.execute("SELECT id FROM deals ORDER BY at_ms DESC, id")
    return tuple(row for (deal,) in ids.fetchall() if (row := get(connection, bytes(deal))) is not None)


def get(connection: sqlite3.Connection, deal: bytes) -> Row | None:
    """Return one deal, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM deals WHERE id = ?", (deal,)).fetchone()  # noqa: S608 -- a constant
    if row is None:
        return None
    said = connection.execute("SELECT by_first, kind, body FROM deal_said WHERE deal = ? ORDER BY number", (deal,))
    return Row(
        bytes(row[0]),
        bytes(row[1]),
        bool(row[2]),
        row[3],
        row[4],
        tuple(json.loads(row[5])),
        row[6],
        bytes(row[7]),
        np.frombuffer(row[8], "<f8") if row[8] is not None else None,
        tuple(json.loads(row[9])) if row[9] is not None else None,
        bool(row[10]),
        row[11],
        tuple((bool(by_first), kind, bytes(body)) for by_first, kind, body in said),
    )
