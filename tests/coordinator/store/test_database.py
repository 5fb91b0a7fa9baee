"""The database: durable, all or nothing, one writer at a time, and never opened by an older Weal than wrote it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store import database as module
from weal_coordinator.store import mail, members, records, releases
from weal_coordinator.store.database import Database
from weal_coordinator.store.migrations import MIGRATIONS


def asked(connection: Connection, question: str) -> object:
    return connection.execute(text(question)).scalar()


def test_it_waits_for_the_disk(database: Database) -> None:
    with database.write() as connection:
        if database.engine.dialect.name == "sqlite":
            assert asked(connection, "PRAGMA journal_mode") == "wal"
            assert asked(connection, "PRAGMA synchronous") == 2  # FULL
        else:
            assert asked(connection, "SHOW synchronous_commit") == "on"


def test_it_waits_for_the_disk_whatever_the_server_was_told(database: Database) -> None:
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {database.engine.url.database} SET synchronous_commit = off"))
        database.engine.dispose()
    with database.write() as connection:
        setting = "PRAGMA synchronous" if database.engine.dialect.name == "sqlite" else "SHOW synchronous_commit"
        assert asked(connection, setting) in {2, "on"}


def test_a_reader_sees_one_moment_and_never_waits(database: Database) -> None:
    with database.read() as reader:
        assert members.count(reader) == 0
        with database.write() as writer:
            members.add(writer, b"a" * 32, b"card", 1)
            assert members.count(reader) == 0
        assert members.count(reader) == 0
    with database.read() as reader:
        assert members.count(reader) == 1


def test_who_only_reads_cannot_write_on_a_server(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        return  # it has no such transaction; there the writer's lock is what tells them apart
    with pytest.raises(DBAPIError, match="read-only"), database.read() as connection:
        members.add(connection, b"a" * 32, b"card", 1)
    with database.write() as connection:  # and the next user of that connection may
        members.add(connection, b"a" * 32, b"card", 1)


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


def test_writers_in_other_processes_stand_in_line_too(url: str) -> None:
    """Each Database has its own lock in memory, as another process would; what they share is the database alone."""

    def enter(writer: int) -> None:
        own = Database(url)
        for turn in range(8):
            with own.write() as connection:
                members.add(connection, bytes([writer, turn]) * 16, b"card", 1)
        own.close()

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(enter, range(4)))
    database = Database(url)
    with database.read() as connection:
        assert [row.position for row in members.everyone(connection)] == list(range(1, 33))
    database.close()


def opened_by_four(url: str) -> list[object]:
    together = threading.Barrier(4)

    def come(_: int) -> object:
        together.wait()
        own = Database(url)
        with own.read() as connection:
            found = connection.execute(text("SELECT version FROM schema_version")).scalars().all()
        own.close()
        return found

    with ThreadPoolExecutor(4) as crowd:
        return list(crowd.map(come, range(4)))


def test_of_many_who_find_an_older_schema_one_brings_it_up_to_date(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(module, "MIGRATIONS", MIGRATIONS[:3])
        old = Database(url)
    with old.write() as connection:
        members.add(connection, b"a" * 32, b"card", 1)
    old.close()
    assert opened_by_four(url) == [[len(MIGRATIONS)]] * 4
    new = Database(url)
    with new.read() as connection:
        assert members.count(connection) == 1
        assert releases.latest(connection) is None
    new.close()


@pytest.mark.together
def test_of_many_who_find_an_empty_server_one_makes_the_schema(postgres: Any) -> None:
    assert opened_by_four(postgres.database()) == [[len(MIGRATIONS)]] * 4


def test_a_newer_schema_is_left_alone(url: str) -> None:
    first = Database(url)
    with first.write() as connection:
        connection.execute(text("UPDATE schema_version SET version = 1000"))
    first.close()
    with pytest.raises(CoordinatorError, match="newer Weal"):
        Database(url)


def test_numbers_of_64_bits_fit_and_larger_ones_are_named(database: Database) -> None:
    """The wire's numbers reach twice as far as a database's: services tell OverflowError from a fault of ours."""
    largest = 2**63 - 1
    with database.write() as connection:
        connection.execute(text("UPDATE mail_counter SET last = :last"), {"last": largest - 1})
        assert mail.put(connection, b"a" * 32, b"letter", largest, 9, 99) == largest
        assert mail.fetch(connection, b"a" * 32, 9) == (mail.Letter(largest, b"letter"),)
        assert records.after(connection, largest, 9) == ()
    calls: tuple[Callable[[Connection], object], ...] = (
        lambda connection: records.after(connection, 2**63, 9),
        lambda connection: members.after(connection, 2**64 - 1, 9),
        lambda connection: mail.acknowledge(connection, b"a" * 32, [2**64 - 1]),
        lambda connection: releases.get(connection, 2**64 - 1),
    )
    for call in calls:
        with pytest.raises(OverflowError), database.write() as connection:
            call(connection)


def test_every_byte_comes_back(database: Database) -> None:
    every = bytes(range(256)) * 3
    with database.write() as connection:
        releases.put_release(connection, 1, every, every[::-1], b"")
        assert releases.get(connection, 1) == releases.Release(1, every, every[::-1], b"")


def test_each_has_its_own(fresh: Callable[[], str]) -> None:
    one, other = Database(fresh()), Database(fresh())
    with one.write() as connection:
        members.add(connection, b"a" * 32, b"card", 1)
    with other.read() as connection:
        assert members.count(connection) == 0
    one.close()
    other.close()
