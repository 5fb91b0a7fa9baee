"""`weal ask` quotes what bears on a question, and says plainly where nothing does."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import weal_node.__main__  # noqa: F401 -- which registers every command
from weal_node.cli import calling
from weal_node.cli.program import app
from weal_node.config import Home
from weal_node.records import Note, Visibility
from weal_node.vault.folder import Vault

RUN = CliRunner()
NOTE: dict[str, Any] = {
    "note": "n", "author": "", "name": "", "kind": "note", "title": "Log", "visibility": "private", "written_ms": 0, "place": "/notes/n",
    "said": "", "best": "d", "quotes": [{"text": "The starter came back.", "marked": [], "heading": "March", "passage": "d"}],
}  # fmt: skip
NOTHING: dict[str, Any] = {
    "question": "q", "said": "", "sure": False, "notes": [], "nearest": [], "missing": [], "people": [], "total": 1, "waiting": 0,
}  # fmt: skip


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Let the node answer this; return what it was asked. What the home does is tested where it is."""
    asked: list[Any] = []

    def give(answer: dict[str, Any]) -> list[Any]:
        def call(_home: Home, name: str, given: dict[str, Any]) -> dict[str, Any]:
            asked.append((name, given))
            return answer

        monkeypatch.setattr(calling, "call", call)
        return asked

    monkeypatch.setenv("WEAL_HOME", str(tmp_path))
    return give


def test_passages_are_quoted_with_their_note_heading_and_day(answers: Any) -> None:
    asked = answers(NOTHING | {"notes": [NOTE] * 5, "missing": ["submarine"], "people": [{"name": "Ben", "notes": 2}]})
    said = RUN.invoke(app, ["ask", "does", "it", "survive?", "--that", "1"]).output
    assert asked == [("ask", {"text": "does it survive?", "that": 1, "not_that": 0, "model": ""})]
    assert "Nothing answers it for sure" in said
    assert "1. Log  (you, undated)\n    March: The starter came back." in said
    assert "2 more: --all" in said
    assert "In no note: submarine" in said
    assert "Ben (2)" in said
    assert "Remembered" in said


def test_where_nothing_bears_no_passage_is_quoted(answers: Any) -> None:
    answers(NOTHING | {"nearest": [NOTE]})
    said = RUN.invoke(app, ["ask", "what?"]).output
    assert "do not say" in said
    assert "came back" not in said


def test_a_models_answer_cites_each_sentence(answers: Any) -> None:
    written = {
        "model": "mine", "sentences": [{"text": "It came back.", "cites": [1]}], "left_out": ["x"], "written": 3, "cost": 0.0,
        "passages": [{"title": "Log", "name": "", "text": "The starter came back."}],
    }  # fmt: skip
    answers(NOTHING | {"sure": True, "notes": [NOTE], "answer": written})
    said = RUN.invoke(app, ["ask", "what?", "--model", "mine"]).output
    assert "It came back. [1]\n  [1] Log (you)" in said
    answers(NOTHING | {"notes": [NOTE], "answer": written | {"sentences": []}})
    assert "wrote nothing that rests on the passages" in RUN.invoke(app, ["ask", "what?"]).output


@pytest.mark.slow
def test_a_home_answers_by_itself_as_json(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert RUN.invoke(app, ["init", "--home", str(home.root)]).exit_code == 0
    Vault(home.vault).save(Note("", "", "Oaks", "Oaks last three hundred years.", Visibility.PRIVATE))
    done = RUN.invoke(app, ["ask", "how", "long", "do", "oaks", "last?", "--home", str(home.root), "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.output)
    assert [note["title"] for note in answer["notes"]] == ["Oaks"]
    assert answer["notes"][0]["quotes"][0]["marked"]
    for question in ("Which submarine?", "???", "x" * 10_000):
        assert RUN.invoke(app, ["ask", question, "--home", str(home.root)]).exit_code == 0
    judged = RUN.invoke(app, ["ask", "oaks last", "--home", str(home.root), "--that", "7"])
    assert judged.exit_code != 0
    assert "there is no note 7" in str(judged.exception)
