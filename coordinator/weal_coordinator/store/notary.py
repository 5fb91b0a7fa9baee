"""The notary's log: who ratified which terms, and when it came. Rows are never changed; after more than a year they go."""

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
QUOTAS = """
CREATE INDEX notary_by_member ON notary (member, logged_ms);
CREATE INDEX notary_by_time ON notary (logged_ms);
"""
DAY_MS = 24 * 3_600 * 1_000
KEPT_MS = (
    400 * DAY_MS
)  # parties hold the stamps themselves: the log is for those who missed one, and for a dispute within a year
MOST_A_DAY = 100  # of one member
MOST_KEPT = 5_000  # of one member
MOST = 16  # entries for one hash of terms: a deal has fewer parties


@dataclass(frozen=True, slots=True)
class RatificationEntry:
    """agent_key: 32 bytes.  ratify: a serialised Ratify without a stamp.  logged_ms: when it came."""

    agent_key: bytes
    ratify: bytes
    logged_ms: int


def log(
    connection: Connection, terms_sha256: bytes, agent_key: bytes, ratify: bytes, now_ms: int
) -> RatificationEntry | None:
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
    return RatificationEntry(agent_key, ratify, now_ms)


def room(connection: Connection, agent_key: bytes, now_ms: int) -> tuple[int, int]:
    """Return how many entries this member has: within a day, and in all. Neither is counted beyond its bound."""
    counted = text(
        "SELECT COUNT(*) FROM (SELECT 1 FROM notary WHERE member = :member AND logged_ms > :since LIMIT :most) AS few"
    )
    key = {"member": agent_key.hex()}
    lately = connection.execute(counted, key | {"since": now_ms - DAY_MS, "most": MOST_A_DAY}).scalar_one()
    kept = connection.execute(counted, key | {"since": -1, "most": MOST_KEPT}).scalar_one()
    return int(lately), int(kept)


def expire(connection: Connection, now_ms: int) -> None:
    """Drop what was logged too long ago for anybody to ask."""
    connection.execute(text("DELETE FROM notary WHERE logged_ms < :before"), {"before": now_ms - KEPT_MS})


def of(connection: Connection, terms_sha256: bytes) -> tuple[RatificationEntry, ...]:
    """Return what was logged for these terms, earliest first."""
    rows = connection.execute(
        text("SELECT member, ratify, logged_ms FROM notary WHERE terms = :terms ORDER BY logged_ms, member"),
        {"terms": terms_sha256.hex()},
    )
    return tuple(
        RatificationEntry(bytes.fromhex(member), bytes(ratify), int(logged)) for member, ratify, logged in rows
    )
