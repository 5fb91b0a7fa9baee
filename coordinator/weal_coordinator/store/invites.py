"""Invites: each lets one person in, once. Only the hash of a code is kept."""

import hashlib

from sqlalchemy import Connection, text

from weal_coordinator.errors import InviteError

SCHEMA = """
CREATE TABLE invites (
    code_sha256 VARCHAR(64) PRIMARY KEY,
    made_ms BIGINT NOT NULL,
    used_by VARCHAR(64) NOT NULL DEFAULT ''
);
"""


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def add(connection: Connection, codes: list[str], now_ms: int) -> None:
    """Let these codes be used, once each."""
    if codes:
        connection.execute(
            text("INSERT INTO invites (code_sha256, made_ms) VALUES (:code, :now)"),
            [{"code": _hash(code), "now": now_ms} for code in codes],
        )


def use(connection: Connection, code: str, agent_key: bytes) -> None:
    """Use a code up, in the caller's transaction. The same person again is let through: their answer was lost.

    Raises InviteError for a code that is unknown or was used by someone else.
    """
    used_by = connection.execute(
        text("SELECT used_by FROM invites WHERE code_sha256 = :code"), {"code": _hash(code)}
    ).scalar()
    if used_by is None:
        raise InviteError("this invite is unknown", "Ask whoever runs the community for a new one")
    if used_by not in {"", agent_key.hex()}:
        raise InviteError("invite already used", "Each invite lets one person in; ask for a new one")
    connection.execute(
        text("UPDATE invites SET used_by = :key WHERE code_sha256 = :code"),
        {"key": agent_key.hex(), "code": _hash(code)},
    )


def open_count(connection: Connection) -> int:
    """Return how many invites are still good."""
    return int(connection.execute(text("SELECT COUNT(*) FROM invites WHERE used_by = ''")).scalar_one())
