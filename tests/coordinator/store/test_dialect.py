"""Where the coordinator's state is: what a URL may say, and what is said when it cannot be reached."""

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from weal_coordinator.errors import CoordinatorError, DatabaseError
from weal_coordinator.store import dialect, members
from weal_coordinator.store.database import Database


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_usual_ways_to_write_postgresql_mean_one_driver(scheme: str) -> None:
    made = dialect.engine(f"{scheme}://weal:secret@db.example.org:5433/commons?connect_timeout=7")
    assert made.url.drivername == "postgresql+psycopg"
    assert made.url.query["connect_timeout"] == "7"  # what the URL says is stronger than what we prefer
    assert dialect.place(made) == "PostgreSQL commons at db.example.org:5433"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://db/commons", "mysql"),
        ("postgresql+asyncpg://db/commons", "asyncpg"),
        ("commons", "cannot be read"),
        ("postgresql://db:port/commons", "cannot be read"),
    ],
)
def test_a_url_that_is_none_of_ours_is_named(url: str, said: str) -> None:
    with pytest.raises(CoordinatorError, match=said) as caught:
        Database(url)
    assert "coordinator.toml" in caught.value.hint


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(CoordinatorError, match="driver") as caught:
        Database("postgresql://db/commons")
    assert "pip install" in caught.value.hint


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(DatabaseError, match=r"PostgreSQL commons at 127\.0\.0\.1") as caught:
        Database(f"postgresql://weal:secret@127.0.0.1:{free_port()}/commons")
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    assert "PostgreSQL running" in caught.value.hint


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="unable to open"):
        Database(f"sqlite:///{tmp_path / 'nowhere' / 'coordinator.db'}")


@pytest.mark.together
def test_a_server_that_was_started_again_is_found_again(postgres: Any) -> None:
    """Nothing need be started again on our side; while it is away, the fault has a name that says: try again."""
    database = Database(postgres.database())
    with database.write() as connection:
        members.add(connection, b"a" * 32, b"card", 1)
    postgres.stop()
    try:
        with pytest.raises(DatabaseError), database.read():
            pass
        with pytest.raises(DatabaseError), database.write():
            pass
    finally:
        postgres.start()
    with database.write() as connection:
        members.add(connection, b"b" * 32, b"card", 1)
    database.close()


@pytest.mark.together
def test_a_server_lost_within_a_transaction_is_named_and_leaves_nothing(postgres: Any) -> None:
    database = Database(postgres.database())

    def interrupted() -> None:
        with database.write() as connection:
            members.add(connection, b"a" * 32, b"card", 1)
            postgres.stop()
            postgres.start()
            members.add(connection, b"b" * 32, b"card", 1)

    with pytest.raises(DatabaseError):
        interrupted()
    with database.read() as connection:
        assert members.count(connection) == 0
    database.close()


def test_types_are_spelled_for_each() -> None:
    schema = "CREATE TABLE blobs (number INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, raw BLOB)"
    assert dialect.spelled(schema, dialect.engine("sqlite://")) == schema
    assert (
        dialect.spelled(schema, dialect.engine("postgresql://db/commons"))
        == "CREATE TABLE blobs (number BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, raw BYTEA)"
    )
