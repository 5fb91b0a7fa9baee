"""What the person gives to their community's aggregation: every choice they made, the last of which holds."""

import sqlite3

SCHEMA = """
CREATE TABLE tiers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    tier TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
"""
NOTHING = "none"


def choose(connection: sqlite3.Connection, tier: str, now_ms: int) -> None:
    """Enter a choice; the same one again is no new one."""
    if chosen(connection) != tier:
        connection.execute("INSERT INTO tiers (tier, at_ms) VALUES (?, ?)", (tier, now_ms))


def chosen(connection: sqlite3.Connection) -> str:
    """Return what holds; who never chose gives nothing."""
    row = connection.execute("SELECT tier FROM tiers ORDER BY number DESC LIMIT 1").fetchone()
    return str(row[0]) if row else NOTHING


def began(connection: sqlite3.Connection) -> int:
    """Return when the person last began to give anything (Unix time in ms), 0 where they always did: what came before may
    have been another community's."""
    row = connection.execute(
        "SELECT MIN(at_ms) FROM tiers WHERE number > (SELECT COALESCE(MAX(number), 0) FROM tiers WHERE tier = ?)",
        (NOTHING,),
    ).fetchone()
    return int(row[0]) if row[0] is not None else 0


def rounds_under(connection: sqlite3.Connection, tier: str) -> int:
    """Return how many rounds were charged while this tier held; and those that may have been, before the home came back from a backup."""
    found = connection.execute(
        "SELECT COUNT(*) + (SELECT COALESCE(SUM(counted), 0) FROM restores) FROM rounds WHERE "
        "(SELECT tier FROM tiers WHERE tiers.at_ms <= rounds.at_ms ORDER BY tiers.number DESC LIMIT 1) = ?",
        (tier,),
    )
    return int(found.fetchone()[0])
