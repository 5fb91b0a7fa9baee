"""One file: what was acknowledged is there, what failed is not, and a newer schema is not touched."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from weal_node.errors import NodeError
from weal_node.records import Answer, Choice
from weal_node.store import answers, disclosures, items, notes
from weal_node.store.database import Database
from weal_node.store.migrations import MIGRATIONS

LABEL = Answer("a" * 32, 1, "b" * 64, "", Choice.ACCEPT, "teach")


async def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    await database.write(lambda connection: answers.add(connection, LABEL))
    await database.write(lambda connection: answers.add(connection, LABEL))  # the same gesture again
    database.close()
    again = Database(tmp_path / "node.db")
    assert await again.read(answers.every) == (LABEL,)
    again.close()


async def test_a_failed_act_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")

    def act(connection: sqlite3.Connection) -> None:
        answers.add(connection, LABEL)
        raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        await database.write(act)
    assert await database.read(answers.every) == ()
    database.close()


async def test_the_ledger_is_append_only(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    await database.write(
        lambda connection: disclosures.write(connection, 1, "peer", "note", b"text", disclosures.Amount(4, bits=2.5))
    )
    for statement in ("DELETE FROM disclosures", "UPDATE disclosures SET size = 0"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await database.write(lambda connection, sql=statement: connection.execute(sql))  # type: ignore[misc]  # bound now
    (entry,) = await database.read(disclosures.all_of)
    assert (entry.to, entry.payload, entry.bits) == ("peer", b"text", 2.5)
    assert await database.read(lambda connection: disclosures.bits_to(connection, "peer")) == 2.5
    database.close()


def test_a_file_of_a_newer_weal_is_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "node.db").close()
    with sqlite3.connect(tmp_path / "node.db") as raw:
        raw.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    raw.close()
    with pytest.raises(NodeError, match="newer Weal"):
        Database(tmp_path / "node.db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "node.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(NodeError, match="cannot be opened"):
        Database(tmp_path / "node.db")


async def test_a_note_waits_is_withdrawn_and_is_published(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    await database.write(lambda connection: notes.schedule(connection, "n", 100, "digest"))
    assert await database.read(lambda connection: notes.due(connection, 99)) == ()
    assert len(await database.read(lambda connection: notes.due(connection, 100))) == 1
    assert await database.write(lambda connection: notes.withdraw(connection, "n"))
    assert not await database.write(lambda connection: notes.withdraw(connection, "n"))
    await database.write(lambda connection: notes.schedule(connection, "n", 200, "digest"))
    await database.write(lambda connection: notes.schedule(connection, "n", 300, "newer"))
    await database.write(lambda connection: notes.published(connection, "n", "record", "digest"))
    assert await database.read(notes.waiting) == {"n": 300}  # what was saved while the older one left
    await database.write(lambda connection: notes.published(connection, "n", "record", "newer"))
    assert await database.read(notes.waiting) == {}
    database.close()


async def test_states_put_off_come_back(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    await database.write(lambda connection: items.put_off(connection, "s", 50))
    assert await database.read(lambda connection: items.put_off_at(connection)) == {"s": 50}
    database.close()


def test_a_path_that_cannot_hold_a_database_is_named_and_no_thread_is_left(tmp_path: Path) -> None:
    (tmp_path / "node.db").mkdir()
    before = threading.active_count()
    with pytest.raises(NodeError, match="cannot be opened"):
        Database(tmp_path / "node.db")
    assert threading.active_count() == before


@pytest.mark.slow
async def test_a_database_of_each_earlier_version_is_brought_up_with_what_it_holds(tmp_path: Path) -> None:
    for version in range(1, len(MIGRATIONS)):
        path = tmp_path / f"{version}.db"
        with sqlite3.connect(path) as raw:
            raw.executescript(f"BEGIN; {';'.join(MIGRATIONS[:version])}; PRAGMA user_version = {version}; COMMIT")
            answers.add(raw, LABEL)
        raw.close()
        database = Database(path)
        assert await database.read(answers.every) == (LABEL,)
        assert await database.read(lambda connection: connection.execute("PRAGMA user_version").fetchone()) == (
            len(MIGRATIONS),
        )
        database.close()


async def test_writers_take_turns_and_readers_see_whole_acts(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")

    def two(connection: sqlite3.Connection, number: int) -> None:
        for half in range(2):
            answers.add(connection, Answer(f"{number}-{half}", number, "b" * 64, "", Choice.ACCEPT, "teach"))

    async def write(number: int) -> int:
        await database.write(lambda connection: two(connection, number))
        return 0

    async def count() -> int:
        return len(await database.read(answers.every))

    counts = await asyncio.gather(*(act for number in range(20) for act in (write(number), count())))
    assert all(seen % 2 == 0 for seen in counts)
    assert await count() == 40
    database.close()


async def test_a_database_that_another_process_writes_for_long_is_named_with_a_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weal_node.store.database.BUSY_TIMEOUT_S", 0.05)
    database = Database(tmp_path / "node.db")
    other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NodeError, match="much to write") as told:
        database.write_now(answers.every)
    assert told.value.hint
    other.execute("ROLLBACK")
    assert database.write_now(answers.every) == ()
    other.close()
    database.close()
