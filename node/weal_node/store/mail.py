"""Letters between agents: how far each chain has come, what still has to be sent, what was seen."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

from weal_protocol.envelope import START, Envelope, HashChain

SCHEMA = """
CREATE TABLE chains (
    session BLOB NOT NULL,
    sender BLOB NOT NULL,
    recipient BLOB NOT NULL,
    seq INTEGER NOT NULL,
    head BLOB NOT NULL,
    PRIMARY KEY (session, sender, recipient)
) WITHOUT ROWID;
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient BLOB NOT NULL,
    signed BLOB NOT NULL,
    deadline_ms INTEGER NOT NULL,
    bits REAL NOT NULL
);
CREATE TABLE refusals (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed envelope that the relay has not acknowledged yet. bits: about the private reward, told by it.  sealed: where
    it was sealed, and written into the ledger, when it was put here."""

    number: int
    recipient: bytes
    signed: bytes
    deadline_ms: int
    bits: float
    session: bytes
    sealed: bytes | None


def chain(connection: sqlite3.Connection, session: bytes, sender: bytes, recipient: bytes) -> HashChain:
    """Return how far a chain has come."""
    row = connection.execute(
        "SELECT seq, head FROM chains WHERE session = ? AND sender = ? AND recipient = ?", (session, sender, recipient)
    ).fetchone()
    return HashChain(int(row[0]), bytes(row[1])) if row else HashChain(0, START)


def advance(connection: sqlite3.Connection, session: bytes, sender: bytes, recipient: bytes, to: HashChain) -> None:
    """Remember how far a chain has come."""
    connection.execute(
        "INSERT INTO chains (session, sender, recipient, seq, head) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (session, sender, recipient) DO UPDATE SET seq = excluded.seq, head = excluded.head",
        (session, sender, recipient, to.seq, to.head),
    )


def post(
    connection: sqlite3.Connection,
    letter: Envelope,
    signed: bytes,
    bits: float,
    sealed: bytes | None = None,
) -> None:
    """Put a letter, as it was signed, into the outbox."""
    connection.execute(
        "INSERT INTO outbox (recipient, session, signed, deadline_ms, bits, sealed) VALUES (?, ?, ?, ?, ?, ?)",
        (letter.recipient, letter.session, signed, letter.deadline_ms, bits, sealed),
    )


def outgoing(connection: sqlite3.Connection) -> tuple[Outgoing, ...]:
    """Return what still has to be sent, oldest first."""
    rows = connection.execute(
        "SELECT number, recipient, signed, deadline_ms, bits, session, sealed FROM outbox ORDER BY number"
    )
    return tuple(starmap(Outgoing, rows))


def bits_waiting(connection: sqlite3.Connection) -> dict[bytes, float]:
    """Return, by receiver, the bits in letters that are not in the ledger of disclosures yet: it has them once they are sealed."""
    rows = connection.execute("SELECT recipient, SUM(bits) FROM outbox WHERE sealed IS NULL GROUP BY recipient")
    return dict(rows)


def sent(connection: sqlite3.Connection, number: int) -> None:
    """Forget a letter that the relay has, or that is too late."""
    connection.execute("DELETE FROM outbox WHERE number = ?", (number,))


def refuse(connection: sqlite3.Connection, reason: str) -> None:
    """Count a refused letter by its named reason."""
    connection.execute(
        "INSERT INTO refusals (reason, count) VALUES (?, 1) ON CONFLICT (reason) DO UPDATE SET count = count + 1",
        (reason,),
    )


def refusals(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many letters were refused, by reason."""
    return dict(connection.execute("SELECT reason, count FROM refusals ORDER BY reason"))
