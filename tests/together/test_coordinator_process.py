"""The coordinator as a person runs it: founded, started, asked, stopped; then nothing of it is left."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from support.waiting import PATIENCE_S, until
from weal_protocol import invite

pytestmark = pytest.mark.together
PROGRAM = [sys.executable, "-m", "weal_coordinator"]


class Program:
    """The command line, for one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.output = home.with_suffix(".log")
        self.processes: list[subprocess.Popen[bytes]] = []

    def __call__(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run([*PROGRAM, *arguments, "--home", str(self.home)], capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if status == 0 else done.stderr

    def start(self) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as sink:
            command = [*PROGRAM, "up", "--home", str(self.home)]
            process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True)
        self.processes.append(process)
        return process

    def up(self) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        process = self.start()
        until(lambda: self.running(process) is not None or process.poll() is not None)
        running = self.running(process)
        assert running, self.output.read_text()
        return process, running

    def running(self, process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self.home / "running.json").read_text())
        except (OSError, ValueError):
            return None
        return found if found["pid"] == process.pid else None

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self("status", "--json")))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "home")
    made("init", "--name", "commons", "--any-port")
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


def is_open(address: str) -> bool:
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, int(port))) == 0


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_up_and_down_again(program: Program, sign: signal.Signals) -> None:
    assert program.status()["running"] is None
    process, running = program.up()
    ports = [running[name] for name in ("grpc", "fleet", "fleet_private", "web")]
    assert all(is_open(address) for address in ports)
    assert httpx.get(f"{running['web']}/readyz").json() == {"ok": True, "database": True, "superlink": True}
    assert "commons" in httpx.get(running["web"]).text
    found = program.status()
    assert (found["running"]["pid"], found["members"], found["rounds"]) == (process.pid, 1, [])
    assert {row["name"] for row in found["processes"]} == {"coordinator", "superlink"}
    everyone = family(process)
    assert len(everyone) >= 2

    process.send_signal(sign)
    assert process.wait(timeout=PATIENCE_S) == 0
    assert psutil.wait_procs(everyone, timeout=PATIENCE_S)[1] == []
    assert not any(is_open(address) for address in ports)
    assert not (program.home / "running.json").exists()
    assert not (program.home / "superlink.json").exists()
    assert program.status()["running"] is None
    printed = program.output.read_text()
    assert printed.count("Coordinator ready") == 1
    assert "Traceback" not in printed


def test_invites_are_made_while_it_runs_and_each_is_another(program: Program) -> None:
    assert "no coordinator is running" in program("invite", status=1)
    _, running = program.up()
    made = json.loads(program("invite", "--count", "3", "--json"))["invites"]
    parsed = [invite.parse(text) for text in made]
    assert len({one.code for one in parsed}) == 3
    assert {one.grpc for one in parsed} == {running["grpc"]}
    assert invite.parse(program("invite")).community == "commons"
    assert program.status()["invites_open"] == 4
    assert "invites at a time" in program("invite", "--count", "0", status=1)


def test_one_home_is_run_once_and_founded_once(program: Program) -> None:
    process, running = program.up()
    second = program.start()
    assert second.wait(timeout=PATIENCE_S) == 1
    assert "already runs" in program.output.read_text()
    assert process.poll() is None
    assert program.status()["running"] == running
    assert "already is a coordinator" in program("init", "--name", "other", status=1)


def test_after_a_kill_it_starts_again_and_remembers(program: Program) -> None:
    process, _ = program.up()
    program("invite")
    everyone = family(process)
    process.kill()
    process.wait()
    assert psutil.wait_procs(everyone, timeout=PATIENCE_S)[1] == []  # its SuperLink does not outlive it
    assert program.status()["running"] is None
    program.up()
    found = program.status()
    assert (found["invites_open"], found["members"]) == (1, 1)


def test_a_superlink_that_dies_is_started_again(program: Program) -> None:
    _, running = program.up()
    before = json.loads((program.home / "superlink.json").read_text())
    os.kill(before["pid"], signal.SIGKILL)

    def again() -> bool:
        try:
            found = json.loads((program.home / "superlink.json").read_text())
        except (OSError, ValueError):
            return False
        return bool(found["pid"] != before["pid"])

    until(again)
    until(lambda: httpx.get(f"{running['web']}/readyz").status_code == 200)


def test_a_home_that_is_none_is_named(tmp_path: Path) -> None:
    nowhere = Program(tmp_path / "nowhere")
    for command in (["up"], ["status"], ["invite"], ["round"]):
        assert "weal-coordinator init" in nowhere(*command, status=1)


@pytest.mark.parametrize("name", ["grpc_port", "fleet_port", "web_port"])
def test_a_port_that_is_taken_is_named_and_leaves_nothing(program: Program, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = program.home / "coordinator.toml"
        port = taken.getsockname()[1]
        settings.write_text(settings.read_text().replace(f"{name} = 0", f"{name} = {port}"))
        process = program.start()
        until(lambda: process.poll() is not None)
    assert process.returncode == 1
    printed = program.output.read_text()
    assert "taken" in printed
    assert name in printed
    assert "Traceback" not in printed
    assert not (program.home / "superlink.json").exists()
    assert not (program.home / "running.json").exists()
