"""Founding a community: keys no one else reads, a certificate to pin, the coordinator as its first member."""

import json
import os
import stat
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from weal_coordinator import config, keys, setup
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.store import invites, members
from weal_coordinator.store.database import Database
from weal_protocol import cards
from weal_protocol.invite import parse


@pytest.fixture
def place(tmp_path: Path) -> Home:
    founded = Home(tmp_path / "community")
    setup.found(founded, "commons", Settings(host="192.0.2.7"))
    return founded


@pytest.mark.parametrize(
    "host",
    [
        "",
        "not a host",
        "weal.example:8640",
        "https://weal.example",
        "999.1.1.1",
        "1.2.3",
        "::1",
        "-a.example",
        "a..b",
        "x" * 64,
        "ü.example",
        "a\nb",
        "a." * 130 + "b",
    ],
)
def test_an_address_that_nobody_could_connect_to_is_refused_before_anything_is_written(
    tmp_path: Path, host: str
) -> None:
    with pytest.raises(CoordinatorError, match="no address that members could connect to") as caught:
        setup.found(Home(tmp_path / "community"), "commons", Settings(host=host))
    assert "weal.example" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "weal.example", "weal-1.example.", "xn--tda.example", "1a.b"]
)
def test_names_and_addresses_are_taken(host: str) -> None:
    assert config.host(host) == host


def test_no_one_else_reads_the_keys(place: Home) -> None:
    assert stat.S_IMODE(place.keys.stat().st_mode) == 0o700
    found = list(place.keys.iterdir())
    assert len(found) == 5
    assert {stat.S_IMODE(file.stat().st_mode) for file in found} == {0o600}


def test_the_certificate_is_p256_and_names_where_it_stands(place: Home) -> None:
    certificate = x509.load_pem_x509_certificate(place.certificate.read_bytes())
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "192.0.2.7"]
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_the_coordinator_is_its_first_member(place: Home) -> None:
    database = Database(config.database_url(place, config.read(place)))
    card = cards.read(setup.own_card(place, database))
    assert (card.name, card.tier, card.agent_key) == ("commons", "none", keys.load(place).agent_public)
    database.close()


@pytest.mark.parametrize("name", ["Bürger 🌱", 'the "good" \\ ones', "x" * 80])
def test_a_name_is_kept_as_it_is(tmp_path: Path, name: str) -> None:
    place = Home(tmp_path)
    setup.found(place, name, Settings())
    assert charter.read(place.charter.read_text()).name == name
    assert config.read(place) == Settings()


@pytest.mark.parametrize("name", ["", "x" * 81])
def test_a_name_that_will_not_do_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    place = Home(tmp_path / "community")
    with pytest.raises(CoordinatorError):
        setup.found(place, name, Settings())
    assert not place.root.exists()


def test_a_community_is_not_founded_twice(place: Home) -> None:
    before = keys.fingerprint(place)
    with pytest.raises(CoordinatorError, match="already is a coordinator"):
        setup.found(place, "other", Settings())
    assert keys.fingerprint(place) == before


def test_a_database_that_holds_a_community_is_left_alone(place: Home, tmp_path: Path) -> None:
    other, url = Home(tmp_path / "other"), config.database_url(place, config.read(place))
    with pytest.raises(CoordinatorError, match="a community already is in SQLite"):
        setup.found(other, "other", Settings(database_url=url))
    assert not other.settings.exists()
    assert not other.keys.exists()
    database = Database(url)
    with database.read() as connection:
        assert members.count(connection) == 1
    database.close()


def test_the_settings_may_hold_a_password_and_no_one_else_reads_them(place: Home) -> None:
    assert stat.S_IMODE(place.settings.stat().st_mode) == 0o600


def test_an_invite_says_where_and_whom_to_trust(place: Home) -> None:
    addresses = {"pid": os.getpid(), "grpc": "192.0.2.7:8640", "fleet": "192.0.2.7:8641"}
    place.running.write_text(json.dumps(addresses))
    first, second = (parse(text) for text in setup.make_invites(place, 2))
    assert first.code != second.code
    assert (first.community, first.grpc, first.fleet) == ("commons", "192.0.2.7:8640", "192.0.2.7:8641")
    assert first.certificate_sha256 == keys.fingerprint(place).hex()
    assert first.coordinator == keys.load(place).agent_public.hex()
    database = Database(config.database_url(place, config.read(place)))
    with database.write() as connection:
        assert invites.open_count(connection) == 2
        invites.use(connection, first.code, b"a" * 32)
    database.close()


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_a_senseless_number_of_invites_is_refused(place: Home, count: int) -> None:
    with pytest.raises(CoordinatorError, match="between 1 and"):
        setup.make_invites(place, count)


def test_a_lost_key_is_named(place: Home) -> None:
    (place.keys / "seal.pem").unlink()
    with pytest.raises(CoordinatorError, match=r"seal\.pem"):
        keys.load(place)


def test_now_is_in_milliseconds() -> None:
    assert abs(setup.now_ms() - time.time() * 1_000) < 1_000
