"""A record costs the same whatever its author sent before: steps of SQLite's machine are counted, not time. And an author's pace is bounded."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node.commons import replica
from weal_node.commons.admission import Outcome, Quota, admit
from weal_node.search import indexing
from weal_node.store import database as opening
from weal_node.store import passages, record_counts, records, topic_index
from weal_node.store.database import Database
from weal_node.store.migrations import MIGRATIONS
from weal_protocol import lineage, record
from weal_protocol.record import Record

EVE, BO = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"e", b"b"))
NOTE = b"n" * 16
STEP = 100  # instructions of SQLite's virtual machine a tick
DAY = lineage.DAY_MS


class Counted(Database):
    """Counts what it does, in ticks: on the connection of its writer, and on each that reads."""

    ticks = 0

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.write_now(lambda connection: connection.set_progress_handler(self._tick, STEP))

    def reader(self) -> sqlite3.Connection:
        connection = super().reader()
        connection.set_progress_handler(self._tick, STEP)
        return connection

    def _tick(self) -> int:
        self.ticks += 1
        return 0


def version(
    n: int, *parents: Record, author: Ed25519PrivateKey = EVE, at: int | None = None, note: bytes = NOTE
) -> Record:
    written = n * DAY if at is None else at  # a version a day: the pace is not what is looked at
    return record.make(
        "note",
        b"%d" % n,
        author=author,
        salt=bytes(16),
        written_ms=written,
        note=note,
        parents=tuple(p.id for p in parents),
    )


def chain(n: int) -> list[Record]:
    found = [version(0)]
    for number in range(1, n):
        found.append(version(number, found[-1]))
    return found


def apart(n: int) -> list[Record]:
    """Versions that follow none, all dated alike."""
    return [version(number, at=(number // 150) * DAY) for number in range(n)]


def take(connection: sqlite3.Connection, batch: list[Record]) -> Outcome:
    return admit(connection, batch, is_author=lambda _: True, own=b"", limits=Quota())


async def cost(folder: Path, made: list[Record]) -> int:
    """Ticks of taking these in one by one, as they would come over a day, and of reading them as they come."""
    database = Counted(folder)
    for start in range(0, len(made), 10):
        assert database.write_now(partial(take, batch=made[start : start + 10])).refused == []
        await replica.shelve(database)
        await indexing.of_records(database, "own")
    database.close()
    return database.ticks


@pytest.mark.slow
@pytest.mark.parametrize("ways", [chain, apart])
async def test_twice_as_many_versions_of_one_note_cost_at_most_about_twice_as_much(
    tmp_path: Path, ways: Callable[[int], list[Record]]
) -> None:
    few, many = await cost(tmp_path / "few.db", ways(150)), await cost(tmp_path / "many.db", ways(600))
    assert many <= 4.8 * few  # four times as many; a table's depth grows by a step


@pytest.mark.slow
async def test_a_long_chain_that_comes_backwards_costs_no_more(tmp_path: Path) -> None:
    made, ticks = chain(400), []
    for name, batch in (("forth", made), ("back", made[::-1])):
        database = Counted(tmp_path / f"{name}.db")
        assert database.write_now(partial(take, batch=batch)).kept == 400
        ticks.append(database.ticks)
        database.close()
    assert ticks[1] <= 3 * ticks[0]


async def test_versions_of_one_note_are_bounded_in_a_day_and_in_all_and_others_have_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MOST_VERSIONS", 20)
    monkeypatch.setattr(lineage, "MOST_A_DAY", 5)
    database = Database(tmp_path / "node.db")

    def refused(batch: list[Record]) -> list[str]:
        return [why for _, why in database.write_now(partial(take, batch=batch)).refused]

    assert refused([version(n, at=1) for n in range(5)]) == []
    assert refused([version(9, at=2)]) == ["QuotaError: a note has at most 5 versions a day here"]
    assert refused([version(n, at=n * DAY) for n in range(1, 16)]) == []
    assert refused([version(99, at=99 * DAY)]) == ["QuotaError: a note has at most 20 versions here"]
    assert refused([version(1, at=1, author=BO), version(1, at=1, note=b"o" * 16)]) == []
    first = version(0, at=1)
    gone = record.make("tombstone", b"", author=EVE, salt=bytes(16), written_ms=1, note=NOTE, parents=(first.id,))
    assert refused([gone]) == []  # what takes back fits even then
    database.close()


async def test_where_the_whole_room_is_full_each_author_has_a_share(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    limits = Quota(author_bytes=64_000, whole_bytes=64_000)

    def act(batch: list[Record]) -> list[str]:
        found = partial(admit, batch=batch, is_author=lambda _: True, own=b"", limits=limits)
        return [why for _, why in database.write_now(found).refused]

    act([version(n, note=b"%016d" % n) for n in range(300)])
    assert database.read_now(record_counts.whole) > 60_000
    assert act([version(1, author=BO)]) == []
    assert set(act([version(n, author=BO) for n in range(2, 40)])) == {
        "QuotaError: the room for others' records is full"
    }
    database.close()


async def test_counts_are_what_a_recount_finds(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    made = chain(6)
    database.write_now(partial(take, batch=made))
    gone = record.make("tombstone", b"", author=EVE, salt=bytes(16), written_ms=1, note=NOTE, parents=(made[2].id,))
    database.write_now(partial(take, batch=[gone]))
    database.write_now(lambda c: records.forget(c, made[0].author.hex(), NOTE.hex()))

    def both(connection: sqlite3.Connection) -> tuple[object, object]:
        recount = "SELECT COUNT(*), SUM(size) FROM records WHERE author = ?"
        author = made[0].author.hex()
        return record_counts.room(connection, author), connection.execute(recount, (author,)).fetchone()

    kept, counted = database.read_now(both)
    assert kept == counted
    await replica.shelve(database)
    assert database.read_now(partial(topic_index.by, author=made[0].author.hex(), limit=9)) == ()
    database.close()


async def test_a_home_of_before_is_counted_and_read_into_the_index_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [version(1, note=b"%016d" % n) for n in range(3)]
    before = MIGRATIONS.index(record_counts.SCHEMA)
    with monkeypatch.context() as old:
        old.setattr(opening, "MIGRATIONS", MIGRATIONS[:before])
        database = Database(tmp_path / "node.db")
        database.write_now(lambda c: records.add(c, [records.row(one) for one in made]))
        database.close()
    database = Database(tmp_path / "node.db")
    author = made[0].author.hex()
    assert database.read_now(lambda c: record_counts.room(c, author)) == (3, sum(len(one.raw) for one in made))
    assert database.read_now(lambda c: record_counts.pace(c, author, made[0].note.hex(), 1)) == (1, 1)
    assert await indexing.of_records(database, "own") == 3
    assert await indexing.of_records(database, "own") == 0
    assert database.read_now(passages.total) == 3
    database.close()
