"""How a community stands, for whoever runs it: as JSON and in a few lines."""

from pathlib import Path

import pytest

from weal_coordinator import config, setup, status
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.store import releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol import release_log
from weal_protocol.v1 import release_pb2

HOUR = 3_600_000


@pytest.fixture
def place(tmp_path: Path, url: str) -> Home:
    founded = Home(tmp_path / "community")
    setup.found(founded, "commons", Settings(database_url=url))
    return founded


def run_rounds(place: Home) -> None:
    """One round that was released, an hour after it one that was given up."""
    database, rules = Database(config.database_url(place, config.read(place))), charter.read(place.charter.read_text())
    drawn = ("aa" * 32, "bb" * 32)
    with database.write() as connection:
        first = rounds.open_round(connection, "cc" * 32, 300, drawn, rules.aggregation, 1 * HOUR)
        rounds.note_refusals(connection, first, {"wrong size": 1})
        rounds.charge(connection, first, {}, 1, 0.75, b"total")
        rounds.finish(connection, first, 1)
        said = release_pb2.Manifest(number=1, round=first, population=300, epsilon=0.75, created_ms=1 * HOUR)
        releases.put_release(connection, 1, said.SerializeToString(), b"", b"")
        rounds.fail(connection, rounds.open_round(connection, "cc" * 32, 300, drawn, rules.aggregation, 2 * HOUR))
    database.close()


def test_the_next_round_and_what_it_waits_for(place: Home) -> None:
    run_rounds(place)
    found = status.status(place, 51 * HOUR)
    assert found["next_round"]["at_ms"] is None
    assert "waits for 200 people" in found["next_round"]["why"]
    place.schedule.write_text('{"fault": "the SuperLink was lost", "at_ms": 1}')
    said = "\n".join(status.lines(status.status(place, 51 * HOUR), 51 * HOUR))
    assert "Next      none by itself: waits for 200 people" in said
    assert "the last try came to nothing: the SuperLink was lost" in said


def test_what_a_machine_reads(place: Home) -> None:
    run_rounds(place)
    found = status.status(place, 51 * HOUR)
    assert (found["members"], found["tiers"], found["running"]) == (1, {"none": 1}, None)
    assert (found["epsilon"], found["epsilon_cap"]) == (0.75, 8.0)  # also after a round that was given up
    assert found["rounds_by_state"] == {"done": 1, "failed": 1}
    assert [(one["number"], one["sampled"], one["used"], one["release"]) for one in found["rounds"]] == [
        (1, 2, 1, 1),
        (2, 2, 0, 0),
    ]
    last = found["last_release"]
    assert (last["number"], last["round"], last["population"], last["accuracy"]) == (1, 1, 300, None)
    assert found["database"].split()[0] in {"SQLite", "PostgreSQL"}
    assert config.read(place).database_url.rpartition("/")[2].partition("?")[0] in found["database"]
    assert len(last["head_sha256"]) == 64


def test_what_a_person_reads(place: Home) -> None:
    fresh = "\n".join(status.lines(status.status(place, 51 * HOUR), 1))
    assert f"Start it: weal-coordinator up --home {place.root}" in fresh
    assert "1, the coordinator among them; by tier: 1 none" in fresh
    assert "none yet; nothing is released below 200" in fresh
    run_rounds(place)
    later = "\n".join(status.lines(status.status(place, 51 * HOUR), 51 * HOUR))
    assert "1 done, 1 failed; the newest, 2, began 2 days ago: failed" in later
    assert "epsilon 0.75 of at most 8 (delta 1e-05, user level)" in later
    assert "1, after round 1, made 2 days ago; 300 were registered; head of the log" in later
    head = status.status(place, 51 * HOUR)["last_release"]["head_sha256"]
    assert release_log.digits(bytes.fromhex(head)) in later


def test_a_round_that_counted_says_how_many(place: Home) -> None:
    run_rounds(place)
    found = status.status(place, 51 * HOUR)
    found["rounds"].pop()
    told = "\n".join(status.lines(found, 1 * HOUR + 61_000))
    assert "began 1 minute ago: done, 1 of 2 drawn members counted, 1 refused" in told


def test_a_look_changes_nothing(place: Home) -> None:
    before = {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file()}
    status.status(place, 51 * HOUR)
    assert {file: file.read_bytes() for file in place.root.rglob("*") if file.is_file()} == before
