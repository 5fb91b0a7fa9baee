"""Real processes of a study: started in a temporary home, waited for with a deadline, and gone when the block ends.

Whatever was started here, however many steps away, has its TMPDIR or HOME in the study's home: that is how leftovers
are found, also those whose parent has died.
"""

import contextlib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import psutil

from weal_protocol.errors import WealError

POLL_S = 0.05
STOP_S = 20.0  # from SIGTERM to SIGKILL
KILL_S = 5.0
TAIL = 1_500  # characters of a process's last words in a fault
T = TypeVar("T")


class ProcessError(WealError):
    """A process of the study did not start, failed, or did not end."""


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started here. output: the file that holds what it says."""

    name: str
    home: Path
    process: "subprocess.Popen[bytes]"
    output: Path

    def said(self, pattern: str) -> re.Match[str] | None:
        """Return the first place in its output that fits the pattern, None while there is none."""
        return re.search(pattern, self.output.read_text(errors="replace"))


@dataclass
class Processes:
    """All processes of one study, in `root`: a new temporary folder that is deleted at the end.

    Use as a context manager. On the way out, with or without a fault, everything is stopped, last started first;
    ProcessError says what could not be removed, unless another fault is on its way.
    """

    root: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="weal-")))
    started: list[Started] = field(default_factory=list)

    def __enter__(self) -> "Processes":
        (self.root / "tmp").mkdir(exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        left = self.stop()
        if left and fault is None:
            raise ProcessError(f"something was left behind: {'; '.join(left)}", "End it by hand")

    def start(self, name: str, *arguments: str, **settings: str) -> Started:
        """Start `python -m ARGUMENTS` in a session of its own; settings are added to its environment."""
        home, output = self.home(name), self.root / f"{name}.log"
        with output.open("ab") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment(settings),
                start_new_session=True,
            )
        one = Started(name, home, process, output)
        self.started.append(one)
        return one

    def wait(self, one: Started, what: str, found: Callable[[], T | None], deadline_s: float) -> T:
        """Return what `found` returns once it is not None; ProcessError with the process's last words otherwise."""
        end = time.monotonic() + deadline_s
        while (value := found()) is None:
            if one.process.poll() is not None:
                raise ProcessError(f"{one.name} ended before {what}: {self._last_words(one)}")
            if time.monotonic() > end:
                raise ProcessError(f"{one.name}: {what} took longer than {deadline_s:.0f} s: {self._last_words(one)}")
            time.sleep(POLL_S)
        return value

    def run(self, *arguments: str, timeout_s: float = 900.0, **settings: str) -> str:
        """Run `python -m ARGUMENTS` to its end and return its standard output; ProcessError when it fails."""
        command = [sys.executable, "-m", *arguments]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
                env=self._environment(settings),
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as fault:
            raise ProcessError(f"{' '.join(arguments[:2])} took longer than {timeout_s:.0f} s") from fault
        if done.returncode != 0:
            raise ProcessError(f"{' '.join(arguments[:2])} failed: {(done.stderr or done.stdout)[-TAIL:].strip()}")
        return done.stdout

    def home(self, name: str) -> Path:
        """Return the folder that belongs to this name."""
        return self.root / name

    def memory(self) -> list[tuple[str, float]]:
        """Return (name, resident MB) of every process alive: those started here by name, their children by module."""
        names = {one.process.pid: one.name for one in self.started}
        rows = []
        for process in self.alive():
            with contextlib.suppress(psutil.Error):
                name = names.get(process.pid) or _module(process.cmdline())
                rows.append((name, round(process.memory_info().rss / 1e6, 1)))
        return sorted(rows)

    def stop(self) -> list[str]:
        """Stop everything, delete the home, and return what is left: processes, ports, files."""
        with _undisturbed():
            listening = {port for process in self.alive() for port in _ports(process)}
            for one in reversed(self.started):
                _signal([one.process.pid], signal.SIGTERM)
            end = time.monotonic() + STOP_S
            while self.alive() and time.monotonic() < end:
                time.sleep(POLL_S)
            end = time.monotonic() + KILL_S
            while (alive := self.alive()) and time.monotonic() < end:
                _signal([process.pid for process in alive], signal.SIGKILL)
                time.sleep(POLL_S)
            self._reap()
            left = [f"process {process.pid}" for process in self.alive()]
            left += [f"port {port}" for port in sorted(listening) if _answers(port)]
            shutil.rmtree(self.root, ignore_errors=True)
            if self.root.exists():
                left.append(f"folder {self.root}")
        return left

    def _reap(self) -> None:
        # A process that is ending has no environment any more, so `alive` may miss it a moment before it is gone.
        for one in self.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.process.wait(KILL_S)

    def alive(self) -> list[psutil.Process]:
        """Return those of ours that have not ended, and what they started."""
        for one in self.started:
            one.process.poll()  # reaps it
        return [process for process in psutil.process_iter() if self._ours(process)]

    def _ours(self, process: psutil.Process) -> bool:
        if process.pid == os.getpid():
            return False
        root = str(self.root)
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            environment = process.environ()
        except psutil.Error:
            return False  # it has just ended, or belongs to someone else
        return any(environment.get(name, "").startswith(root) for name in ("TMPDIR", "HOME"))

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEAL_")}
        return kept | {"TMPDIR": str(self.root / "tmp"), "OMP_NUM_THREADS": "1", "NO_COLOR": "1"} | settings

    def _last_words(self, one: Started) -> str:
        return one.output.read_text(errors="replace")[-TAIL:].strip() or "it said nothing"


def _module(command: Sequence[str]) -> str:
    """Return the last part of what `python -m MODULE` runs, else the program's name: "superlink", "federation"."""
    modules = [after for before, after in itertools.pairwise(command) if before == "-m"]
    programs = [Path(part).name for part in command[:2] if not Path(part).name.startswith("python")]
    return (modules[0].rsplit(".", 1)[-1] if modules else "") or next(iter(programs), "process")


def _ports(process: psutil.Process) -> set[int]:
    try:
        return {one.laddr.port for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    except psutil.Error:
        return set()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C stop the cleaning up; only the main thread may set handlers, elsewhere it cannot come."""
    try:
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
