"""Founding a community: all files, readable by their owner alone, once; a bad name leaves nothing behind."""

import json
import os
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from weal_coordinator import config, keys, setup
from weal_coordinator.community import charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.status import status
from weal_coordinator.store.database import Database
from weal_protocol import cards, invite

PORTS = {"grpc": "127.0.0.1:1234", "fleet": "127.0.0.1:1235", "fleet_private": "127.0.0.1:1236", "web": ""}


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_founded_home_has_everything(place: Home) -> None:
    setup.found(place, "commons", Settings(host="127.0.0.1", grpc_port=0))
    assert config.read(place) == Settings(host="127.0.0.1", grpc_port=0)
    assert charter.read(place.charter.read_text()).name == "commons"
    for folder in (place.root, place.keys):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in place.keys.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    database = Database(config.database_url(place, config.read(place)))
    card = cards.read(setup.own_card(place, database))
    database.close()
    assert card.agent_key == keys.load(place).agent_public
    assert (card.name, card.tier) == ("commons", "none")


@pytest.mark.parametrize(
    "name", ["Grüne Straße", "村", "🌳 grove", 'the "best"', "back\\slash", "{curly}", "# no comment"]
)
def test_a_name_is_kept_as_it_was_given(place: Home, name: str) -> None:
    setup.found(place, name, Settings())
    assert charter.read(place.charter.read_text()).name == name
    assert status(place)["community"] == name


@pytest.mark.parametrize("name", ["", "x" * 81, "two\nlines"])
def test_a_bad_name_leaves_nothing_behind(place: Home, name: str) -> None:
    with pytest.raises(CoordinatorError, match="name"):
        setup.found(place, name, Settings())
    assert not place.root.exists()


def test_a_community_is_founded_once(place: Home) -> None:
    setup.found(place, "commons", Settings())
    before = place.certificate.read_bytes()
    with pytest.raises(CoordinatorError, match="already is a coordinator"):
        setup.found(place, "other", Settings())
    assert place.certificate.read_bytes() == before


def test_the_certificate_is_its_own_root_for_its_addresses(place: Home) -> None:
    setup.found(place, "commons", Settings(host="coordinator.example"))
    certificate = x509.load_pem_x509_certificate(place.certificate.read_bytes())
    certificate.verify_directly_issued_by(certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "coordinator.example"}
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert len(keys.fingerprint(place)) == 32


def test_invites_need_a_running_coordinator_and_name_it(place: Home) -> None:
    setup.found(place, "commons", Settings())
    with pytest.raises(CoordinatorError, match="no coordinator is running"):
        setup.make_invites(place, 1)
    place.running.write_text(json.dumps({"pid": os.getpid(), **PORTS}))
    made = [invite.parse(text) for text in setup.make_invites(place, 3)]
    assert len({one.code for one in made}) == 3
    for one in made:
        assert (one.community, one.grpc, one.fleet) == ("commons", PORTS["grpc"], PORTS["fleet"])
        assert one.certificate_sha256 == keys.fingerprint(place).hex()
        assert one.coordinator == keys.load(place).agent_public.hex()
    assert status(place)["invites_open"] == 3
    assert not any(one.code.encode() in place.database.read_bytes() for one in made)  # only their hashes
    for count in (0, -1, setup.MAX_INVITES + 1):
        with pytest.raises(CoordinatorError, match="invites at a time"):
            setup.make_invites(place, count)


def test_a_lost_or_damaged_key_is_named(place: Home) -> None:
    setup.found(place, "commons", Settings())
    (place.keys / "seal.pem").write_text("not a key")
    with pytest.raises(CoordinatorError, match=r"seal\.pem"):
        keys.load(place)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("grpc_port = 'x'", "grpc_port"),
        ("grpc_port = true", "grpc_port"),
        ("mercy = 1", "unknown setting: mercy"),
        ("host =", "not valid TOML"),
    ],
)
def test_a_bad_setting_is_named(place: Home, text: str, what: str) -> None:
    with pytest.raises(CoordinatorError, match="init"):
        config.read(place)
    place.root.mkdir()
    place.settings.write_text(text)
    with pytest.raises(CoordinatorError, match=what):
        config.read(place)


def test_a_home_is_named_by_option_then_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAL_COORDINATOR_HOME", str(tmp_path / "environment"))
    assert config.home(tmp_path / "given").root == tmp_path / "given"
    assert config.home().root == tmp_path / "environment"


def test_a_stale_note_of_a_dead_coordinator_is_no_running_one(place: Home) -> None:
    setup.found(place, "commons", Settings())
    for stale in ('{"pid": 4194304, "grpc": ""}', "{", "{}"):
        place.running.write_text(stale)
        assert status(place)["running"] is None
