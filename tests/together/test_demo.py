"""The whole house in one run, small: made-up people, a crowd of twenty, one round. And a run that is broken off.

So few people cannot be protected by noise: the floor of the population is set to ten here, and only here, so that a
release is made at all. The statements' components are random numbers. Nothing is claimed about predictions from either.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import psutil
import pytest

from support.waiting import PATIENCE_S, until
from weal_node.features.fit_projection import statements
from weal_protocol.representation import COMPONENTS
from weal_simulations.town.bargains import WISHES
from weal_simulations.town.demo import Staging, demo
from weal_simulations.worlds.people import Population, make

pytestmark = [pytest.mark.together, pytest.mark.slow]
SMALL = Staging(crowd=20, fewest=24, fewest_in_crowd=5, rounds=1, sampling_rate=0.5, population_floor=10)
PEOPLE = make(statements()[:40], np.random.default_rng(1).normal(size=(40, COMPONENTS)), 3, Population(people=40))
FIGURES = ("accuracy_private", "accuracy_global", "log_loss_private", "log_loss_global")


def ours(folder: Path) -> list[int]:
    """Return the processes that were started below a folder for temporary files."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR", "").startswith(f"{folder}{os.sep}"):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_a_small_run_shows_everything_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said: list[str] = []
    with demo(PEOPLE, 3, SMALL, said.append) as shown:
        found = shown.found
        assert ours(tmp_path)
        assert len(set(shown.links())) == 3
    assert list(found) == ["nodes", "rounds", "deals", "disclosures", "processes"]
    assert [set(one) for one in found["nodes"]] == [{"labels", *FIGURES, "release"}] * 3
    assert {one["labels"] for one in found["nodes"]} == {20}
    assert {one["release"] for one in found["nodes"]} <= {0, 1}  # each node tried it, and may have kept the prior
    assert all(0 <= one["accuracy_private"] <= 1 and 0 < one["log_loss_global"] < 14 for one in found["nodes"])
    [only] = found["rounds"]
    assert set(only) == {"number", "sampled", "used", "epsilon"}
    assert only["number"] == 1
    assert 0 <= only["used"] <= only["sampled"] <= 23
    assert 0 < only["epsilon"] < 8
    # Whether a swap is worth it to both is theirs, and the noise's of the round, to say; what came to nothing is told.
    nothing = sum(all(any(f"no {wish[1]} for {wish[0]} " in line for line in said) for wish in of) for of in WISHES)
    assert len(found["deals"]) + nothing == 2, said
    for deal in found["deals"]:
        assert len(deal["parties"]) == len(deal["outcome_labels"]) == len(set(deal["outcome_labels"])) == 2
        assert sorted(deal["ratified_by"]) == sorted(deal["parties"])
        assert re.fullmatch("[0-9a-f]{64}", deal["agreement_sha256"])
        assert min(deal["gains"]) > 0
        assert deal["messages"] > 0
    assert {one["node"] for one in found["disclosures"]} == {"node-1", "node-2", "node-3"}
    assert {"member card", "note", "sealed frame"} <= {one["what"] for one in found["disclosures"]}
    assert all(set(one) == {"node", "to", "bytes", "what"} for one in found["disclosures"])
    names = {one["name"] for one in found["processes"]}
    assert {"coordinator", "superlink", "crowd", "node-1", "node-2", "node-3"} <= names
    assert ours(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_broken_off_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path), "COLUMNS": "200"}
    with (tmp_path / "said").open("w+") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "weal_simulations", "demo", "--json"],
            stdout=subprocess.DEVNULL,
            stderr=sink,
            env=environment,
            start_new_session=True,
        )
        said = (tmp_path / "said").read_text
        until(lambda: "The others join" in said() or process.poll() is not None, said)
        assert process.poll() is None, said()
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE_S) != 0
    assert ours(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["said"]
    assert "Traceback" not in (tmp_path / "said").read_text()
