"""The database: durable, all or nothing, and never opened by an older Weal than wrote it."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store.database import Database
from weal_coordinator.store.migrations import MIGRATIONS


def test_it_waits_for_the_disk(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_a_fault_inside_leaves_nothing_behind(database: Database) -> None:
    def interrupted() -> None:
        with database.write() as connection:
            connection.execute(text("UPDATE mail_counter SET last = 7"))
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    with database.read() as connection:
        assert connection.execute(text("SELECT last FROM mail_counter")).scalar() == 0


def test_many_writers_lose_nothing(database: Database) -> None:
    def count() -> None:
        for _ in range(20):
            with database.write() as connection:
                connection.execute(text("UPDATE mail_counter SET last = last + 1"))

    writers = [threading.Thread(target=count) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as connection:
        assert connection.execute(text("SELECT last FROM mail_counter")).scalar() == 120


def test_looking_at_it_again_needs_no_writer(database: Database) -> None:
    with database.write():  # holds the only right to write
        second = Database(str(database.engine.url))
        with second.read() as connection:
            assert connection.execute(text("SELECT version FROM schema_version")).scalar() == len(MIGRATIONS)
        second.close()


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'coordinator.db'}"
    first = Database(url)
    with first.write() as connection:
        connection.execute(text("UPDATE schema_version SET version = 1000"))
    first.close()
    with pytest.raises(CoordinatorError, match="newer Weal"):
        Database(url)
