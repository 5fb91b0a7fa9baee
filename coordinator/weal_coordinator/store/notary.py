"""The notary's log: who ratified which terms, and when it came. Rows are only ever added."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

SCHEMA = """
CREATE TABLE notary (
    terms VARCHAR(64) NOT NULL,
    member VARCHAR(64) NOT NULL,
    ratify BLOB NOT NULL,
    logged_ms BIGINT NOT NULL,
    PRIMARY KEY (terms, member)
);
"""
MOST = 16  # entries for one hash of terms: a deal has fewer parties


@dataclass(frozen=True, slots=True)
class Entry:
    """agent_key: 32 bytes.  ratify: a serialised Ratify without a stamp.  logged_ms: when it came."""

    agent_key: bytes
    ratify: bytes
    logged_ms: int


def log(connection: Connection, terms_sha256: bytes, agent_key: bytes, ratify: bytes, now_ms: int) -> Entry | None:
    """Log a ratification and return the entry; what this member logged first stands. None where the list is full."""
    entries = of(connection, terms_sha256)
    for entry in entries:
        if entry.agent_key == agent_key:
            return entry
    if len(entries) >= MOST:
        return None
    connection.execute(
        text("INSERT INTO notary (terms, member, ratify, logged_ms) VALUES (:terms, :member, :ratify, :now)"),
        {"terms": terms_sha256.hex(), "member": agent_key.hex(), "ratify": ratify, "now": now_ms},
    )
    return Entry(agent_key, ratify, now_ms)


def of(connection: Connection, terms_sha256: bytes) -> tuple[Entry, ...]:
    """Return what was logged for these terms, earliest first."""
    rows = connection.execute(
        text("SELECT member, ratify, logged_ms FROM notary WHERE terms = :terms ORDER BY logged_ms, member"),
        {"terms": terms_sha256.hex()},
    )
    return tuple(Entry(bytes.fromhex(member), bytes(ratify), int(logged)) for member, ratify, logged in rows)
