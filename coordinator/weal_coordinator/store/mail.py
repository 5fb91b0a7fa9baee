"""The relay's mailboxes: sealed letters, kept until their receiver says they arrived.

Whose letter it is is kept beside it while it waits, so that nobody's letters fill a mailbox for others, and those of who was expelled go.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from weal_coordinator.errors import MailboxFullError

SCHEMA = """
CREATE TABLE mail (
    number INTEGER PRIMARY KEY,
    recipient VARCHAR(64) NOT NULL,
    ciphertext BLOB NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX mail_by_recipient ON mail (recipient, number);
CREATE TABLE mail_counter (last INTEGER NOT NULL);
INSERT INTO mail_counter (last) VALUES (0);
"""
SENDERS = """
ALTER TABLE mail ADD COLUMN sender VARCHAR(64) NOT NULL DEFAULT '';
CREATE INDEX mail_by_sender ON mail (sender);
"""
SHARE = 16  # of a full mailbox every sender still has a sixteenth, whoever filled it


@dataclass(frozen=True, slots=True)
class Letter:
    """number: rises by time of arrival and is never used again."""

    number: int
    ciphertext: bytes


def put(
    connection: Connection,
    recipient: bytes,
    ciphertext: bytes,
    now_ms: int,
    limit: int,
    limit_bytes: int,
    sender: bytes = b"",
) -> int:
    """Keep a letter and return its number; MailboxFullError when too many, or too large ones, wait already.

    In a full mailbox there is room yet for a share of each sender's own: so a mailbox holds at most that share of every member more.
    """
    key = recipient.hex()
    waiting, size, own, own_size = connection.execute(
        text(
            "SELECT COUNT(*), COALESCE(SUM(LENGTH(ciphertext)), 0), COALESCE(SUM(CASE WHEN sender = :sender THEN 1 ELSE 0 END), 0), "
            "COALESCE(SUM(CASE WHEN sender = :sender THEN LENGTH(ciphertext) ELSE 0 END), 0) FROM mail WHERE recipient = :key"
        ),
        {"key": key, "sender": sender.hex()},
    ).one()
    full = waiting >= limit or size + len(ciphertext) > limit_bytes
    spent = own >= max(1, limit // SHARE) or own_size + len(ciphertext) > max(len(ciphertext), limit_bytes // SHARE)
    if full and (spent or len(ciphertext) > limit_bytes):
        raise MailboxFullError("mailbox full", "The receiver has not fetched their mail; try again later")
    connection.execute(text("UPDATE mail_counter SET last = last + 1"))
    number = int(connection.execute(text("SELECT last FROM mail_counter")).scalar_one())
    connection.execute(
        text(
            "INSERT INTO mail (number, recipient, ciphertext, at_ms, sender) "
            "VALUES (:number, :key, :ciphertext, :now, :sender)"
        ),
        {"number": number, "key": key, "ciphertext": ciphertext, "now": now_ms, "sender": sender.hex()},
    )
    return number


def fetch(connection: Connection, recipient: bytes, limit: int, after: int = 0) -> tuple[Letter, ...]:
    """Return the oldest letters that wait, of those after a number."""
    rows = connection.execute(
        text(
            "SELECT number, ciphertext FROM mail WHERE recipient = :key AND number > :after ORDER BY number LIMIT :limit"
        ),
        {"key": recipient.hex(), "limit": limit, "after": after},
    )
    return tuple(Letter(int(number), bytes(ciphertext)) for number, ciphertext in rows)


def acknowledge(connection: Connection, recipient: bytes, numbers: list[int]) -> None:
    """Drop letters that arrived; those of others are left alone."""
    if numbers:
        connection.execute(
            text("DELETE FROM mail WHERE recipient = :key AND number = :number"),
            [{"key": recipient.hex(), "number": number} for number in numbers],
        )


def drop(connection: Connection, agent_key: bytes) -> None:
    """Drop every letter to this member, and every one by them that still waits."""
    connection.execute(text("DELETE FROM mail WHERE recipient = :key OR sender = :key"), {"key": agent_key.hex()})


def waiting(connection: Connection) -> int:
    """Return how many letters wait, for everyone."""
    return int(connection.execute(text("SELECT COUNT(*) FROM mail")).scalar_one())
