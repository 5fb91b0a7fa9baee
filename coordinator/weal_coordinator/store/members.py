"""Who is a member: signed cards in the order in which they came, and who has left. Nothing is ever removed."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy import Row as SqlRow

from weal_protocol import cards
from weal_protocol.v1 import directory_pb2

SCHEMA = """
CREATE TABLE members (
    position INTEGER PRIMARY KEY,
    agent_key VARCHAR(64) NOT NULL UNIQUE,
    card BLOB NOT NULL,
    joined_ms BIGINT NOT NULL,
    left_ms BIGINT NOT NULL DEFAULT 0
);
"""
_SELECT = "SELECT position, agent_key, card, left_ms, joined_ms FROM members"


@dataclass(frozen=True, slots=True)
class Row:
    """A member's place in the log, agent key in hex, serialised SignedMemberCard, whether they have left, and when they joined (Unix time in ms)."""

    position: int
    agent_key: str
    card: bytes
    left: bool
    joined_ms: int = 0


def add(connection: Connection, agent_key: bytes, card: bytes, now_ms: int) -> None:
    """Enter a member; one who left and comes back gets a new place in the log."""
    connection.execute(text("DELETE FROM members WHERE agent_key = :key AND left_ms > 0"), {"key": agent_key.hex()})
    connection.execute(
        text(
            "INSERT INTO members (position, agent_key, card, joined_ms) "
            "SELECT COALESCE(MAX(position), 0) + 1, :key, :card, :now FROM members"
        ),
        {"key": agent_key.hex(), "card": card, "now": now_ms},
    )


def renew(connection: Connection, agent_key: bytes, card: bytes) -> None:
    """Replace a member's card; it gets a new place in the log, so that everyone hears of it."""
    connection.execute(
        text(
            "UPDATE members SET card = :card, position = (SELECT MAX(position) + 1 FROM members) "
            "WHERE agent_key = :key AND left_ms = 0"
        ),
        {"key": agent_key.hex(), "card": card},
    )


def others(connection: Connection, own: bytes) -> bool:
    """Say whether anybody but the owner of this key is or was a member."""
    found = connection.execute(text("SELECT 1 FROM members WHERE agent_key <> :own LIMIT 1"), {"own": own.hex()})
    return found.first() is not None


def is_member(connection: Connection, agent_key: bytes) -> bool:
    """Say whether this key belongs to a member who has not left."""
    found = text("SELECT 1 FROM members WHERE agent_key = :key AND left_ms = 0")
    return connection.execute(found, {"key": agent_key.hex()}).first() is not None


def leave(connection: Connection, agent_key: bytes, now_ms: int) -> None:
    """Mark a member as gone; the ledger of privacy keeps its account."""
    connection.execute(
        text("UPDATE members SET left_ms = :now WHERE agent_key = :key AND left_ms = 0"),
        {"key": agent_key.hex(), "now": now_ms},
    )


def get(connection: Connection, agent_key: bytes) -> Row | None:
    """Return the row of this key, also of one who has left, or None."""
    rows = connection.execute(text(f"{_SELECT} WHERE agent_key = :key"), {"key": agent_key.hex()})
    return next(map(_row, rows), None)


def after(connection: Connection, position: int, limit: int) -> tuple[Row, ...]:
    """Return members entered after this place in the log, the first `limit` of them."""
    rows = connection.execute(
        text(f"{_SELECT} WHERE position > :after ORDER BY position LIMIT :limit"), {"after": position, "limit": limit}
    )
    return tuple(map(_row, rows))


def everyone(connection: Connection) -> tuple[Row, ...]:
    """Return all who are members now, in the order in which they came."""
    return tuple(map(_row, connection.execute(text(f"{_SELECT} WHERE left_ms = 0 ORDER BY position"))))


def ever(connection: Connection) -> tuple[Row, ...]:
    """Return all who are or were members."""
    return tuple(map(_row, connection.execute(text(f"{_SELECT} ORDER BY position"))))


def registered(connection: Connection, own: bytes) -> int:
    """Return how many people but the coordinator, whose agent key is `own`, give something to aggregation."""
    found = set()
    for (card,) in connection.execute(text("SELECT card FROM members WHERE left_ms = 0")):
        said = directory_pb2.MemberCard.FromString(
            directory_pb2.SignedMemberCard.FromString(bytes(card)).card
        )  # verified when it came
        if said.tier != "none" and said.agent_key != own:
            found.add(said.ratification_key)
    return len(found)


def keys_of_people(connection: Connection) -> dict[bytes, tuple[str, ...]]:
    """Return for each person, by their ratification key, the agent keys of every device they have or had, in hex."""
    found: dict[bytes, tuple[str, ...]] = {}
    for row in ever(connection):
        person = cards.person_of(row.card)
        found[person] = (*found.get(person, ()), row.agent_key)
    return found


def gone(connection: Connection) -> tuple[str, ...]:
    """Return the keys of those who have left."""
    rows = connection.execute(text("SELECT agent_key FROM members WHERE left_ms > 0 ORDER BY position"))
    return tuple(str(key) for (key,) in rows)


def count(connection: Connection) -> int:
    """Return how many are members now."""
    return int(connection.execute(text("SELECT COUNT(*) FROM members WHERE left_ms = 0")).scalar_one())


def tiers(connection: Connection) -> dict[str, int]:
    """Return how many members give what to aggregation, by their cards, which were verified when they came."""
    found = Counter(
        directory_pb2.MemberCard.FromString(directory_pb2.SignedMemberCard.FromString(bytes(card)).card).tier
        for (card,) in connection.execute(text("SELECT card FROM members WHERE left_ms = 0"))
    )
    return dict(sorted(found.items()))


def _row(found: SqlRow[Any]) -> Row:
    position, agent_key, card, left_ms, joined_ms = tuple(found)
    return Row(int(position), str(agent_key), bytes(card), left_ms > 0, int(joined_ms))
