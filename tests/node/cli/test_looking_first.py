"""Commands look before they ask, doctor answers though the node does not, and each program says its version and how to be used."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from weal_node.__main__ import app, run
from weal_node.app.lock import HomeLock
from weal_node.cli import living
from weal_node.config import Home

pytestmark = pytest.mark.slow

PASSPHRASE = "twelve odd words"


def weal(*arguments: object, home: Path, given: str = "") -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home)], input=given)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert weal("init", home=tmp_path / "home").exit_code == 0
    return tmp_path / "home"


@contextlib.contextmanager
def hanging(home: Path, how: str) -> Iterator[None]:
    """What a node looks like from outside that holds its home and gives no answer: it says nothing, or a byte now and then."""
    place, end = Home(home), threading.Event()
    with HomeLock(place), socket.create_server(("127.0.0.1", 0)) as door:
        place.running.write_text(json.dumps({"port": door.getsockname()[1], "pid": os.getpid()}))
        place.page_name.write_text("a" * 32 + ".localhost")
        place.control.write_text("token")
        calls: list[socket.socket] = []

        def drip() -> None:
            with contextlib.suppress(OSError):
                call, _ = door.accept()
                calls.append(call)
                call.sendall(b"HTTP/1.1 200 OK\r\n")
                while not end.wait(0.02):
                    call.sendall(b"X-Not-Yet: x\r\n")

        dripping = threading.Thread(target=drip)
        if how == "drips":
            dripping.start()
        try:
            yield
        finally:
            end.set()
            with contextlib.suppress(OSError):  # wakes who still waits for a call
                socket.create_connection(door.getsockname()).close()
            if how == "drips":
                dripping.join()
            for call in calls:
                call.close()


@pytest.mark.parametrize("how", ["says nothing", "drips"])
def test_doctor_answers_by_itself_while_the_node_does_not(
    home: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(living, "ALIVE_S", 0.5)  # nothing comes, however long
    with hanging(home, how):
        done = weal("doctor", "--json", home=home)
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    checks = {one["name"]: one for one in report["checks"]}
    assert not checks["node"]["ok"]
    assert "weal up" in checks["node"]["detail"]
    assert checks["database"]["ok"]
    assert checks["vault"]["ok"]


def test_a_node_whose_files_are_gone_is_looked_at_from_outside(home: Path) -> None:
    with HomeLock(Home(home)):
        done = weal("doctor", "--json", home=home)
    assert {one["name"]: one["ok"] for one in json.loads(done.stdout)["checks"]}["node"] is False


def test_forget_says_what_would_be_lost_before_it_asks_and_asks_nothing_about_nothing(home: Path) -> None:
    saved = json.loads(weal("note", "A secret map", "--json", home=home).stdout)
    for wanted in ("nowhere.md", "f" * 32):
        done = weal("forget", "note", wanted, home=home, given="y\n")
        assert done.exit_code == 1
        assert "for good" not in done.output
    assert weal("forget", "label", "f" * 32, home=home, given="y\n").exit_code == 1
    asked = weal("forget", "note", saved["path"], home=home, given="n\n")
    assert "'A secret map' (A secret map.md) for good, with 1 version in the history?" in asked.output
    assert (home / "vault/A secret map.md").exists()
    asked = weal("forget", "everything", home=home, given="n\n")
    assert "1 note with every version, your answers, the ledger, your keys?" in asked.output
    (home / "vault/A secret map.md").unlink()
    gone = weal("forget", "note", saved["path"], home=home, given="y\n")
    assert "whose file is gone" in gone.output
    assert "Nothing of it is left on this node." in gone.output
    assert weal("forget", "everything", home=home.parent / "none", given="y\n").exit_code == 1


def test_restore_and_backup_look_before_they_ask_for_a_passphrase(home: Path, tmp_path: Path) -> None:
    weal("note", "Words", home=home)
    kept, words = tmp_path / "weal.age", tmp_path / "passphrase"
    words.write_text(PASSPHRASE)
    assert weal("backup", kept, "--passphrase-file", words, home=home).exit_code == 0
    (tmp_path / "letter.txt").write_text("Dear Sir")
    for source, into, why in (
        (tmp_path / "none.age", tmp_path / "new", "cannot be read"),
        (tmp_path / "letter.txt", tmp_path / "new", "no backup"),
        (kept, home, "a node with 1 note is"),
    ):
        done = weal("restore", source, home=into, given=f"{PASSPHRASE}\n")
        assert done.exit_code == 1
        assert why in str(done.exception)
        assert "Passphrase" not in done.output
    done = weal("backup", kept, home=home, given=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert "Passphrase" not in done.output
    assert "there already" in str(done.exception)


def test_a_restored_home_that_does_not_read_back_is_not_called_whole(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from weal_node.upkeep import backup as module

    weal("note", "Words", home=home)
    kept, words = tmp_path / "weal.age", tmp_path / "passphrase"
    words.write_text(PASSPHRASE)
    weal("backup", kept, "--passphrase-file", words, home=home)
    assert "read back, all are as in" in weal("restore", kept, "--passphrase-file", words, home=tmp_path / "a").output
    write = module.write_file

    def failing(place: Path, content: bytes) -> None:  # a disk that loses what it was given
        write(place, b"" if place.name == "Words.md" else content)

    monkeypatch.setattr(module, "write_file", failing)
    said = weal("restore", kept, "--passphrase-file", words, home=tmp_path / "b").output
    assert "Not as in the backup, when read back: vault/Words.md" in said
    assert "all are as" not in said


@pytest.mark.parametrize("module", ["weal_node", "weal_coordinator", "weal_simulations"])
def test_every_program_says_its_version_its_help_and_its_completion(module: str) -> None:
    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert said("--version").split()[1][0].isdigit()
    assert "--version" in said("-h")
    assert "--install-completion" in said("-h")


def test_every_command_helps_with_one_letter(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("join", "forget", "restore", "doctor", "note"):
        assert run([command, "-h"]) == 0
        assert "Usage" in capsys.readouterr().out
