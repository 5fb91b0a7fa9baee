"""Processes of a study come up within their deadline or say why not, and nothing of them stays."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from weal_simulations.town.processes import ProcessError, Processes, Started

pytestmark = pytest.mark.together

SERVES = "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), None); print('port', s.server_port, flush=True)\n"
STUBBORN = (
    "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
    "print('ready', child.pid, flush=True)\ntime.sleep(600)\n"
)


def module(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def ready(processes: Processes, one: Started, pattern: str) -> int:
    return int(processes.wait(one, "it was ready", lambda: one.said(pattern), 20.0).group(1))


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_ends_with_its_port_and_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(tmp_path, monkeypatch, "serves", SERVES + "s.serve_forever()\n")
    with Processes() as processes:
        one = processes.start("server", "serves")
        port = ready(processes, one, r"port (\d+)")
        assert [name for name, size in processes.memory() if size > 1] == ["server"]
        assert answers(port)
    assert not processes.root.exists()
    assert not psutil.pid_exists(one.process.pid)
    assert not answers(port)


def test_one_that_will_not_end_is_killed_and_so_is_its_orphan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(tmp_path, monkeypatch, "stubborn", STUBBORN)
    monkeypatch.setattr("weal_simulations.town.processes.STOP_S", 0.3)
    seen: list[tuple[Started, int]] = []

    def study() -> None:
        with Processes() as processes:
            one = processes.start("stubborn", "stubborn")
            seen.append((one, ready(processes, one, r"ready (\d+)")))
            raise ZeroDivisionError  # the study's own fault comes through, and all the same nothing stays

    with pytest.raises(ZeroDivisionError):
        study()
    [(one, orphan)] = seen
    assert one.process.returncode == -signal.SIGKILL
    assert not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE
    assert not one.output.exists()


def test_one_that_is_not_seen_while_it_ends_is_still_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An ending process is unseen for microseconds, too short to hit for real: here nothing is ever seen.
    module(tmp_path, monkeypatch, "slow", "import time; time.sleep(0.5)\n")
    monkeypatch.setattr(Processes, "alive", lambda _: [])
    with Processes() as processes:
        one = processes.start("slow", "slow")
    assert one.process.returncode is not None


def test_last_words_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(tmp_path, monkeypatch, "fails", "raise SystemExit('the cellar is flooded')\n")
    with Processes() as processes:
        one = processes.start("fails", "fails")
        with pytest.raises(ProcessError, match="fails ended before it was ready: the cellar is flooded"):
            ready(processes, one, r"(\d+)")
        with pytest.raises(ProcessError, match="failed: the cellar is flooded"):
            processes.run("fails")
        patient = processes.start("patient", "timeit", "-n1", "-r1", "import time; time.sleep(60)")
        with pytest.raises(ProcessError, match=r"patient: it was ready took longer than 0 s: it said nothing"):
            processes.wait(patient, "it was ready", lambda: None, 0.0)
        with pytest.raises(ProcessError, match="took longer than 0 s"):
            processes.run("timeit", "-n1", "-r1", "import time; time.sleep(60)", timeout_s=0.3)


def test_settings_of_the_one_who_studies_do_not_leak_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(tmp_path, monkeypatch, "shows", "import os; print(sorted(n for n in os.environ if n[:5] == 'WEAL_'))\n")
    monkeypatch.setenv("WEAL_HOME", "/nowhere")
    with Processes() as processes:
        assert processes.run("shows", WEAL_PUBLISH_DELAY_S="0") == "['WEAL_PUBLISH_DELAY_S']\n"


def test_the_command_names_a_folder_that_is_no_export(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "weal_simulations", "demo", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "300"})
    assert done.returncode == 1
    assert "is no Polis export: it lacks comments.csv and participants-votes.csv." in done.stderr
    assert "Point --data at the folder" in done.stderr
    assert done.stdout == ""
