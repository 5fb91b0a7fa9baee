"""Deals: what was said so far, and the little that only this side knows. State is replayed from it, never stored."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from weal_node.negotiation.baseline import Baseline

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
PARTIES = """
ALTER TABLE deals RENAME COLUMN own_first TO party;
UPDATE deals SET party = 1 - party;
ALTER TABLE deals ADD COLUMN space BLOB;
ALTER TABLE deals ADD COLUMN floor REAL NOT NULL DEFAULT 0;
ALTER TABLE deal_said RENAME COLUMN by_first TO party;
UPDATE deal_said SET party = 1 - party;
CREATE TABLE deal_held (
    deal BLOB NOT NULL,
    sender BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (deal, number)
) WITHOUT ROWID;
"""
PENDING = """
ALTER TABLE deals ADD COLUMN pending BLOB;
ALTER TABLE deals ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
"""
KEPT = """
ALTER TABLE deals ADD COLUMN expected REAL;
ALTER TABLE deals ADD COLUMN expected_sd REAL;
ALTER TABLE deals ADD COLUMN kept_ms INTEGER NOT NULL DEFAULT 0;
"""
MAX_HELD = 64  # letters of one deal by one sender that came before their turn
MAX_DEALS_HELD = 64  # deals of which letters of one sender came before the invitation


@dataclass(frozen=True, slots=True)
class DealRow:
    """One deal of this node. party: this side's place among the parties, 0 invites.  space: as drafted or edited here
    (serialised), None in a deal of two from before spaces were kept.  utilities: (n,) once the person let their agent
    enter, None before.  expected: what honest others would leave this side, None where that could not be told.  floor: the
    least share of its best gain this side settles for.  places: the person's ranking.  pending: our ratification on its way to
    the notary.  asked: whether the notary was asked after the deal ran out.  kept_ms: when the person said that they did
    their part, 0 before.  said: (party, kind, body), in order."""

    id: bytes
    other: bytes
    party: int
    mine: str
    theirs: str
    sources: tuple[str, ...]
    why: str
    secret: bytes
    utilities: npt.NDArray[np.float64] | None
    places: tuple[int, ...] | None
    dismissed: bool
    outcome_answer: str
    space: bytes | None
    floor: float
    pending: bytes | None
    asked: bool
    expected: Baseline | None
    kept_ms: int
    said: tuple[tuple[int, str, bytes], ...]


_COLUMNS = (
    "id, other, party, mine, theirs, sources, why, secret, utilities, places, dismissed, outcome_label, space, floor, "
    "pending, asked, expected, expected_sd, kept_ms"
)


@dataclass(frozen=True, slots=True)
class NewDeal:
    """A deal that is entered. gifts: what this side gives, what the other gives; the rest as in `DealRow`."""

    deal: bytes
    other: bytes
    gifts: tuple[str, str]
    sources: tuple[str, ...]
    why: str
    secret: bytes
    party: int = 0
    space: bytes | None = None


def draft(
    connection: sqlite3.Connection,
    new: NewDeal,
    now_ms: int,
) -> bool:
    """Enter a draft; False when the deal is known already."""
    done = connection.execute(
        "INSERT INTO deals (id, other, party, mine, theirs, sources, why, secret, at_ms, space) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (new.deal, new.other, new.party, *new.gifts, json.dumps(new.sources), new.why, new.secret, now_ms, new.space),
    )
    return done.rowcount > 0


def edit(connection: sqlite3.Connection, deal: bytes, space: bytes, other: bytes) -> None:
    """The person changed what could be agreed on, or with whom, before their agent enters. other: the first of the others."""
    connection.execute("UPDATE deals SET space = ?, other = ? WHERE id = ?", (space, other, deal))


def enter(
    connection: sqlite3.Connection,
    deal: bytes,
    utilities: npt.NDArray[np.float64],
    expected: Baseline | None,
    floor: float,
) -> None:
    """The person let their agent negotiate: keep the utilities it will speak from, and what it expects and settles for."""
    mean, sd = (expected.mean, expected.sd) if expected else (None, None)
    connection.execute(
        "UPDATE deals SET utilities = ?, expected = ?, expected_sd = ?, floor = ? WHERE id = ?",
        (utilities.astype("<f8").tobytes(), mean, sd, floor, deal),
    )


def say(connection: sqlite3.Connection, deal: bytes, party: int, kind: str, body: bytes) -> None:
    """Add a message to the transcript."""
    connection.execute(
        "INSERT INTO deal_said (deal, number, party, kind, body) "
        "SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ? FROM deal_said WHERE deal = ?",
        (deal, party, kind, body, deal),
    )


def hold(connection: sqlite3.Connection, deal: bytes, sender: bytes, kind: str, body: bytes) -> bool:
    """Keep a letter that came before its turn; False when there is no room for it."""
    of_sender = "SELECT {} FROM deal_held WHERE deal {} ? AND sender = ?"
    (of_deal,) = connection.execute(of_sender.format("COUNT(*)", "="), (deal, sender)).fetchone()
    (deals,) = connection.execute(of_sender.format("COUNT(DISTINCT deal)", "!="), (deal, sender)).fetchone()
    if of_deal >= MAX_HELD or deals >= MAX_DEALS_HELD:
        return False
    connection.execute(
        "INSERT INTO deal_held (deal, sender, number, kind, body) "
        "SELECT ?, ?, COALESCE(MAX(number), 0) + 1, ?, ? FROM deal_held WHERE deal = ?",
        (deal, sender, kind, body, deal),
    )
    return True


def held(connection: sqlite3.Connection, deal: bytes) -> tuple[tuple[int, bytes, str, bytes], ...]:
    """Return the letters that wait for their turn: number, sender, kind, body, in the order they came."""
    rows = connection.execute(
        "SELECT number, sender, kind, body FROM deal_held WHERE deal = ? ORDER BY number", (deal,)
    )
    return tuple(rows)


def release(connection: sqlite3.Connection, deal: bytes, number: int) -> None:
    """A letter waits no more."""
    connection.execute("DELETE FROM deal_held WHERE deal = ? AND number = ?", (deal, number))


def yield_to(connection: sqlite3.Connection, deal: bytes, party: int, space: bytes) -> None:
    """Take back our own invitation or draft: the other's stands, and this side answers once its person lets it."""
    connection.execute("DELETE FROM deal_said WHERE deal = ?", (deal,))
    connection.execute("UPDATE deals SET party = ?, space = ?, utilities = NULL WHERE id = ?", (party, space, deal))


def rank(connection: sqlite3.Connection, deal: bytes, places: tuple[int, ...]) -> None:
    """Keep the person's ranking of the menu."""
    connection.execute("UPDATE deals SET places = ? WHERE id = ?", (json.dumps(places), deal))


def dismiss(connection: sqlite3.Connection, deal: bytes) -> None:
    """The person does not want this draft."""
    connection.execute("UPDATE deals SET dismissed = 1 WHERE id = ?", (deal,))


def rated(connection: sqlite3.Connection, deal: bytes, answer: str) -> None:
    """Remember the label that rates the outcome."""
    connection.execute("UPDATE deals SET outcome_label = ? WHERE id = ?", (answer, deal))


def pend(connection: sqlite3.Connection, deal: bytes, ratify: bytes | None) -> None:
    """Keep our signed ratification until the notary has it; None: it was said, or came to nothing."""
    connection.execute("UPDATE deals SET pending = ? WHERE id = ?", (ratify, deal))


def keep(connection: sqlite3.Connection, deal: bytes, now_ms: int) -> None:
    """The person says that they did their part."""
    connection.execute("UPDATE deals SET kept_ms = ? WHERE id = ?", (now_ms, deal))


def ask(connection: sqlite3.Connection, deal: bytes) -> None:
    """Remember that the notary was asked about a deal that ran out."""
    connection.execute("UPDATE deals SET asked = 1 WHERE id = ?", (deal,))


def unsettled(connection: sqlite3.Connection) -> tuple[DealRow, ...]:
    """Return deals whose ratification by us waits for the notary, or was said and not seen through yet."""
    ids = connection.execute(
        "SELECT id FROM deals WHERE pending IS NOT NULL OR (asked = 0 AND EXISTS (SELECT 1 FROM deal_said "
        "WHERE deal_said.deal = deals.id AND deal_said.party = deals.party AND deal_said.kind = 'ratify'))"
    )
    return tuple(row for (deal,) in ids.fetchall() if (row := get(connection, bytes(deal))) is not None)


def every(connection: sqlite3.Connection) -> tuple[DealRow, ...]:
    """Return all deals, newest first."""
    return _all(connection, "")


def entered(connection: sqlite3.Connection) -> tuple[DealRow, ...]:
    """Return the deals into which the person let their agent, newest first."""
    return _all(connection, "WHERE utilities IS NOT NULL")


def _all(connection: sqlite3.Connection, which: str) -> tuple[DealRow, ...]:
    said: dict[bytes, list[tuple[int, str, bytes]]] = {}
    for deal, *one in connection.execute("SELECT deal, party, kind, body FROM deal_said ORDER BY deal, number"):
        said.setdefault(deal, []).append((one[0], one[1], bytes(one[2])))
    rows = connection.execute(f"SELECT {_COLUMNS} FROM deals {which} ORDER BY at_ms DESC, id")  # noqa: S608 -- constants
    return tuple(_row(row, said.get(row[0], [])) for row in rows)


def changes(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return another pair after everything that was said or dismissed."""
    (said,) = connection.execute("SELECT COUNT(*) FROM deal_said").fetchone()
    (dismissed,) = connection.execute("SELECT COUNT(*) FROM deals WHERE dismissed = 1").fetchone()
    return int(said), int(dismissed)


def invitations(connection: sqlite3.Connection, since_ms: int, sender: bytes) -> int:
    """Return how many invitations of this sender came since and are not answered."""
    (count,) = connection.execute(
        "SELECT COUNT(*) FROM deals WHERE other = ? AND party > 0 AND utilities IS NULL AND dismissed = 0 AND at_ms >= ? "
        "AND EXISTS (SELECT 1 FROM deal_said WHERE deal_said.deal = deals.id) AND NOT EXISTS (SELECT 1 FROM deal_said WHERE deal_said.deal = deals.id AND kind IN ('decline', 'cancel'))",
        (sender, since_ms),
    ).fetchone()
    return int(count)


def get(connection: sqlite3.Connection, deal: bytes) -> DealRow | None:
    """Return one deal, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM deals WHERE id = ?", (deal,)).fetchone()  # noqa: S608 -- a constant
    if row is None:
        return None
    said = connection.execute("SELECT party, kind, body FROM deal_said WHERE deal = ? ORDER BY number", (deal,))
    return _row(row, list(said))


def _row(row: tuple[Any, ...], said: list[tuple[int, str, bytes]]) -> DealRow:
    return DealRow(
        bytes(row[0]),
        bytes(row[1]),
        row[2],
        row[3],
        row[4],
        tuple(json.loads(row[5])),
        row[6],
        bytes(row[7]),
        np.frombuffer(row[8], "<f8") if row[8] is not None else None,
        tuple(json.loads(row[9])) if row[9] is not None else None,
        bool(row[10]),
        row[11],
        bytes(row[12]) if row[12] is not None else None,
        row[13],
        bytes(row[14]) if row[14] is not None else None,
        bool(row[15]),
        Baseline(row[16], row[17]) if row[16] is not None else None,
        row[18],
        tuple(said),
    )
