"""Choices of what is given: the last holds, and rounds are counted under the one that held then."""

import sqlite3
from functools import partial
from pathlib import Path

from weal_node.store import rounds, tiers
from weal_node.store.database import Database


async def test_who_never_chose_gives_nothing_and_the_last_choice_holds(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    assert await database.read(tiers.chosen) == "none"
    for tier, at in (("factors", 10), ("local", 20), ("local", 30), ("light", 40)):
        await database.write(partial(tiers.choose, tier=tier, now_ms=at))
    assert await database.read(tiers.chosen) == "light"
    database.close()


async def test_a_round_counts_under_the_tier_that_held_when_it_was_charged(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")

    def fill(connection: sqlite3.Connection) -> None:
        for tier, at in (("factors", 10), ("local", 20), ("factors", 40)):
            tiers.choose(connection, tier, at)
        for number, at in ((1, 5), (2, 15), (3, 20), (4, 39), (5, 41)):
            rounds.charge(connection, number, 1.0, at)

    await database.write(fill)
    counted = [await database.read(partial(tiers.rounds_under, tier=tier)) for tier in ("factors", "local", "light")]
    assert counted == [2, 2, 0]
    database.close()
