"""Rounds as anyone may be told of them: in order, in parts, with the accuracy that the release was signed with."""

import pytest
from sqlalchemy import Connection

from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.store import history, releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol.v1 import release_pb2

RULES = read(TEMPLATE.format(name="commons")).aggregation


def opened(connection: Connection, at_ms: int = 1) -> int:
    return rounds.open_round(connection, "cc" * 32, 12, ("aa" * 32,), RULES, at_ms)


def released(
    connection: Connection, epsilon: float, release: int, accuracy: float = 0.0, accuracy_sd: float = 0.0
) -> int:
    number = opened(connection)
    rounds.charge(connection, number, {"aa": epsilon}, 1, epsilon, b"total")
    if release:
        manifest = release_pb2.Manifest(number=release, accuracy=accuracy, accuracy_sd=accuracy_sd)
        releases.put_release(connection, release, manifest.SerializeToString(), b"", b"")
    rounds.finish(connection, number, release)
    return number


def test_nothing_yet(database: Database) -> None:
    with database.read() as connection:
        assert history.newest(connection, 9) == ()
        assert (history.states(connection), history.epsilon(connection)) == ({}, 0.0)


def test_the_newest_come_first_and_in_parts(database: Database) -> None:
    with database.write() as connection:
        for at_ms in (10, 20, 30):
            opened(connection, at_ms)
        first = history.newest(connection, 2)
        assert [(one.number, one.opened_ms) for one in first] == [(3, 30), (2, 20)]
        assert [one.number for one in history.newest(connection, 2, before=2)] == [1]


def test_what_a_round_came_to(database: Database) -> None:
    with database.write() as connection:
        released(connection, 0.5, 0)
        released(connection, 0.9, 1, accuracy=0.75, accuracy_sd=0.02)
        released(connection, 1.2, 2)
        rounds.fail(connection, opened(connection, 7))
        failed, unmeasured, measured, withheld = history.newest(connection, 9)
        assert failed == history.RoundEntry(4, "failed", 7, 12, 0.0, 0)
        assert unmeasured == history.RoundEntry(3, "done", 1, 12, 1.2, 2)
        assert measured == history.RoundEntry(2, "done", 1, 12, 0.9, 1, 0.75, 0.02)
        assert withheld == history.RoundEntry(1, "done", 1, 12, 0.5, 0)
        assert history.states(connection) == {"done": 3, "failed": 1}


def test_a_round_that_was_given_up_hides_nothing_that_was_spent(database: Database) -> None:
    with database.write() as connection:
        released(connection, 0.5, 0)
        rounds.fail(connection, opened(connection))
        opened(connection)
        assert history.epsilon(connection) == pytest.approx(0.5)
