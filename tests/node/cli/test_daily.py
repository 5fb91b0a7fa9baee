"""`weal note` says truly whether and when a note leaves, and how it stays; what it names can be done."""

import json
import re
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weal_node.__main__ import app
from weal_node.records import Answer, Choice
from weal_node.store import answers, items
from weal_node.store.database import Database


def weal(*arguments: object, home: Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert weal("init", home=tmp_path / "a home").exit_code == 0
    return tmp_path / "a home"


@pytest.mark.slow
def test_before_joining_a_note_is_private_until_its_person_or_its_folder_says_otherwise(home: Path) -> None:
    said = weal("note", "A diary", home=home).stdout
    assert "(private)" in said
    assert "It stays here." in said
    said = weal("note", "A thought", "--visibility", "public", home=home).stdout
    assert "in no community" in said
    assert "asked whether it may leave" in said
    assert "/notes/leaving" in said
    found = re.search(r"weal note --undo ([0-9a-f]+) --home '([^']+)'", said)
    assert found
    assert found[2] == str(home)
    assert "A thought.md stays here" in weal("note", "--undo", found[1], home=home).stdout
    assert 'visibility: "private"' in (home / "vault/A thought.md").read_text()
    assert weal("note", "--undo", found[1], home=home).exit_code != 0  # nothing of it is about to leave any more


@pytest.mark.slow
def test_after_joining_it_says_when_and_while_paused_that_it_does_not(home: Path) -> None:
    (home / "community").mkdir()
    (home / "community/membership.json").write_text("{}")
    assert "It leaves in 10:00 min, or when the node runs again" in weal("note", "One", home=home).stdout
    (home / "paused").touch()
    assert "paused" in weal("note", "Two", home=home).stdout
    assert "It stays here." in weal("note", "Three", "--visibility", "private", home=home).stdout
    kept = json.loads(weal("note", "--undo", "all", "--json", home=home).stdout)["kept"]
    assert kept == ["One.md", "Two.md"]
    assert "Nothing is about to leave" in weal("note", "--undo", "all", home=home).stdout


def test_what_is_held_back_can_be_kept_too(home: Path) -> None:
    said = weal("note", "Ring +49 171 1234567", "--visibility", "public", home=home).stdout
    assert "Held back: it seems to hold a phone number" in said
    found = re.search(r"--undo ([0-9a-f]+)", said)
    assert found
    assert weal("note", "--undo", found[1], home=home).exit_code == 0


@pytest.mark.slow
def test_mirror_says_what_to_do_next_and_then_what_is_known_as_the_page_does(home: Path) -> None:
    said = weal("mirror", home=home).stdout
    assert "Nothing yet: your agent learns from your answers alone" in said
    assert json.loads(weal("mirror", "--json", home=home).stdout)["sentences"] == []
    database = Database(home / "node.db")
    known = [item for item in database.read_now(items.every) if item.kind == "statement"]
    for number, item in enumerate(known):
        choice = Choice.REJECT if "evening" in item.text else Choice.ACCEPT
        given = Answer(f"{number:032x}", number, item.id, "", choice, "teach")
        database.write_now(partial(answers.add, answer=given))
    database.close()
    as_json = json.loads(weal("mirror", "--json", home=home).stdout)
    said = weal("mirror", home=home).stdout
    assert 0 < len(as_json["sentences"]) <= 15
    assert as_json["answers"] == len(known)
    for sentence in as_json["sentences"]:
        assert sentence["text"] in said
        assert sentence["sureness"] in ("sure", "fairly sure", "leaning")
    assert "You say yes" in said
    assert "yes to “" in said
