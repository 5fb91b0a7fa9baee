"""Which members said that they have enough new answers for a round: one bit each, dropped once a round was charged."""

from sqlalchemy import Connection, text

SCHEMA = """
CREATE TABLE ready (
    agent_key VARCHAR(64) PRIMARY KEY,
    since_round INTEGER NOT NULL,
    at_ms BIGINT NOT NULL
);
"""


def report(connection: Connection, agent_key: str, since_round: int, now_ms: int) -> None:
    """Keep that this member has enough answers since that round; saying it again changes nothing."""
    connection.execute(text("DELETE FROM ready WHERE since_round <> :round"), {"round": since_round})
    connection.execute(
        text(
            "INSERT INTO ready (agent_key, since_round, at_ms) VALUES (:key, :round, :now) "
            "ON CONFLICT (agent_key) DO NOTHING"
        ),
        {"key": agent_key, "round": since_round, "now": now_ms},
    )


def times(connection: Connection, since_round: int) -> tuple[int, ...]:
    """Return when each member of now who is ready said so since that round, Unix time in ms, oldest first."""
    rows = connection.execute(
        text(
            "SELECT at_ms FROM ready JOIN members ON members.agent_key = ready.agent_key "
            "WHERE since_round = :round AND left_ms = 0 ORDER BY at_ms"
        ),
        {"round": since_round},
    )
    return tuple(int(at_ms) for (at_ms,) in rows)
