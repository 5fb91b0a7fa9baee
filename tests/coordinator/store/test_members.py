"""The directory's log: who came in which order, who has left, who came back."""

from weal_coordinator.store import members
from weal_coordinator.store.database import Database

ADA, BO, CY = b"a" * 32, b"b" * 32, b"c" * 32


def keys(rows: tuple[members.Row, ...]) -> list[str]:
    return [row.agent_key[:2] for row in rows]


def test_the_log_is_read_in_parts_and_in_order(database: Database) -> None:
    with database.write() as connection:
        for key in (CY, ADA, BO):
            members.add(connection, key, b"card", 1)
        first = members.after(connection, 0, 2)
        assert keys(first) == ["63", "61"]
        assert keys(members.after(connection, first[-1].position, 2)) == ["62"]
        assert members.after(connection, 3, 2) == ()


def test_who_left_is_no_member_and_may_come_back(database: Database) -> None:
    with database.write() as connection:
        members.add(connection, ADA, b"old", 1)
        members.add(connection, BO, b"card", 1)
        members.leave(connection, ADA, 2)
        assert not members.is_member(connection, ADA)
        assert members.gone(connection) == (ADA.hex(),)
        assert (members.count(connection), keys(members.everyone(connection))) == (1, ["62"])
        members.add(connection, ADA, b"new", 3)
        assert members.gone(connection) == ()
        found = members.get(connection, ADA)
        assert found is not None
        assert (found.card, found.left) == (b"new", False)
        assert found.position > 2  # whoever read the log before will see it


def test_a_stranger_is_nobody(database: Database) -> None:
    with database.write() as connection:
        members.leave(connection, ADA, 1)
        assert members.get(connection, ADA) is None
        assert not members.is_member(connection, ADA)
