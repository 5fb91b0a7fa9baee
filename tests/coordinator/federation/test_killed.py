"""Two hundred times kill -9 between charge and release, on the real store: the ledger never lags behind what was released."""

import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from weal_coordinator import setup
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation.finish import finish_charged
from weal_coordinator.store import releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol import release_log
from weal_protocol.contribution import LIGHT, length
from weal_protocol.v1 import release_pb2

PEOPLE = tuple(f"{number:064x}" for number in range(20))
KILLS = 200
KILLS_ON_A_SERVER = 25  # its own log is not ours to prove; that a charge is one transaction there is


def charge_and_release(place: Home, url: str, told: int) -> None:
    """One round after another, until killed; says a byte to the parent once a round is charged, another once it is released."""
    rules = charter.read(place.charter.read_text())
    database = Database(url)
    finish_charged(place, database, rules)  # what the one before us left
    while True:
        with database.write() as connection:
            for one in rounds.every(connection):
                rounds.fail(connection, one.number)
            releases.put_catalogue(connection, bytes(32), release_pb2.Catalogue().SerializeToString())
            number = rounds.open_round(
                connection, bytes(32).hex(), rules.aggregation.population_floor, (), rules.aggregation, 1
            )
        with database.write() as connection:
            total = np.zeros(length(0, LIGHT)).astype("<f8").tobytes()
            spent = dict.fromkeys(PEOPLE, 0.01 * number)
            rounds.charge(connection, number, spent, 0, 0.01 * number, total)
        os.write(told, b"c")
        finish_charged(place, database, rules)
        os.write(told, b"r")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_ledger_is_never_behind_the_releases(tmp_path: Path, url: str) -> None:
    place, draw, between = Home(tmp_path / "community"), random.Random(5), 0
    setup.found(place, "commons", Settings(database_url=url))
    charged_by_all, kills = 0, KILLS if url.startswith("sqlite") else KILLS_ON_A_SERVER
    for _ in range(kills):
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                charge_and_release(place, url, told)
            finally:
                os._exit(1)
        os.close(told)
        said = os.read(heard, 1)  # it is charging: kill it at some moment from here on
        time.sleep(draw.random() * 0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(heard, 4_096):
            said += more
        os.close(heard)
        between += said[-1:] == b"c"
        charged_by_all += said.count(b"c")
        _check(url, charged_by_all)
    assert between > kills // 10  # enough of them fell between charge and release


def _check(url: str, acknowledged: int) -> None:
    database = Database(url)
    with database.read() as connection:
        log = [release_log.entry(manifest) for manifest, _ in releases.manifests(connection, 0, release_log.PAGE)]
        past, newest = rounds.every(connection), releases.latest(connection)
        account = rounds.account(connection, PEOPLE[7])
    database.close()
    charged = [one.number for one in past if one.state in ("charged", "done")]
    assert [one.number for one in account] == charged  # who was registered was charged once for each of them
    assert len(charged) >= acknowledged  # what was said to be on disk is
    released = {one.release for one in past if one.release}
    assert released == set(range(1, (newest.number if newest else 0) + 1))
    assert len(charged) >= len(released)
    assert release_log.fork(None, log) == ""
    assert len(log) == len(released)
    if newest is not None:
        assert release_pb2.Manifest.FromString(newest.manifest).round in charged
