"""The relay's mailboxes: sealed letters, kept until their receiver says they arrived."""

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


@dataclass(frozen=True, slots=True)
class Letter:
    """number: rises by time of arrival and is never used again."""

    number: int
    ciphertext: bytes


def put(connection: Connection, recipient: bytes, ciphertext: bytes, now_ms: int, limit: int, limit_bytes: int) -> int:
    """Keep a letter and return its number; MailboxFullError when too many, or too large ones, wait already."""
    key = recipient.hex()
    waiting, size = connection.execute(
        text("SELECT COUNT(*), COALESCE(SUM(LENGTH(ciphertext)), 0) FROM mail WHERE recipient = :key"), {"key": key}
    ).one()
    if waiting >= limit or size + len(ciphertext) > limit_bytes:
        raise MailboxFullError("mailbox full", "The receiver has not fetched their mail; try again later")
    connection.execute(text("UPDATE mail_counter SET last = last + 1"))
    number = int(connection.execute(text("SELECT last FROM mail_counter")).scalar_one())
    connection.execute(
        text("INSERT INTO mail (number, recipient, ciphertext, at_ms) VALUES (:number, :key, :ciphertext, :now)"),
        {"number": number, "key": key, "ciphertext": ciphertext, "now": now_ms},
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


def waiting(connection: Connection) -> int:
    """Return how many letters wait, for everyone."""
    return int(connection.execute(text("SELECT COUNT(*) FROM mail")).scalar_one())
