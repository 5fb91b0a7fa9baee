"""How a community stands, for whoever runs it: as JSON and in a few lines."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from weal_coordinator import config, setup, status
from weal_coordinator.__main__ import app as program
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.store import records, releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol import record, release_log
from weal_protocol.record import Record
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


@pytest.mark.slow
def test_the_next_round_and_what_it_waits_for(place: Home) -> None:
    run_rounds(place)
    found = status.status(place, 51 * HOUR)
    assert found["next_round"]["at_ms"] is None
    assert "waits for 200 people" in found["next_round"]["why"]
    place.schedule.write_text('{"fault": "the SuperLink was lost", "at_ms": 1}')
    said = "\n".join(status.lines(status.status(place, 51 * HOUR), 51 * HOUR))
    assert "Next      none by itself: waits for 200 people" in said
    assert "the last try came to nothing: the SuperLink was lost" in said


@pytest.mark.slow
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
    assert found["rounds_left"] > 104  # of a year of the template, one was run
    assert found["database"].split()[0] in {"SQLite", "PostgreSQL"}
    assert config.read(place).database_url.rpartition("/")[2].partition("?")[0] in found["database"]
    assert len(last["head_sha256"]) == 64


@pytest.mark.slow
def test_what_a_person_reads(place: Home) -> None:
    fresh = "\n".join(status.lines(status.status(place, 51 * HOUR), 1))
    assert f"Start it: weal-coordinator up --home {place.root}" in fresh
    assert "1, the coordinator among them; by tier: 1 none" in fresh
    assert "none yet; nothing is released below 200" in fresh
    run_rounds(place)
    later = "\n".join(status.lines(status.status(place, 51 * HOUR), 51 * HOUR))
    assert "1 done, 1 failed; the newest, 2, began 2 days ago: failed" in later
    found = status.status(place, 51 * HOUR)
    fits = found["rounds_left"]
    assert f"epsilon 0.75 of at most 8 (delta 1e-05, user level); {fits} more rounds fit, about {fits} weeks" in later
    assert "1, after round 1, made 2 days ago; 300 were registered; head of the log" in later
    assert release_log.digits(bytes.fromhex(found["last_release"]["head_sha256"])) in later


def test_a_spent_budget_says_what_happens_next(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "left", lambda _database, _rules: 0)
    found = status.status(place, 51 * HOUR)
    assert (found["rounds_left"], found["next_round"]["at_ms"]) == (0, None)
    said = "\n".join(status.lines(found, 51 * HOUR))
    assert "the budget is spent" in said
    assert "no round follows, the last release stays in use" in said
    assert "An amended charter may raise the cap" in said


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


def test_chains_are_planned_around_what_members_said_and_took_back(place: Home) -> None:
    def told(key: Ed25519PrivateKey, kind: str, body: str, note: bytes, *parents: str) -> Record:
        return record.make(
            kind, body.encode(), author=key, salt=bytes(16), written_ms=1, note=note, parents=tuple(parents)
        )

    def keep(*made: Record) -> None:
        database = Database(config.database_url(place, config.read(place)))
        with database.write() as connection:
            for one in made:
                records.add(connection, one, "")
        database.close()

    def proposed() -> list[str]:
        found = CliRunner().invoke(program, ["chains", "--json", "--home", str(place.root)], catch_exceptions=False)
        return [one["id"] for one in json.loads(found.stdout)["chains"]]

    keys = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3)]
    wishes = (("bread", "piano"), ("piano", "repair"), ("repair", "bread"))
    for number, (key, (need, offer)) in enumerate(zip(keys, wishes, strict=True)):
        keep(told(key, "note", f"---\nneeds: [{need}]\noffers: [{offer}]\n---\n", bytes([number]) * 16))
    (chain,) = proposed()
    no = told(keys[0], "answer", "no", bytes.fromhex(chain))
    keep(no)
    assert proposed() == []
    keep(told(keys[0], "tombstone", "", bytes.fromhex(chain), no.id))
    assert proposed() == [chain]
