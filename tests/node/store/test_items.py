"""States are kept with their typed fields, and those of an older node are read as they were."""

import sqlite3
from pathlib import Path

import pytest

from weal_node.records import Item
from weal_node.store import items
from weal_node.store.database import Database
from weal_node.store.migrations import MIGRATIONS

OPTION = Item("a" * 64, "You give 1 hour", "option", 1.0, 2.0, "on Saturday", ("Bob", "ab" * 32))


async def test_typed_fields_survive(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    plain = Item("b" * 64, "A statement")
    await database.write(lambda connection: items.add(connection, [OPTION, plain]))
    assert await database.read(items.every) == (OPTION, plain)
    database.close()


@pytest.mark.slow
async def test_states_from_before_there_was_a_when_are_read(tmp_path: Path) -> None:
    before = MIGRATIONS.index(items.TYPED)
    with sqlite3.connect(tmp_path / "node.db") as raw:
        for script in MIGRATIONS[:before]:
            raw.executescript(script)
        raw.execute("INSERT INTO states VALUES (?, 'x', 'option', 1.0, 2.0)", ("c" * 64,))
        raw.execute(f"PRAGMA user_version = {before}")
    raw.close()
    database = Database(tmp_path / "node.db")
    assert await database.read(items.every) == (Item("c" * 64, "x", "option", 1.0, 2.0),)
    database.close()
