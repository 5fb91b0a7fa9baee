"""The command line: help comes at once, a fault is said in two lines with the next step, nothing is traced."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from weal_node.__main__ import run
from weal_node.store import releases
from weal_node.store.database import Database
from weal_node.store.releases import ADOPTED, ReleaseEntry


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for command in (
        "init",
        "up",
        "join",
        "doctor",
        "note",
        "today",
        "login",
        "import",
        "export",
        "backup",
        "restore",
        "forget",
    ):
        assert command in out


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from weal_node.__main__ import run; run(['--help']); "
        "print([name for name in ('torch', 'numpy', 'fastapi', 'grpc', 'httpx', 'cryptography') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("command", [["doctor"], ["note", "x"], ["today"], ["login"]])
def test_without_a_node_the_next_step_is_said(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--home", str(tmp_path / "none")]) == 1
    err = capsys.readouterr().err
    assert "there is no node in" in err
    assert "weal up" in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", [["init"], ["up", "--port", "0"], ["doctor"], ["note", "x"]])
@pytest.mark.parametrize("folder", ["file", "file/x", "file/x/y", "n" * 300, "~nobody.of.this.name/x"])
def test_a_folder_that_cannot_be_is_said(
    command: list[str], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("a file")
    monkeypatch.setenv("WEAL_HOME", folder if folder.startswith("~") else str(tmp_path / folder))
    assert run(command) == 1
    what, hint = capsys.readouterr().err.splitlines()
    assert folder in what
    assert "--home" in hint or "weal init" in hint
    assert (tmp_path / "file").read_text() == "a file"


@pytest.mark.parametrize("target", ["file/x", "file/x.zip"])
def test_what_cannot_be_written_is_said(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "home")
    assert run(["init", "--home", home]) == 0
    (tmp_path / "file").write_text("a file")
    capsys.readouterr()
    assert run(["export", str(tmp_path / target), "--home", home]) == 1
    what, hint = capsys.readouterr().err.splitlines()
    assert f"{tmp_path / 'file'} cannot be used: a file is in the way" in what
    assert "name another" in hint


@pytest.mark.parametrize("invite", ["x", "weal1.", "weal1.e30", "weal1." + "A" * 3_000])
def test_a_damaged_invite_is_said(invite: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["join", invite, "--yes", "--home", str(tmp_path)]) == 1
    assert "invite" in capsys.readouterr().err


def test_a_wrong_option_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--nonsense"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_a_wrong_setting_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "weal.toml").write_text("port = 'many'\n")
    assert run(["up", "--home", str(tmp_path)]) == 1
    assert "wrong type" in capsys.readouterr().err


def test_init_makes_a_node_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    assert run(["init", "--home", str(home), "--name", "Ada", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["home"] == str(home)
    assert home.stat().st_mode & 0o077 == 0
    assert run(["init", "--home", str(home)]) == 1
    assert "already a node" in capsys.readouterr().err


def test_doctor_finds_a_fresh_node_well_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", "--home", str(tmp_path)])
    capsys.readouterr()
    before = sorted(path for path in tmp_path.rglob("*"))
    assert run(["doctor", "--home", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"]
    assert report["rss_mb"] is None
    assert {check["name"] for check in report["checks"]} >= {"keys", "database", "vault", "encoder", "privacy ledger"}
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_doctor_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", "--home", str(tmp_path)])
    (tmp_path / "node.db").write_bytes(b"no database" * 1_000)
    next((tmp_path / "keys").iterdir()).chmod(0o644)
    capsys.readouterr()
    assert run(["doctor", "--home", str(tmp_path), "--json"]) == 1
    wrong = {check["name"] for check in json.loads(capsys.readouterr().out)["checks"] if not check["ok"]}
    assert {"keys", "database"} <= wrong


def test_doctor_names_notes_that_need_a_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", "--home", str(tmp_path)])
    (tmp_path / "vault/Template.md").write_text("---\ncreated: {{date}}\n---\n# {{title}}\n")
    (tmp_path / "vault/Old.md").write_bytes("Grüße".encode("latin-1"))
    capsys.readouterr()
    assert run(["doctor", "--home", str(tmp_path), "--json"]) == 0
    said = {check["name"]: check["detail"] for check in json.loads(capsys.readouterr().out)["checks"]}["vault"]
    assert "Template.md: malformed front matter in line 2" in said
    assert "Old.md is not UTF-8" in said


def test_a_note_is_written_without_a_running_node(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", "--home", str(tmp_path)])
    capsys.readouterr()
    assert (
        run(["note", "Play again.", "--title", "Piano", "--home", str(tmp_path), "--visibility", "private", "--json"])
        == 0
    )
    saved = json.loads(capsys.readouterr().out)
    assert saved["visibility"] == "private"
    assert "Play again." in (tmp_path / "vault" / saved["path"]).read_text()


def test_a_note_for_nobody_knows_whom_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["init", "--home", str(tmp_path)])
    assert run(["note", "x", "--home", str(tmp_path), "--visibility", "secret"]) == 1
    assert "visibility" in capsys.readouterr().err


def test_releases_are_listed_and_one_goes_back_while_no_node_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "node")
    assert run(["init", "--home", place]) == 0
    assert run(["rollback", "--home", place]) == 1
    assert "nothing to go back from" in capsys.readouterr().err
    database = Database(tmp_path / "node" / "node.db")
    for number in (1, 2):
        entry = ReleaseEntry(number, ADOPTED, "no worse", number)
        database.write_now(partial(releases.keep, number=number, raw=b"", now_ms=1))
        database.write_now(partial(releases.enter, entry=entry))
    database.close()
    for arguments, said in ((["rollback"], "release 1"), (["rollback"], "prior"), (["rollback", "2"], "release 2")):
        assert run([*arguments, "--home", place]) == 0
        assert said in capsys.readouterr().out
    assert run(["rollback", "9", "--home", place]) == 1
    assert "no release 9" in capsys.readouterr().err
    assert run(["releases", "--json", "--home", place]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["using"] == 2
    assert [(one["number"], one["act"]) for one in found["history"]] == [
        (1, "adopted"),
        (2, "adopted"),
        (1, "rolled back"),
        (0, "rolled back"),
        (2, "adopted"),
    ]
