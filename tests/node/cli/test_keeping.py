"""The commands of a node that does not run: notes, import, export, backup and restore, forget."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from weal_node.__main__ import app

pytestmark = pytest.mark.slow


def weal(*arguments: object, home: Path, given: str | None = None, status: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(app, [str(one) for one in arguments] + ["--home", str(home), "--json"], input=given)
    assert done.exit_code == status, (done.output, done.exception)
    return dict(json.loads(done.stdout)) if status == 0 else {}


def test_a_life_of_notes_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, there = tmp_path / "home", tmp_path / "there"
    there.mkdir()
    (there / "Old.md").write_text("# Old\nRing 030/1234567.\n")
    monkeypatch.setenv("WEAL_PASSPHRASE", "twelve odd words")
    weal("init", home=home)
    first = weal("note", "Plain thought", "--folder", "ideas", home=home)
    assert (first["path"], first["visibility"], first["held"], first["first"]) == (
        "ideas/Plain thought.md",
        "private",
        "",
        True,
    )
    assert (
        weal("note", "--visibility", "public", home=home, given="From a pipe\nkey: ghp_" + "a1B2" * 9)["held"]
        == "an API key"
    )
    assert weal("note", "--file", there / "Old.md", "--visibility", "private", home=home)["path"] == "Old.md"
    plan = weal("import", there, "--plan", home=home)["plan"]
    assert (plan["new"], plan["flagged"], plan["into"]) == (1, 1, "there")
    assert weal("import", there, "--yes", home=home)["written"] == 1
    assert weal("import", there, "--yes", home=home)["written"] == 0
    assert weal("export", tmp_path / "out", home=home)["files"] > 10
    kept = weal("backup", tmp_path / "weal.age", home=home)
    again = tmp_path / "again"
    looked = weal("restore", tmp_path / "weal.age", "--dry-run", home=again)
    assert looked["files"] == kept["files"] == len(looked["manifest"])
    assert not again.exists()
    weal("restore", tmp_path / "weal.age", home=again)
    assert (again / "vault/there/Old.md").read_bytes() == (there / "Old.md").read_bytes()
    gone = weal("forget", "note", "there/Old.md", "--yes", home=again)
    assert (gone["versions"], gone["remains"]) == (1, [])
    weal("forget", "everything", "--yes", home=again)
    assert not again.exists()
    weal("note", "x", home=again, status=1)


def test_a_folder_of_notes_becomes_the_vault(tmp_path: Path) -> None:
    there = tmp_path / "obsidian"
    (there / ".obsidian").mkdir(parents=True)
    (there / "Idea.md").write_text("# Idea\n")
    weal("init", "--vault", there, home=tmp_path / "home")
    weal("note", "Another", "--visibility", "private", home=tmp_path / "home")
    assert sorted(path.name for path in there.iterdir()) == [".obsidian", "Another.md", "Idea.md"]
    weal("init", "--vault", tmp_path, home=tmp_path / "inside", status=1)
