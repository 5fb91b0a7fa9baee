"""Guests: agents from outside the community that the person lets in, each by a token, with the keys they first named."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

SCHEMA = """
CREATE TABLE guests (
    token BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    agent_key BLOB UNIQUE,
    ratification_key BLOB,
    at_ms INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Guest:
    """token: its SHA-256.  agent_key, ratification_key: Ed25519, 32 bytes; b"" before the guest has named them."""

    token: bytes
    name: str
    agent_key: bytes
    ratification_key: bytes


def admit(connection: sqlite3.Connection, token: bytes, name: str, now_ms: int) -> None:
    """Let in whoever holds the token with this SHA-256."""
    connection.execute("INSERT INTO guests (token, name, at_ms) VALUES (?, ?, ?)", (token, name, now_ms))


def dismiss(connection: sqlite3.Connection, name: str) -> int:
    """Let the guests of this name in no more; return how many there were. What they signed keeps its keys."""
    return connection.execute("UPDATE guests SET token = randomblob(32) WHERE name = ?", (name,)).rowcount


def named(connection: sqlite3.Connection, token: bytes, agent_key: bytes, ratification_key: bytes) -> bool:
    """Keep the keys that a guest names; False where it has named others before, or another guest has."""
    done = connection.execute(
        "UPDATE OR IGNORE guests SET agent_key = ?, ratification_key = ? WHERE token = ? "
        "AND (agent_key IS NULL OR (agent_key = ? AND ratification_key = ?))",
        (agent_key, ratification_key, token, agent_key, ratification_key),
    )
    return done.rowcount > 0


def every(connection: sqlite3.Connection) -> tuple[Guest, ...]:
    """Return all guests."""
    rows = connection.execute("SELECT token, name, agent_key, ratification_key FROM guests ORDER BY at_ms, token")
    return tuple(starmap(_guest, rows))


def _guest(token: bytes, name: str, agent_key: bytes | None, ratification_key: bytes | None) -> Guest:
    return Guest(token, name, agent_key or b"", ratification_key or b"")
