"""The charter in force: founded once, changed by amendment alone, and nothing begins while charter.toml says something else."""

import asyncio
import fcntl
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text as sql
from typer.testing import CliRunner

from weal_coordinator import charters, config, keys, setup, status
from weal_coordinator.__main__ import app as program
from weal_coordinator.app import locked, up
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.federation import amend, rounds
from weal_coordinator.store import members, releases
from weal_coordinator.store.database import Database
from weal_protocol import charters as wire
from weal_protocol import signing
from weal_protocol.errors import ForgedError
from weal_protocol.v1 import directory_pb2, release_pb2


@pytest.fixture
def place(tmp_path: Path, url: str) -> Home:
    founded = Home(tmp_path / "community")
    setup.found(founded, "commons", Settings(database_url=url))
    return founded


def opened(place: Home) -> Database:
    return Database(config.database_url(place, config.read(place)))


def settled(place: Home) -> tuple[bytes, tuple[str, ...]]:
    """As `up` starts: the community's id and the texts of its charters."""
    database = opened(place)
    try:
        rules = charters.settled(place, database, 5)
    finally:
        database.close()
    return rules.community, rules.chain.texts


def somebody_joins(place: Home) -> None:
    database = opened(place)
    with database.write() as connection:
        members.add(connection, bytes([7]) * 32, setup.own_card(place, database), 2)
    database.close()


def edited(place: Home, before: str = "sigma = 1.5", after: str = "sigma = 2.5") -> str:
    text = place.charter.read_text().replace(before, after)
    place.charter.write_text(text)
    return text


def run(place: Home, *command: str, answer: str = "") -> str:
    done = CliRunner().invoke(program, [*command, "--home", str(place.root)], input=answer)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_community_is_founded_with_the_hash_of_its_first_charter(place: Home) -> None:
    first = place.charter.read_text()
    assert settled(place) == (hashlib.sha256(first.encode()).digest(), (first,))


def test_while_nobody_has_joined_the_first_charter_can_be_edited(place: Home) -> None:
    settled(place)
    text = edited(place)
    assert status.status(place, 1)["charter"] == {"number": 0, "at_ms": 0, "edited": ""}
    assert settled(place) == (hashlib.sha256(text.encode()).digest(), (text,))


def test_an_amended_charter_is_the_same_community(place: Home) -> None:
    before, _ = settled(place)
    somebody_joins(place)
    text = edited(place)
    said = run(place, "charter", "amend", answer="y\n")
    assert "-sigma = 1.5" in said
    assert "+sigma = 2.5" in said
    assert "Charter 1 is signed, kept and read back" in said
    assert "answers none until its person has agreed" in said
    after, texts = settled(place)
    assert after == before
    assert texts[1:] == (text,)


def test_a_change_that_costs_members_nothing_more_asks_nobody(place: Home) -> None:
    settled(place)
    somebody_joins(place)
    edited(place, "minimum_judges = 10", "minimum_judges = 12")
    told = json.loads(run(place, "charter", "amend", "--yes", "--json"))
    assert (told["number"], told["asks"]) == (1, False)


def test_no_is_no(place: Home) -> None:
    settled(place)
    somebody_joins(place)
    first = place.charter.read_text()
    edited(place)
    assert "Aborted" in run(place, "charter", "amend", answer="n\n")
    place.charter.write_text(first)
    assert settled(place)[1] == (first,)


def went_on(_place: Home) -> None:
    raise AssertionError("it went on to start a SuperLink")


def test_what_was_edited_by_hand_starts_nothing(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weal_coordinator.app.SuperlinkProcess", went_on)  # one that starts would run for ever
    settled(place)
    somebody_joins(place)
    first = place.charter.read_text()
    edited(place)
    with pytest.raises(CoordinatorError, match=r"was edited, and is not the charter that members have.*charter amend"):
        settled(place)
    with pytest.raises(CoordinatorError, match="was edited"):
        asyncio.run(up(place, config.read(place)))
    assert not place.running.exists()
    database = opened(place)
    try:
        with pytest.raises(CoordinatorError, match="was edited"):
            charters.in_force(place, database)
    finally:
        database.close()
    found = status.status(place, 1)
    assert "was edited" in found["charter"]["edited"]
    assert "was edited" in "\n".join(status.lines(found, 1))
    listed = run(place, "charter")
    assert "Not in force" in listed
    assert "+sigma = 2.5" in listed
    assert run(place, "charter", "--text") == first
    place.charter.write_text(run(place, "charter", "--text"))
    assert settled(place)[1] == (first,)


def test_neither_a_round_nor_an_invite_begins_under_it(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(place)
    somebody_joins(place)
    edited(place)
    monkeypatch.setattr(config, "running", lambda _place: {"grpc": "h:1", "fleet": "h:2"})  # `up`, started before
    with pytest.raises(CoordinatorError, match="was edited"):
        rounds.run_round(place, below_floor=True)
    with pytest.raises(CoordinatorError, match="was edited"):
        setup.make_invites(place, 1)


def test_a_home_of_before_keeps_its_id(place: Home) -> None:
    before = settled(place)
    somebody_joins(place)
    database = opened(place)
    with database.write() as connection:
        connection.execute(sql("DELETE FROM charters"))
    assert charters.in_force(place, database).community == before[0]
    assert status.charter_chain(place)["charters"][0]["sha256"] == before[0].hex()
    assert settled(place) == before
    with database.read() as connection:
        chain = charters.chain_of(connection, place)
    assert chain is not None
    assert chain.entries[0].at_ms > 5  # when it was founded, not when it was started
    database.close()


def test_a_home_of_before_whose_file_was_edited_does_not_become_another_community(place: Home) -> None:
    before, _ = settled(place)
    somebody_joins(place)
    database = opened(place)
    with database.write() as connection:
        connection.execute(sql("DELETE FROM charters"))
        said = release_pb2.Manifest(number=1, community=before)
        releases.put_release(connection, 1, said.SerializeToString(), b"", b"")
    first = place.charter.read_text()
    edited(place)
    with pytest.raises(CoordinatorError, match="not the charter that this community was founded with"):
        settled(place)
    place.charter.write_text(first)
    assert settled(place)[0] == before
    database.close()


def test_a_home_of_before_is_started_once_before_it_is_amended(place: Home) -> None:
    database = opened(place)
    with database.write() as connection:
        connection.execute(sql("DELETE FROM charters"))
    database.close()
    edited(place)
    with pytest.raises(CoordinatorError, match="Start it once with the charter that members have"):
        run(place, "charter", "amend", "--yes")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("sigma = 1.5", "sigma = 1.5", "nothing to amend"),
        ("sigma = 1.5", "sigma = 0.0", "sigma in the charter must be"),
        ("sigma = 1.5", "sigma =", "cannot be read"),
        ('name = "commons"', 'name = "another"', "keeps the community's name, 'commons'"),
    ],
)
def test_what_cannot_follow_is_refused_by_name(place: Home, before: str, after: str, what: str) -> None:
    settled(place)
    somebody_joins(place)
    edited(place, before, after)
    with pytest.raises(CoordinatorError, match=what):
        run(place, "charter", "amend", "--yes")
    database = opened(place)
    with database.read() as connection:
        assert len(connection.execute(sql("SELECT number FROM charters")).all()) == 1
    database.close()


def test_a_charter_is_amended_while_nothing_runs_by_it(place: Home) -> None:
    settled(place)
    text = edited(place)
    with locked(place), pytest.raises(CoordinatorError, match="Stop it first"):
        run(place, "charter", "amend", "--yes")
    with place.round_lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(CoordinatorError, match="a round is in progress"):
            amend.amend(place, text, 1)


def test_a_chain_that_was_tampered_with_serves_nobody(place: Home) -> None:
    settled(place)
    somebody_joins(place)
    edited(place)
    run(place, "charter", "amend", "--yes")
    database = opened(place)
    with database.write() as connection:
        chain = charters.chain_of(connection, place)
        assert chain is not None
        kept = directory_pb2.SignedCharter.FromString(chain.last.raw)
        kept.signature = signing.sign(Ed25519PrivateKey.generate(), "charter", kept.charter)
        connection.execute(
            sql("UPDATE charters SET content = :raw WHERE number = 1"), {"raw": kept.SerializeToString()}
        )
    with pytest.raises(ForgedError, match="charter does not fit"):
        charters.in_force(place, database)
    database.close()


def test_the_list_says_what_each_changed(place: Home) -> None:
    settled(place)
    somebody_joins(place)
    for before, after in (("sigma = 1.5", "sigma = 2.5"), ("clip = 1.0", "clip = 0.5")):
        edited(place, before, after)
        run(place, "charter", "amend", "--yes")
    found = json.loads(run(place, "charter", "--json"))
    assert [row["number"] for row in found["charters"]] == [0, 1, 2]
    assert any(line.startswith("+clip = 0.5") for line in found["charters"][2]["difference"])
    assert found["edited"] == ""
    listed = run(place, "charter")
    assert "which names the community" in listed
    assert "Charter 2" in listed


def test_what_members_verify_is_what_is_kept(place: Home) -> None:
    settled(place)
    somebody_joins(place)
    edited(place)
    run(place, "charter", "amend", "--yes")
    database = opened(place)
    rules = charters.in_force(place, database)
    database.close()
    coordinator = keys.load(place).agent_public
    assert wire.verify(rules.chain.texts[0], rules.chain.amendments, coordinator, rules.community).texts == (
        rules.chain.texts
    )
