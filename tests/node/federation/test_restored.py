"""A backup gives back words, and no privacy: what was given after it counts as given, in every tier."""

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pyrage
import pytest

from support.rounds import COORDINATOR, Known, NotingParticipant
from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import RefusedError
from weal_node.federation import private_training, restored
from weal_node.federation.participant import ParticipantHome
from weal_node.federation.private_training import TrainingTerms
from weal_node.reward import local, private_head
from weal_node.store import restores, rounds, tiers
from weal_node.store.database import Database
from weal_node.upkeep.backup import Lock, backup, restore
from weal_protocol.contribution import kind
from weal_protocol.envelope import START, Envelope
from weal_protocol.v1 import release_pb2

IDENTITY = pyrage.x25519.Identity.generate()
KEY = Lock(recipients=(str(IDENTITY.to_public()),), identities=(str(IDENTITY),))
CHARTER = "[aggregation]\nsampling_rate = 0.2\nsigma = 1.0\ndelta = 1e-5\nepsilon_cap = 10.0\nevery_h = 24.0\n"
DAY_MS = 86_400_000


class Answering:
    """What answers rounds in a home; the process that would send them is left out, see tests/together."""

    def __init__(self, place: Home, now_ms: int = 1_000) -> None:
        self.place, self.database = place, Database(place.database)
        self.refused: list[str] = []
        known: Any = Known()

        async def refuse(fault: Exception) -> None:
            self.refused.append(str(fault))

        settings = Settings(epsilon_cap=100.0, local_epsilon_cap=local.epsilon(6))
        home = ParticipantHome(place, settings, self.database)
        self._federate = NotingParticipant(home, known, known, lambda: now_ms, refuse)

    @property
    def answered(self) -> list[int]:
        return self._federate.answered

    def hear(self, number: int) -> str:
        """Let a notice come and be considered to its end; return why it was refused, "" where it was not."""
        return asyncio.run(self._hear(number))

    async def _hear(self, number: int) -> str:
        said = release_pb2.RoundNotice(
            number=number, tier=kind("light"), deadline_ms=10**13, clip=1.0, sigma=1.0, sampling_rate=0.2, delta=1e-5,
            aggregation="central", fleet_address="127.0.0.1:1",
        )  # fmt: skip
        body = said.SerializeToString()
        self.refused.clear()
        try:
            await self._federate.receive(
                Envelope(bytes(16), COORDINATOR, bytes(32), 1, START, 10**13, bytes(16), "round", body)
            )
        except RefusedError as fault:
            return fault.what
        await self._federate.considered()
        return "; ".join(self.refused)


def returned(folder: Path, tier: str, before: int) -> Answering:
    """Return a node that had answered so many rounds when it was backed up, was lost, and came back from the backup."""
    first, again = Home(folder / "first"), Home(folder / "again")
    first.root.mkdir(parents=True)
    set_up(first, "ada")
    database = Database(first.database)
    database.write_now(lambda connection: tiers.choose(connection, tier, 1))
    for number in range(1, before + 1):
        database.write_now(partial(rounds.charge, number=number, epsilon=0.1, now_ms=2, sampling_rate=0.2, sigma=1.0))
    database.close()
    backup(first, folder / "b.age", KEY, 500, alone=True)
    restore(folder / "b.age", KEY, again)
    return Answering(again)


@pytest.mark.parametrize("tier", ["light", "factors", "label-private", "local"])
def test_the_round_under_way_counts_as_answered(tier: str, tmp_path: Path) -> None:
    home = returned(tmp_path, tier, before=2)
    assert "came back from a backup" in home.hear(4)
    for again in (3, 4):
        assert "counts as answered" in home.hear(again)
    assert home.answered == []
    assert home.database.read_now(restores.counted) == 2
    home.database.close()


@pytest.mark.slow
def test_noise_of_ones_own_is_not_spent_twice(tmp_path: Path) -> None:
    """Six rounds fit under the cap: two before the backup, and whatever was answered of those up to the sixth."""
    home = returned(tmp_path, "local", before=2)
    assert home.hear(6)
    assert "against anyone" in home.hear(7)
    assert home.answered == []
    home.database.close()
    other = returned(tmp_path / "other", "local", before=2)
    assert other.hear(4)
    assert [other.hear(number) for number in (5, 6)] == ["", ""]
    assert "against anyone" in other.hear(7)
    assert other.answered == [5, 6]
    other.database.close()


@pytest.mark.slow
@pytest.mark.parametrize(("since", "trainings"), [(0, 0), (1, 1), (10, 1), (11, 2), (95, 10)])
def test_trainings_since_the_backup_are_paid_for(since: int, trainings: int, tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    if since:
        database.write_now(lambda connection: restores.begin(connection, 1))
        database.write_now(lambda connection: restores.settle(connection, since, since))
    paid = private_head.epsilon([private_head.COST] * (trainings + 1))
    on = Known().fitted().features
    with pytest.raises(RefusedError, match="each label above"):
        asyncio.run(private_training.hidden(database, on, (), TrainingTerms(200, 0, paid - 1e-6), lambda: 1))
    asyncio.run(private_training.hidden(database, on, (), TrainingTerms(200, 0, paid + 1e-6), lambda: 1))
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
    place = Home(tmp_path)
    set_up(place, "ada")
    place.lock.touch()
    home = Answering(place)
    home.database.write_now(lambda connection: tiers.choose(connection, "light", 1))
    assert home.hear(1) == ""
    assert home.answered == [1]
    assert home.database.read_now(restores.counted) == 0
    home.database.close()


def test_a_second_restore_counts_anew(tmp_path: Path) -> None:
    home = returned(tmp_path, "local", before=0)
    assert home.hear(3)
    home.database.close()
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
