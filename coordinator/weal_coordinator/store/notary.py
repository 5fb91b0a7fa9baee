"""The notary's log: who ratified which terms, and when it came. Rows are only ever added."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

SCHEMA = """
CREATE TABLE notary (
    terms VARCHAR(64) NOT NULL,
    member VARCHAR(64) NOT NULL,
    ratification BLOB NOT NULL,
    ratified_ms BIGINT NOT NULL,
    logged_ms BIGINT NOT NULL,
    PRIMARY KEY (terms, member)
);
"""
MOST = 16  # entries for one hash of terms: a deal has fewer parties


@dataclass(frozen=True, slots=True)
class Entry:
    """agent_key: 32 bytes.  ratification: the human's signature.  ratified_ms: as they say.  logged_ms: as we saw it."""

    agent_key: bytes
    ratification: bytes
    ratified_ms: int
    logged_ms: int


def log(
    connection: Connection, terms_sha256: bytes, agent_key: bytes, ratification: bytes, ratified_ms: int, now_ms: int
) -> Entry | None:
    """Log a ratification and return the entry; what this member logged first stands. None where the list is full."""
    for entry in of(connection, terms_sha256):
        if entry.agent_key == agent_key:
            return entry
    if len(of(connection, terms_sha256)) >= MOST:
        return None
    connection.execute(
        text(
            "INSERT INTO notary (terms, member, ratification, ratified_ms, logged_ms) "
            "VALUES (:terms, :member, :ratification, :ratified, :now)"
        ),
        {
            "terms": terms_sha256.hex(),
            "member": agent_key.hex(),
            "ratification": ratification,
            "ratified": ratified_ms,
            "now": now_ms,
        },
    )
    return Entry(agent_key, ratification, ratified_ms, now_ms)


def of(connection: Connection, terms_sha256: bytes) -> tuple[Entry, ...]:
    """Return what was logged for these terms, earliest first."""
    rows = connection.execute(
        text(
            "SELECT member, ratification, ratified_ms, logged_ms FROM notary WHERE terms = :terms ORDER BY logged_ms, member"
        ),
        {"terms": terms_sha256.hex()},
    )
    return tuple(
        Entry(bytes.fromhex(member), bytes(signature), int(ratified), int(logged))
        for member, signature, ratified, logged in rows
    )
