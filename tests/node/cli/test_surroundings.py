"""A machine that is short of something: the command says of what and what helps, nothing is lost, and there is no traceback."""

import asyncio
import contextlib
import errno
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import NodeError, NoRoomError, VaultError
from weal_node.importing import watcher
from weal_node.outbound import channel, models
from weal_node.outbound.answers import ModelError
from weal_node.outbound.providers import Provider
from weal_node.records import Note, Visibility
from weal_node.store.database import Database
from weal_node.upkeep.supervisor import Supervisor
from weal_node.vault import history
from weal_node.vault.folder import Vault

pytestmark = pytest.mark.slow

FAILSAFE_S = 120


@pytest.fixture
def place(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.root.mkdir()
    set_up(made, "ada")
    made.lock.touch()
    return made


def weal(place: Home, *arguments: str | bytes, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the command as a person does, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "weal_node", *arguments, "--home", str(place.root)],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=FAILSAFE_S,
        check=False,
    )
    assert b"Traceback" not in done.stdout + done.stderr, done.stderr.decode()
    return done


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    return ballast


def test_a_full_disk_is_named_and_loses_nothing(small: Path) -> None:
    place = Home(small / "home")
    place.root.mkdir()
    set_up(place, "ada")
    place.lock.touch()
    kept = Vault(place.vault).save(Note("", "", "Kept", "Old words.\n", Visibility.PRIVATE))
    before = (place.vault / kept.path).read_bytes()
    ballast = fill(small)
    for arguments in (
        ("note", "--title", "New", "New words."),
        ("backup", str(small / "b.age"), "--recipient", "age1x"),
    ):
        done = weal(place, *arguments)
        assert done.returncode == 1
        assert b"full" in done.stderr
    vault = Vault(place.vault)
    with pytest.raises((OSError, NodeError)):
        vault.save(Note(kept.id, kept.path, "Kept", "Over it.\n" * 5_000, Visibility.PRIVATE))
    assert (place.vault / kept.path).read_bytes() == before
    ballast.unlink()
    done = weal(place, "note", "--title", "New", "New words.")
    assert done.returncode == 0, done.stderr
    assert history.at(place.vault, history.head(place.vault), kept.path) == before
    assert history.check(place.vault) == ""


def test_a_full_disk_while_text_waits_to_be_kept_writes_over_nothing(small: Path) -> None:
    (small / "vault").mkdir()
    history.create(small / "vault")
    vault = Vault(small / "vault")
    text = os.urandom(60_000).hex().encode()
    (vault.root / "n.md").write_bytes(text)
    ballast = fill(small)
    with pytest.raises(VaultError, match=r"git says|could not be started"):
        vault.put([("n.md", b"x")], "Change")
    assert (vault.root / "n.md").read_bytes() == text
    ballast.unlink()
    history.recover(vault.root)
    vault.put([("n.md", b"x")], "Change")
    assert [history.at(vault.root, one.id, "n.md") for one in history.versions(vault.root, "n.md")] == [b"x", text]


def test_a_full_disk_leaves_the_database_usable(small: Path) -> None:
    database = Database(small / "node.db")
    try:
        database.write_now(lambda connection: connection.execute("CREATE TABLE big (cell BLOB)"))
        ballast = fill(small)

        def grow(connection: sqlite3.Connection) -> None:
            for _ in range(100):
                connection.execute("INSERT INTO big VALUES (randomblob(100000))")

        for _ in range(2):
            with pytest.raises(NoRoomError, match="full"):
                database.write_now(grow)
        ballast.unlink()
        database.write_now(lambda connection: connection.execute("INSERT INTO big VALUES (1)"))
        assert database.read_now(lambda connection: connection.execute("SELECT count(*) FROM big").fetchone()) == (1,)
    finally:
        database.close()


@pytest.fixture(scope="session")
def latin(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a locale in Latin-1."""
    folder = tmp_path_factory.mktemp("locale")
    refuse = pytest.fail if os.environ.get("WEAL_NO_SKIP") else pytest.skip
    if shutil.which("localedef") is None:
        refuse("no localedef to make a Latin-1 locale with: apt-get install locales")
    command = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        refuse("no sources of a Latin-1 locale: apt-get install locales")
    return str(folder)


TITLE = "Füchse \U0001f98a und \u200bmehr"


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "en_US"},
    ],
    ids=str,
)
def test_titles_are_said_in_any_locale(surroundings: dict[str, str], place: Home, latin: str) -> None:
    environment = surroundings | {"LOCPATH": latin}
    Vault(place.vault).save(Note("", "", TITLE, "Grüße \U0001f98a\n", Visibility.PRIVATE))
    (place.vault / "Zettel \U0001f98a.md").write_bytes("größer\n".encode())
    place.settings.write_text('name = "Zoë \U0001f98a"\n', encoding="utf-8")
    done = weal(place, "note", "--title", f"Noch {TITLE}", "Grüße.", **environment)
    assert done.returncode == 0, done.stderr
    written = [one for one in place.vault.glob("*.md") if "Noch" in one.name]
    assert ["Grüße.".encode() in one.read_bytes() for one in written] == [True]
    assert TITLE in written[0].read_text("utf-8")
    if surroundings.get("LC_ALL") == "en_US":  # as a terminal of that locale hands it over
        weal(place, "note", "--title", "Caf\udce9".encode("latin-1", "surrogateescape"), "x", **environment)
        assert (place.vault / "Café.md").exists()
    for arguments in (("doctor",), ("forget", "note", TITLE, "--yes")):
        weal(place, *arguments, **environment)


def fake_git(tmp_path: Path, script: str) -> str:
    """A PATH on which another git comes first."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    real = shutil.which("git")
    (tmp_path / "bin/git").write_text(f"#!/bin/sh\nreal={real}\n{script}\n")
    (tmp_path / "bin/git").chmod(0o755)
    return f"{tmp_path / 'bin'}:{os.environ['PATH']}"


OLD = 'case "$*" in *version*) echo "git version 2.17.1";; *) exec $real "$@";; esac'
LACKS = 'case "$*" in *fast-import*) echo "error: unknown option: done" >&2; exit 129;; *) exec $real "$@";; esac'
ODD = "echo what; exit 1"


@pytest.mark.parametrize(
    ("script", "said"),
    [(OLD, b"git 2.17 is too old"), (LACKS, b"unknown option"), (ODD, b"git"), ("", b"not installed")],
)
def test_a_git_that_will_not_do_is_named(script: str, said: bytes, place: Home, tmp_path: Path) -> None:
    kept = Vault(place.vault).save(Note("", "n.md", "", "Kept.\n", Visibility.PRIVATE))
    (place.vault / kept.path).write_bytes(b"the only copy")
    if script:
        path = fake_git(tmp_path, script)
    else:
        (tmp_path / "empty").mkdir()
        path = str(tmp_path / "empty")
    done = weal(place, "doctor", PATH=path)
    assert done.returncode == 1 or script == LACKS
    if script != LACKS:
        assert said in done.stdout
    fresh = Home(tmp_path / "fresh")
    if script != LACKS:
        done = weal(fresh, "init", PATH=path)
        assert (done.returncode, said in done.stderr, b"Install git" in done.stderr) == (1, True, True)
    before = os.environ["PATH"]
    os.environ["PATH"] = path
    try:
        with pytest.raises(VaultError) as fault:
            Vault(place.vault).save(Note("", "n.md", "", "Over it.\n", Visibility.PRIVATE))
    finally:
        os.environ["PATH"] = before
    assert fault.value.hint
    assert (place.vault / kept.path).read_bytes() == b"the only copy"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
async def test_where_nothing_can_be_watched_everything_is_looked_at(
    number: int, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands in for the system's limit, which holds for everybody on this machine: it cannot be lowered for a test alone."""

    async def refuses(*_: object, **__: object) -> AsyncIterator[object]:
        if number:
            raise OSError(number, "OS file watch limit reached")
        yield None

    monkeypatch.setattr(watcher, "awatch", refuses)
    monkeypatch.setattr(watcher, "POLL_S", 0.01)
    watch, seen = Supervisor(), asyncio.Event()
    vault, database = Vault(place.vault), Database(place.database)
    real = watcher.look

    async def look(*given: object) -> list[str]:
        done = await real(*given)  # type: ignore[arg-type]  # handed on as they came
        if "late.md" in done:
            seen.set()
        elif not (place.vault / "late.md").exists():
            (place.vault / "late.md").write_text("Written after the first look.\n")
        return done

    monkeypatch.setattr(watcher, "look", look)
    try:
        watch.start(
            "vault",
            lambda: watcher.attend(database, vault, Settings(), lambda: 0, lambda text: watch.remark("vault", text)),
        )
        await asyncio.wait_for(seen.wait(), FAILSAFE_S)
        (standing,) = watch.standing()
        assert (standing.state, standing.faults) == ("running", 0)
        assert "fs.inotify.max_user_" in standing.remark
    finally:
        await watch.stop()
        database.close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a proxy that the environment names is asked for; it answers nothing."""
    asked: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listening.accept()
                with caller:
                    asked.append(caller.recv(200))

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "GRPC_PROXY", "http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    thread = threading.Thread(target=serve)
    thread.start()
    yield asked
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(FAILSAFE_S)


async def test_no_connection_of_a_node_goes_through_a_proxy(proxy: list[bytes]) -> None:
    """To a port on which nobody listens: whoever hears of it is the proxy, or no one."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"localhost:{port}"):
        made = channel.connect(address, b"")
        call: Any = made.unary_unary("/x/y")
        with pytest.raises(grpc.aio.AioRpcError):
            await call(b"", timeout=FAILSAFE_S)
        await made.close()
        for tier in ("local", "trusted"):
            with pytest.raises(ModelError):
                await models.send(Provider("m", f"http://{address}", "m", tier), b"{}", 5.0)
    assert proxy == []


def test_the_command_line_reaches_its_node_past_a_proxy(proxy: list[bytes], place: Home) -> None:
    done = weal(place, "login")
    assert b"not running" in done.stderr
    assert proxy == []
