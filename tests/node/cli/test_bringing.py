"""`weal import` and `weal init --import` without a node that runs, and beside one: the plan first, a bar that ends, what waits and where."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weal_node import config
from weal_node.__main__ import app
from weal_node.cli import bringing, running
from weal_node.cli.bringing import ImportRequest


def weal(*arguments: object, home: Path, given: str | None = None) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)], input=given)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert weal("init", home=tmp_path / "home").exit_code == 0
    return tmp_path / "home"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[int, int]]]:
    """What each bar was told, by what it is called."""
    told: dict[str, list[tuple[int, int]]] = {}

    @contextmanager
    def bar(what: str, total: int, quiet: bool) -> Iterator[Any]:
        yield lambda done, of_all: told.setdefault(what, []).append((done, of_all or total))

    monkeypatch.setattr(bringing, "bar", bar)
    return told


def source(tmp_path: Path, count: int) -> Path:
    place = tmp_path / "old"
    place.mkdir()
    for number in range(count):
        (place / f"{number}.md").write_text(f"Words {number}\n")
    return place


def test_json_without_yes_is_the_plan_and_asks_nothing(home: Path, tmp_path: Path) -> None:
    done = weal("import", source(tmp_path, 2), "--json", home=home)
    found = json.loads(done.stdout)
    assert (found["state"], found["plan"]["new"], found["written"]) == ("planned", 2, 0)
    assert list((home / "vault").rglob("*.md")) == []
    assert json.loads(weal("import", tmp_path / "old", "--json", "--yes", home=home).stdout)["written"] == 2


def test_there_is_a_bar_while_it_looks_and_both_end(
    home: Path, tmp_path: Path, shown: dict[str, list[tuple[int, int]]]
) -> None:
    place = source(tmp_path, 3)
    for _ in range(2):  # the second time nothing is new
        shown.clear()
        bringing.here(config.Home(home), ImportRequest(place, yes=True, quiet=True))
        assert len(shown["look"]) > 3
        assert shown["look"][-1] == shown["import"][-1] == (3, 3)


def test_beside_a_running_node_the_bar_ends_though_the_last_look_was_earlier(
    tmp_path: Path, shown: dict[str, list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = {"kind": "folder", "into": "", "new": 0, "changed": 0, "known": 250}
    states = iter(
        [
            {"state": "planning", "done": 120, "total": 0},
            {"state": "planned", "done": 0, "total": 250, "plan": plan},
            {"state": "running", "done": 100, "total": 250},
            {"state": "done", "done": 250, "total": 250},
        ]
    )
    monkeypatch.setattr(running, "ask", lambda _home, method, *_: next(states) if method == "GET" else {})
    monkeypatch.setattr(bringing, "POLL_S", 0)
    done = bringing.ask_node(config.Home(tmp_path), ImportRequest(tmp_path, yes=True, quiet=True))
    assert done["state"] == "done"
    assert shown["look"] == [(120, 0), (250, 250)]
    assert shown["import"] == [(100, 250), (250, 250)]


def test_lines_that_wait_as_principles_are_said_with_where(home: Path, tmp_path: Path) -> None:
    about = tmp_path / "USER.md"
    about.write_text("- Prefers quiet streets\n- Never works on Sundays\n")
    said = weal("import", about, "--yes", home=home).stdout
    assert "2 lines wait as candidate principles" in said
    assert "/notes/review" in said
    assert "0 notes imported. They are private" not in said


@pytest.mark.slow
def test_init_brings_what_it_is_told_after_the_plan_and_the_question(tmp_path: Path) -> None:
    place = source(tmp_path, 2)
    said = weal("init", "--import", place, home=tmp_path / "one", given="y\n")
    assert said.exit_code == 0, said.output
    for part in ("Your node is in", "2 new notes", "Import?", "2 notes imported", "Next: weal up"):
        assert part in said.stdout
    assert len(list((tmp_path / "one/vault/old").iterdir())) == 2
    refused = weal("init", "--import", place, home=tmp_path / "two", given="n\n")
    assert refused.exit_code == 0
    assert list((tmp_path / "two/vault").rglob("*.md")) == []
    planned = json.loads(weal("init", "--import", place, "--json", home=tmp_path / "three").stdout)
    assert planned["import"]["state"] == "planned"


def test_init_makes_no_node_for_a_source_that_is_none(tmp_path: Path) -> None:
    assert weal("init", "--import", tmp_path / "mistyped", home=tmp_path / "home").exit_code != 0
    assert not (tmp_path / "home/keys").exists()
