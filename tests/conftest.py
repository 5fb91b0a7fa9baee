"""What every test of the house shares: the rule about what may be skipped, and how a real node is started."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two torch threads on two busy cores are far slower than one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests where Chromium is missing, with the reason; refuse to, where nothing may be skipped."""
    if shutil.which("chromium"):
        return
    if os.environ.get("WEAL_NO_SKIP") and any(item.get_closest_marker("browser") for item in items):
        pytest.exit("Chromium is missing, and WEAL_NO_SKIP asks for the browser tests", returncode=1)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))


@dataclass
class NodeProcess:
    """A real node of its own home, started by the command that a person would use."""

    home: Path
    process: subprocess.Popen[str]
    address: str
    link: str
    output: Path

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, SIGTERM unless told, and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


StartNode = Callable[..., NodeProcess]


@pytest.fixture
def start_node(tmp_path: Path) -> Iterator[StartNode]:
    """Return a function that runs `weal up` in a home (by name) on a free port and waits for its login link."""
    started: list[NodeProcess] = []

    def start(name: str = "ada", **settings: object) -> NodeProcess:
        home, output = tmp_path / name, tmp_path / f"{name}-{len(started)}.log"
        environment = os.environ | {"WEAL_NAME": name.capitalize(), "OMP_NUM_THREADS": "1"}
        environment |= {f"WEAL_{key.upper()}": str(value) for key, value in settings.items()}
        command = [sys.executable, "-m", "weal_node", "up", "--home", str(home), "--port", "0"]
        with output.open("w") as sink:
            process = subprocess.Popen(
                command, stdout=sink, stderr=subprocess.STDOUT, env=environment, text=True, start_new_session=True
            )
        node = NodeProcess(home, process, "", "", output)
        started.append(node)
        deadline = time.monotonic() + 60
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/login\?token=\S+", output.read_text())):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.02)
        node.address, node.link = found.group(1), found.group(0)
        return node

    yield start
    for node in started:
        node.stop()


@dataclass
class CoordinatorProcess:
    """A real coordinator of its own home."""

    home: Path
    process: subprocess.Popen[str]

    def invite(self) -> str:
        """One fresh invite."""
        command = [sys.executable, "-m", "weal_coordinator", "invite", "--home", str(self.home), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return str(json.loads(done.stdout)["invites"][0])


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[CoordinatorProcess]:
    """A community on free ports, ready."""
    home, output = tmp_path / "community", tmp_path / "community.log"
    weal = [sys.executable, "-m", "weal_coordinator"]
    subprocess.run([*weal, "init", "--home", str(home), "--name", "commons"], check=True, capture_output=True)
    settings = home / "coordinator.toml"
    free = re.sub(r"^(\w+_port) *=.*$", r"\1 = 0", settings.read_text(), flags=re.MULTILINE)
    settings.write_text(free)
    with output.open("w") as sink:
        process = subprocess.Popen(
            [*weal, "up", "--home", str(home)], stdout=sink, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    deadline = time.monotonic() + 60
    while not (home / "running.json").exists():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)
    yield CoordinatorProcess(home, process)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
