"""Letters as they were signed, both ways: the transcript that can be shown to others. And what a session needs until it is over:
letters that came before their turn, and the keys that are erased when its time is up."""

import sqlite3

from weal_node.store.rows import column
from weal_protocol.envelope import Envelope

SCHEMA = """
CREATE TABLE letters (
    session BLOB NOT NULL,
    sender BLOB NOT NULL,
    recipient BLOB NOT NULL,
    seq INTEGER NOT NULL,
    idempotency_key BLOB NOT NULL,
    signed BLOB NOT NULL,
    PRIMARY KEY (session, sender, recipient, seq)
) WITHOUT ROWID;
CREATE TABLE early (
    session BLOB NOT NULL,
    sender BLOB NOT NULL,
    seq INTEGER NOT NULL,
    signed BLOB NOT NULL,
    deadline_ms INTEGER NOT NULL,
    PRIMARY KEY (session, sender, seq)
) WITHOUT ROWID;
CREATE TABLE prekeys (
    session BLOB NOT NULL,
    owner BLOB NOT NULL,
    public BLOB NOT NULL,
    private BLOB,
    deadline_ms INTEGER NOT NULL,
    PRIMARY KEY (session, owner)
) WITHOUT ROWID;
CREATE TABLE equivocations (
    session BLOB NOT NULL,
    sender BLOB NOT NULL,
    seq INTEGER NOT NULL,
    signed BLOB NOT NULL,
    PRIMARY KEY (session, sender, seq)
) WITHOUT ROWID;
ALTER TABLE outbox ADD COLUMN session BLOB NOT NULL DEFAULT x'';
ALTER TABLE outbox ADD COLUMN sealed BLOB;
"""
MOST_EARLY = 32  # of one sender; more are refused


def keep(
    connection: sqlite3.Connection,
    letter: Envelope,
    signed: bytes,
) -> None:
    """Keep a letter that was sent or taken, as it was signed."""
    connection.execute(
        "INSERT INTO letters (session, sender, recipient, seq, idempotency_key, signed) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (letter.session, letter.sender, letter.recipient, letter.seq, letter.idempotency_key, signed),
    )


def taken(connection: sqlite3.Connection, session: bytes, sender: bytes, recipient: bytes, key: bytes) -> bool:
    """Say whether an act with this idempotency key was taken from this sender in this session."""
    rows = connection.execute(
        "SELECT 1 FROM letters WHERE session = ? AND sender = ? AND recipient = ? AND idempotency_key = ?",
        (session, sender, recipient, key),
    )
    return rows.fetchone() is not None


def at(connection: sqlite3.Connection, session: bytes, sender: bytes, recipient: bytes, seq: int) -> bytes | None:
    """Return the letter at one place of a chain, None where there is none."""
    row = connection.execute(
        "SELECT signed FROM letters WHERE session = ? AND sender = ? AND recipient = ? AND seq = ?",
        (session, sender, recipient, seq),
    ).fetchone()
    return bytes(row[0]) if row else None


def of(connection: sqlite3.Connection, session: bytes) -> tuple[bytes, ...]:
    """Return every letter of a session as it was signed, by sender, receiver and number."""
    rows = connection.execute(
        "SELECT signed FROM letters WHERE session = ? ORDER BY sender, recipient, seq", (session,)
    )
    return tuple(column(rows))


def wait(
    connection: sqlite3.Connection,
    letter: Envelope,
    signed: bytes,
    now_ms: int,
) -> bool:
    """Keep a letter that came before its turn; False where this sender has too many waiting."""
    connection.execute("DELETE FROM early WHERE deadline_ms < ?", (now_ms,))
    (count,) = connection.execute("SELECT COUNT(*) FROM early WHERE sender = ?", (letter.sender,)).fetchone()
    if count >= MOST_EARLY:
        return False
    connection.execute(
        "INSERT INTO early (session, sender, seq, signed, deadline_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (letter.session, letter.sender, letter.seq, signed, letter.deadline_ms),
    )
    return True


def due(connection: sqlite3.Connection, session: bytes, sender: bytes, seq: int) -> bytes | None:
    """Take out the letter that waited for its turn, None where it has not come."""
    row = connection.execute(
        "DELETE FROM early WHERE session = ? AND sender = ? AND seq = ? RETURNING signed", (session, sender, seq)
    ).fetchone()
    return bytes(row[0]) if row else None


def prekey(
    connection: sqlite3.Connection, session: bytes, owner: bytes, public: bytes, private: bytes | None, deadline_ms: int
) -> bytes:
    """Keep a key of a session, unless there is one; return the public key that holds. private: None for another's."""
    connection.execute(
        "INSERT INTO prekeys (session, owner, public, private, deadline_ms) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (session, owner) DO UPDATE SET deadline_ms = max(deadline_ms, excluded.deadline_ms)",
        (session, owner, public, private, deadline_ms),
    )
    return prekey_of(connection, session, owner) or public


def prekey_of(connection: sqlite3.Connection, session: bytes, owner: bytes) -> bytes | None:
    """Return the public key of a session, None before its owner has said one."""
    row = connection.execute("SELECT public FROM prekeys WHERE session = ? AND owner = ?", (session, owner)).fetchone()
    return bytes(row[0]) if row else None


def own_prekeys(connection: sqlite3.Connection, owner: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return (session, private key) of every session that is not over."""
    rows = connection.execute(
        "SELECT session, private FROM prekeys WHERE owner = ? AND private IS NOT NULL ORDER BY deadline_ms DESC",
        (owner,),
    )
    return tuple(rows)


def erase(connection: sqlite3.Connection, now_ms: int) -> None:
    """Erase the keys of sessions whose time is up: what was sealed to them stays sealed for good."""
    connection.execute("DELETE FROM prekeys WHERE deadline_ms < ?", (now_ms,))


def equivocate(connection: sqlite3.Connection, session: bytes, sender: bytes, seq: int, signed: bytes) -> None:
    """Keep the other letter that a sender signed for a place of a chain: with the first it proves what they did."""
    connection.execute(
        "INSERT INTO equivocations (session, sender, seq, signed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (session, sender, seq, signed),
    )


def equivocators(connection: sqlite3.Connection, session: bytes) -> tuple[bytes, ...]:
    """Return who was found to have signed two letters for one place of this session."""
    rows = connection.execute("SELECT DISTINCT sender FROM equivocations WHERE session = ?", (session,))
    return tuple(column(rows))
