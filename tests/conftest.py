"""What every test of the house shares: what may be skipped; how a real node, coordinator or PostgreSQL is started."""

import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from support import laws
from support.databases import ready_made
from support.waiting import PATIENCE_S, until

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two torch threads on two busy cores are far slower than one


# Folders in which every test bears this marker (tests/architecture/test_habits.py).
MARKED = {"together": "together", "browser": "browser", "node/web/requests": "slow"}


def pytest_configure(config: pytest.Config) -> None:
    """Try laws with fewer inputs where the slow tests are left out. How long an input takes is the machine's business."""
    laws.few = "not slow" in config.option.markexpr
    settings.register_profile("weal", deadline=None, max_examples=laws.examples(100))
    settings.load_profile("weal")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests where Chromium is missing, with the reason; refuse to, where nothing may be skipped."""
    if shutil.which("chromium"):
        return
    if os.environ.get("WEAL_NO_SKIP") and any(item.get_closest_marker("browser") for item in items):
        pytest.exit("Chromium is missing, and WEAL_NO_SKIP asks for the browser tests", returncode=1)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what the markers leave out whole: servers, browsers and makers of requests take long to import."""
    marker = MARKED.get(os.path.relpath(collection_path, Path(__file__).parent))
    return True if marker and f"not {marker}" in config.option.markexpr else None


@pytest.fixture(scope="session", autouse=True)
def names_of_this_machine() -> Iterator[None]:
    """Lead `*.localhost` to this machine, as browsers do by themselves (RFC 6761, 6.3); what stands for one in tests asks Python, whose system need not."""
    asked = socket.getaddrinfo

    def answered(host: Any, *rest: Any, **further: Any) -> Any:
        local = isinstance(host, str) and host.endswith(".localhost")
        return asked("127.0.0.1" if local else host, *rest, **further)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", answered)
        yield


@pytest.fixture(scope="session", autouse=True)
def databases_begin_as_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare every test the migrations of its empty databases."""
    with ready_made(tmp_path_factory.mktemp("databases")):
        yield


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
        return self.process.wait(timeout=PATIENCE_S)


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

        def link() -> re.Match[str] | None:
            assert process.poll() is None, output.read_text()
            return re.search(r"(http://[a-z2-7]{32}\.localhost:\d+)/login\?token=\S+", output.read_text())

        found = until(link, output.read_text)
        assert found is not None
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
    until(lambda: (home / "running.json").exists() or process.poll() is not None, output.read_text)
    assert process.poll() is None, output.read_text()
    yield CoordinatorProcess(home, process)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=PATIENCE_S)


@dataclass
class PostgresServer:
    """A real PostgreSQL of our own on a Unix socket: nothing of it listens on a port, and it trusts whoever reaches it."""

    folder: Path
    programs: Path
    user: str
    made: list[str] = field(default_factory=list)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as its user; it refuses root."""
        command = [str(self.programs / program), *arguments]
        if (
            os.geteuid() == 0
        ):  # by a program: `user=` makes Python fork, which gRPC's threads in this process do not survive
            command = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *command]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start it and wait until it answers; what is in memory need not survive."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"
        log = str(self.folder / "log")
        self.run("pg_ctl", "start", "-w", "-s", "-D", str(self.folder / "data"), "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self.run("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", str(self.folder / "data"))

    def database(self) -> str:
        """The URL of a fresh, empty database."""
        self.made.append(f"weal_{len(self.made)}")
        self.run("createdb", "-h", str(self.folder), "-U", self.user, self.made[-1])
        return f"postgresql://{self.user}@/{self.made[-1]}?host={self.folder}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for the session. Skipped where its programs are missing; not so where nothing may be skipped."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if not found:
        refuse = pytest.fail if os.environ.get("WEAL_NO_SKIP") else pytest.skip
        refuse("PostgreSQL is missing: apt-get install postgresql")
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    # Where every account may go: pytest's own folders, and many a TMPDIR, are closed to others; a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="weal-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, user, user)
    server = PostgresServer(folder, found[-1].parent, user)
    server.run("initdb", "-D", str(folder / "data"), "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)
