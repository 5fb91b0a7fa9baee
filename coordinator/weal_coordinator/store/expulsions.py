"""Expulsions, as signed and in order; and every key of those expelled, so that none of them comes back. Rows are only ever added."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

SCHEMA = """
CREATE TABLE expulsions (number INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE expelled_keys (key_sha256 VARCHAR(64) PRIMARY KEY, agent_key VARCHAR(64) NOT NULL, number INTEGER NOT NULL);
CREATE INDEX expelled_by_agent ON expelled_keys (agent_key);
"""


def add(connection: Connection, number: int, at_ms: int, raw: bytes, keys: Iterable[tuple[str, str]]) -> None:
    """Keep one. raw: the serialised SignedExpulsion.  keys: (hex SHA-256 of a key, hex agent key of the device it is of)."""
    connection.execute(
        text("INSERT INTO expulsions (number, at_ms, raw) VALUES (:number, :at, :raw)"),
        {"number": number, "at": at_ms, "raw": raw},
    )
    for digest, agent_key in keys:
        connection.execute(
            text(
                "INSERT INTO expelled_keys (key_sha256, agent_key, number) VALUES (:key, :agent, :number) "
                "ON CONFLICT (key_sha256) DO NOTHING"
            ),
            {"key": digest, "agent": agent_key, "number": number},
        )


def after(connection: Connection, number: int, limit: int) -> tuple[bytes, ...]:
    """Return the expulsions after this number as signed, oldest first."""
    rows = connection.execute(
        text("SELECT raw FROM expulsions WHERE number > :after ORDER BY number LIMIT :limit"),
        {"after": number, "limit": limit},
    )
    return tuple(bytes(raw) for (raw,) in rows)


def newest(connection: Connection) -> bytes | None:
    """Return the newest as signed, None where nobody was expelled."""
    row = connection.execute(text("SELECT raw FROM expulsions ORDER BY number DESC LIMIT 1")).first()
    return bytes(row[0]) if row else None


def count(connection: Connection) -> int:
    """Return how many there are, which is the number of the newest."""
    return int(connection.execute(text("SELECT COALESCE(MAX(number), 0) FROM expulsions")).scalar_one())


def of_key(connection: Connection, key_sha256: str) -> bytes | None:
    """Return the expulsion of the person who had the key of this digest (hex), None where there is none."""
    row = connection.execute(
        text("SELECT raw FROM expulsions JOIN expelled_keys USING (number) WHERE key_sha256 = :key"),
        {"key": key_sha256},
    ).first()
    return bytes(row[0]) if row else None


def agent_keys(connection: Connection) -> tuple[str, ...]:
    """Return the hex agent key of every device of everybody who was expelled."""
    rows = connection.execute(text("SELECT DISTINCT agent_key FROM expelled_keys ORDER BY agent_key"))
    return tuple(str(key) for (key,) in rows)
