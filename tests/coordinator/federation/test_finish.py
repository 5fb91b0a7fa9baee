"""What is released is a log: each manifest holds the hash of the one before, from the first on, also over a restart."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from weal_coordinator import keys, setup
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation.finish import finish_charged
from weal_coordinator.store import database as opening
from weal_coordinator.store import releases, rounds
from weal_coordinator.store.database import Database
from weal_coordinator.store.migrations import MIGRATIONS
from weal_protocol import release_log
from weal_protocol.contribution import BEFORE, LIGHT, contribute, length
from weal_protocol.kernels import KERNELS
from weal_protocol.representation import FEATURES, FEATURES_BEFORE, SHARED
from weal_protocol.v1 import release_pb2


def release(place: Home, url: str, cost: float = 0.1) -> None:
    """Charge a round and finish it, in a process of its own as far as the store can tell."""
    rules, database = charter.read(place.charter.read_text()), Database(url)
    with database.write() as connection:
        releases.put_catalogue(connection, bytes(32), release_pb2.Catalogue().SerializeToString())
        registered = rules.aggregation.population_floor
        number = rounds.open_round(connection, bytes(32).hex(), registered, (), rules.aggregation, 1)
        rounds.charge(connection, number, {}, 0, cost * number, np.zeros(length(0, LIGHT)).astype("<f8").tobytes())
    finish_charged(place, database, rules)
    database.close()


def log(place: Home, url: str) -> list[release_log.Entry]:
    """The log as a member reads it."""
    database, community = Database(url), charter.read(place.charter.read_text()).community
    with database.read() as connection:
        rows = releases.manifests(connection, 0, release_log.PAGE)
    database.close()
    signed = [release_pb2.SignedManifest(manifest=manifest, signature=signature) for manifest, signature in rows]
    return [release_log.read(one, keys.load(place).agent_public, community) for one in signed]


def test_each_release_follows_the_one_before(tmp_path: Path, fresh: Callable[[], str]) -> None:
    place, url = Home(tmp_path / "community"), fresh()
    setup.found(place, "commons", Settings())
    for _ in range(3):
        release(place, url)
    found = log(place, url)
    assert [one.number for one in found] == [1, 2, 3]
    assert found[0].previous == release_log.FIRST
    assert release_log.fork(None, found) == ""
    assert release_log.fork(found[1], found[1:]) == ""


def test_another_past_cannot_be_given_the_same_head(tmp_path: Path, fresh: Callable[[], str]) -> None:
    place, shown, other = Home(tmp_path / "community"), fresh(), fresh()
    setup.found(place, "commons", Settings())
    for url, cost in (
        (shown, 0.1),
        (other, 0.2),
    ):  # the same coordinator signs both, and shows each to half of its members
        for _ in range(2):
            release(place, url, cost)
    for one, another in zip(log(place, shown), log(place, other), strict=True):
        assert one.sha256 != another.sha256
    assert "and this node holds release 2" in release_log.fork(log(place, shown)[1], log(place, other)[1:])


def test_a_round_charged_by_an_earlier_version_is_released_by_this_one_and_goes_on_counting(
    tmp_path: Path, fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, url = Home(tmp_path / "community"), fresh()
    setup.found(place, "commons", Settings())
    with monkeypatch.context() as before:
        before.setattr(opening, "MIGRATIONS", MIGRATIONS[: MIGRATIONS.index(rounds.FEATURES_SCHEMA)])
        old = Database(url)
        with old.write() as connection:
            releases.put_catalogue(connection, bytes(32), release_pb2.Catalogue().SerializeToString())
            total = np.full(length(0, LIGHT, BEFORE), 0.01).astype("<f8").tobytes()
            connection.execute(
                text(
                    "INSERT INTO rounds (number, state, catalogue, population, drawn, sampling_rate, sigma, clip, used, epsilon, total, opened_ms) "
                    "VALUES (1, 'charged', :catalogue, 500, :drawn, 0.2, 1.5, 1.0, 99, 0.1, :total, 1)"
                ),
                {"catalogue": bytes(32).hex(), "drawn": b"[]", "total": total},
            )
        old.close()
    database = Database(url)
    finish_charged(place, database, charter.read(place.charter.read_text()))
    database.close()
    release(place, url)
    database = Database(url)
    with database.read() as connection:
        assert [one.features for one in rounds.every(connection)] == [BEFORE, FEATURES]
        rows = [releases.get(connection, number) for number in (1, 2)]
    database.close()
    assert all(rows)


def test_members_of_a_round_say_of_kernels_what_the_next_release_tells_and_one_that_did_not_ask_takes_nothing(
    tmp_path: Path, fresh: Callable[[], str]
) -> None:
    place, url = Home(tmp_path / "community"), fresh()
    setup.found(place, "commons", Settings())
    rules, database = charter.read(place.charter.read_text()), Database(url)
    people, zero = 20_000, np.zeros(SHARED)
    told = people * contribute((), (), zero, zero, rules.aggregation.clip, kernels=np.eye(KERNELS)[12])
    unasked = np.zeros(length(0, LIGHT, FEATURES_BEFORE))
    with database.write() as connection:
        releases.put_catalogue(connection, bytes(32), release_pb2.Catalogue().SerializeToString())
        for total in (unasked, told):
            number = rounds.open_round(connection, bytes(32).hex(), people, (), rules.aggregation, 1)
            rounds.charge(connection, number, {}, 0, 0.1, total.astype("<f8").tobytes())
        connection.execute(text("UPDATE rounds SET features = :before WHERE number = 1"), {"before": FEATURES_BEFORE})
    finish_charged(place, database, rules)
    with database.read() as connection:
        row = releases.latest(connection)
    database.close()
    assert row is not None
    said = np.array(release_pb2.Manifest.FromString(row.manifest).kernel_shares)
    assert said[12] > 0.9
    assert said.sum() == pytest.approx(1.0)
