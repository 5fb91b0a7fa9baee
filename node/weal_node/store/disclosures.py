"""The privacy ledger: what leaves this node, written down before it does. Rows are only ever added."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

from weal_node.records import Disclosure

SCHEMA = """
CREATE TABLE disclosures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    what TEXT NOT NULL,
    payload BLOB NOT NULL,
    size INTEGER NOT NULL,
    epsilon REAL NOT NULL,
    bits REAL NOT NULL
);
CREATE TRIGGER disclosures_stay BEFORE DELETE ON disclosures BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER disclosures_hold BEFORE UPDATE ON disclosures BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""

FORGETTING = """
DROP TRIGGER disclosures_hold;
CREATE TRIGGER disclosures_hold BEFORE UPDATE ON disclosures
WHEN NEW.id IS NOT OLD.id OR NEW.at_ms IS NOT OLD.at_ms OR NEW.recipient IS NOT OLD.recipient OR NEW.what IS NOT OLD.what
    OR NEW.size IS NOT OLD.size OR NEW.epsilon IS NOT OLD.epsilon OR NEW.bits IS NOT OLD.bits OR length(NEW.payload) <> 32
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much leaves. size: in bytes.  epsilon: of aggregation, after this less before.  bits: about the private reward."""

    size: int
    epsilon: float = 0.0
    bits: float = 0.0


def write(
    connection: sqlite3.Connection,
    at_ms: int,
    to: str,
    what: str,
    payload: bytes,
    amount: Amount,
) -> int:
    """Enter a disclosure and return its number. Commit before the bytes leave."""
    row = connection.execute(
        "INSERT INTO disclosures (at_ms, recipient, what, payload, size, epsilon, bits) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (at_ms, to, what, payload, amount.size, amount.epsilon, amount.bits),
    )
    return int(row.lastrowid or 0)


def all_of(connection: sqlite3.Connection) -> tuple[Disclosure, ...]:
    """Return the whole ledger, oldest first."""
    rows = connection.execute(
        "SELECT id, at_ms, recipient, what, size, payload, epsilon, bits FROM disclosures ORDER BY id"
    )
    return tuple(starmap(Disclosure, rows))


def bits_to(connection: sqlite3.Connection, to: str) -> float:
    """Return the bits about the private reward that this peer was told so far."""
    (bits,) = connection.execute("SELECT COALESCE(SUM(bits), 0) FROM disclosures WHERE recipient = ?", (to,)).fetchone()
    return float(bits)


def bits_since(connection: sqlite3.Connection, since_ms: int) -> float:
    """Return the bits about the private reward that anyone was told since."""
    (bits,) = connection.execute(
        "SELECT COALESCE(SUM(bits), 0) FROM disclosures WHERE at_ms >= ?", (since_ms,)
    ).fetchone()
    return float(bits)


def forget_payload(connection: sqlite3.Connection, entry: int, sha256: bytes) -> None:
    """Keep of what left only its SHA-256 (32 bytes): that it left, when, to whom and how large stays."""
    connection.execute("UPDATE disclosures SET payload = ? WHERE id = ?", (sha256, entry))
