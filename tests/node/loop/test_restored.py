"""A backup gives back words, and no privacy: what was given after it counts as given, in every tier."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pyrage
import pytest
from tests.node.loop.test_federate import Known, Node, letter, notice

from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import RefusedError
from weal_node.loop import hide, restored
from weal_node.loop.backup import Lock, backup, restore
from weal_node.loop.federate import Federate
from weal_node.reward import local, private_head
from weal_node.store import restores, rounds, tiers
from weal_node.store.database import Database

IDENTITY = pyrage.x25519.Identity.generate()
KEY = Lock(recipients=(str(IDENTITY.to_public()),), identities=(str(IDENTITY),))
CHARTER = "[aggregation]\nsampling_rate = 0.2\nsigma = 1.0\ndelta = 1e-5\nepsilon_cap = 10.0\nevery_h = 24.0\n"
DAY_MS = 86_400_000


class Returned:
    """A node that had answered so many rounds when it was backed up, went on, was lost, and came back from the backup."""

    def __init__(self, folder: Path, tier: str, before: int, now_ms: int = 1_000) -> None:
        first = Home(folder / "first")
        first.root.mkdir()
        set_up(first, "ada")
        database = Database(first.database)
        database.write_now(lambda connection: tiers.choose(connection, tier, 1))
        for number in range(1, before + 1):
            database.write_now(lambda connection, at=number: rounds.charge(connection, at, 0.1, 2, 0.2, 1.0))
        database.close()
        backup(first, folder / "b.age", KEY, 500, alone=True)
        self.place = Home(folder / "again")
        restore(folder / "b.age", KEY, self.place)
        self.node = Node.__new__(Node)
        self.node.database, self.node.refused, self.node.answered = Database(self.place.database), [], []
        known: Any = Known()

        async def refuse(fault: Exception) -> None:
            self.node.refused.append(str(fault))

        async def answer(said: Any, statistics: str) -> None:
            self.node.answered.append(said.number)

        settings = Settings(epsilon_cap=100.0, local_epsilon_cap=local.epsilon(6))
        self.node.federate = Federate(self.place, settings, self.node.database, known, known, lambda: now_ms, refuse)
        self.node.federate._answer = answer  # type: ignore[method-assign]  # the real one starts a process

    def hear(self, number: int) -> str:
        return asyncio.run(self.node.hear(notice(number=number)))


@pytest.mark.parametrize("tier", ["light", "factors", "label-private", "local"])
def test_the_round_under_way_counts_as_answered(tier: str, tmp_path: Path) -> None:
    home = Returned(tmp_path, tier, before=2)
    assert "came back from a backup" in home.hear(4)
    for again in (3, 4):
        assert "counts as answered" in home.hear(again)
    assert home.node.answered == []
    assert home.node.database.read_now(restores.counted) == 2
    home.node.database.close()


def test_noise_of_ones_own_is_not_spent_twice(tmp_path: Path) -> None:
    """Six rounds fit under the cap: two before the backup, and whatever was answered of those up to the sixth."""
    home = Returned(tmp_path, "local", before=2)
    assert home.hear(6)
    assert "against anyone" in home.hear(7)
    assert home.node.answered == []
    home.node.database.close()
    (tmp_path / "other").mkdir()
    other = Returned(tmp_path / "other", "local", before=2)
    assert other.hear(4)
    assert [other.hear(number) for number in (5, 6)] == ["", ""]
    assert "against anyone" in other.hear(7)
    assert other.node.answered == [5, 6]
    other.node.database.close()


@pytest.mark.parametrize(("since", "trainings"), [(0, 0), (1, 1), (10, 1), (11, 2), (95, 10)])
def test_trainings_since_the_backup_are_paid_for(since: int, trainings: int, tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    if since:
        database.write_now(lambda connection: restores.begin(connection, 1))
        database.write_now(lambda connection: restores.settle(connection, since, since))
    paid = private_head.epsilon([private_head.COST] * (trainings + 1))
    ground = Known().belief().ground
    with pytest.raises(RefusedError, match="each label above"):
        asyncio.run(hide.hidden(database, ground, (), 200, 0, paid - 1e-6, lambda: 1))
    asyncio.run(hide.hidden(database, ground, (), 200, 0, paid + 1e-6, lambda: 1))
    database.close()


def test_numbers_are_the_coordinators_word_and_the_schedule_is_not(tmp_path: Path) -> None:
    place = Home(tmp_path)
    assert restored.rounds_since(place, 0, 10 * DAY_MS, 3, 4) == 1
    place.community.mkdir()
    joined = dict.fromkeys(("id", "name", "grpc", "fleet", "certificate_sha256", "coordinator"), "")
    (place.community / "membership.json").write_text(json.dumps(joined | {"charter": CHARTER}))
    (place.community / "certificate.pem").write_text("")
    assert restored.rounds_since(place, 0, 10 * DAY_MS, 3, 4) == 11
    assert restored.rounds_since(place, 0, 10 * DAY_MS, 3, 40) == 37


def test_a_home_that_never_came_back_counts_nothing(tmp_path: Path) -> None:
    node = Node(tmp_path)
    (tmp_path / "lock").touch()
    asyncio.run(node.federate.receive(letter(notice())))
    assert node.database.read_now(restores.counted) == 0
    node.database.close()


def test_a_second_restore_counts_anew(tmp_path: Path) -> None:
    home = Returned(tmp_path, "local", before=0)
    assert home.hear(3)
    home.node.database.close()
    backup(home.place, tmp_path / "c.age", KEY, 900, alone=True)
    third = Home(tmp_path / "third")
    restore(tmp_path / "c.age", KEY, third)
    database = Database(third.database)
    assert asyncio.run(restored.take_note(third, database)) == 900
    assert database.read_now(restores.counted) == 3
    assert third.lock.read_text() == ""
    database.write_now(lambda connection: restores.settle(connection, 2, 5))
    assert database.read_now(lambda connection: tiers.rounds_under(connection, "local")) == 5
    database.close()
