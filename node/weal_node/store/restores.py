"""From which backup this home came back, and how many rounds count as answered since, of which nothing is known here."""

import sqlite3

SCHEMA = """
CREATE TABLE restores (
    made_ms INTEGER PRIMARY KEY,
    counted INTEGER,
    until_round INTEGER NOT NULL DEFAULT 0
);
"""


def begin(connection: sqlite3.Connection, made_ms: int) -> None:
    """Enter that the home came back from the backup of this time; the same again is entered once."""
    connection.execute("INSERT OR IGNORE INTO restores (made_ms) VALUES (?)", (made_ms,))


def pending(connection: sqlite3.Connection) -> int | None:
    """Return when the oldest backup was made since which nothing was counted yet (Unix time in ms); None where all is counted."""
    (found,) = connection.execute("SELECT MIN(made_ms) FROM restores WHERE counted IS NULL").fetchone()
    return None if found is None else int(found)


def settle(connection: sqlite3.Connection, counted: int, until_round: int) -> None:
    """Count so many rounds as answered, up to this one, for all that is pending."""
    oldest = pending(connection)
    connection.execute(
        "UPDATE restores SET counted = CASE made_ms WHEN ? THEN ? ELSE 0 END, until_round = ? WHERE counted IS NULL",
        (oldest, counted, until_round),
    )


def counted(connection: sqlite3.Connection) -> int:
    """Return how many rounds count as answered of which this node knows nothing."""
    return int(connection.execute("SELECT COALESCE(SUM(counted), 0) FROM restores").fetchone()[0])


def until_round(connection: sqlite3.Connection) -> int:
    """Return the newest round that counts as answered for that reason, 0 for none."""
    return int(connection.execute("SELECT COALESCE(MAX(until_round), 0) FROM restores").fetchone()[0])
