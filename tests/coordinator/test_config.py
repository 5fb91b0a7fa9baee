"""Settings: read once, every odd line named."""

import json
import os
from pathlib import Path

import pytest

from weal_coordinator import config
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError


def test_what_is_not_set_has_its_default(tmp_path: Path) -> None:
    (tmp_path / "coordinator.toml").write_text("grpc_port = 7000\n")
    assert config.read(Home(tmp_path)) == Settings(grpc_port=7_000)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("grpc_port = 'x'", "grpc_port .* must be a int"),
        ("grpc_port = true", "grpc_port"),
        ("colour = 1", "unknown setting: colour"),
        ("grpc_port", "not valid TOML"),
    ],
)
def test_an_odd_line_is_named(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "coordinator.toml").write_text(line)
    with pytest.raises(CoordinatorError, match=what):
        config.read(Home(tmp_path))


def test_no_coordinator_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(CoordinatorError, match="no coordinator in") as caught:
        config.read(Home(tmp_path))
    assert "weal-coordinator init" in caught.value.hint


def test_what_died_is_not_running(tmp_path: Path) -> None:
    place = Home(tmp_path)
    for content in ("", "{}", '{"pid": "x"}', json.dumps({"pid": 2**22 + 1})):
        place.running.write_text(content)
        with pytest.raises(CoordinatorError, match="no coordinator is running"):
            config.running(place)
    place.running.write_text(json.dumps({"pid": os.getpid(), "grpc": "here"}))
    assert config.running(place)["grpc"] == "here"


def test_the_home_is_the_one_given_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAL_COORDINATOR_HOME", str(tmp_path))
    assert config.home().root == tmp_path
    assert config.home(tmp_path / "other").root == tmp_path / "other"
