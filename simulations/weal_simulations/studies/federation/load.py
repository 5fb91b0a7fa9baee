"""What do rounds, and members who only wait, cost a coordinator? Real processes on loopback: coordinator, SuperLink, and the crowd.

Phases, each with a community of its own; `people` scales all of them down for a trial:

    rest     nobody but the coordinator: resident memory of its processes, and whether torch is loaded
    idle     1,000 registered members who wait: processor time of the coordinator's processes over some seconds
    round50  all of 50 members drawn: seconds from the command to the release, twice; processor time by process
    round100 the same of 100
    soak     many rounds of two members and four statements: does memory grow from round to round?

Wall times are of this machine as busy as it is: `busy` says how much of it others took meanwhile (1: all of both cores). Processor time hardly depends on it.
"""

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from weal_protocol.errors import WealError
from weal_protocol.items import item_id
from weal_simulations.bench.machine import Busy, cpu, maps, resident, with_children
from weal_simulations.bench.study import Floor, Progress, Row, Study
from weal_simulations.town.processes import Processes, Started

COORDINATOR, CROWD = "weal_coordinator", "weal_simulations.town.crowd"
QUESTION = "What do rounds, and members who only wait, cost a coordinator?"
OPTIONS = {
    "phases": {
        "option": "--phase",
        "kind": "texts",
        "help": "rest, idle, round50, round100 or soak; may be given again; by default all",
    },
    "rounds": {"kind": "int", "least": 5, "help": "Of the soak, 500 by default"},
}
ALONE = "wants a quiet machine for most of an hour; run it by itself: weal-simulate floors load"
PEOPLE = 1_000  # registered, idle
DRAWN = {"round50": 50, "round100": 100}
WALL_S = {"round50": 15.0, "round100": 20.0}
PHASES = ("rest", "idle", "round50", "round100", "soak")
STATEMENTS, ANSWERS, FEW = 100, 30, 4
TIMES = 2  # rounds of a phase: the first warms up the crowd, the last is reported
IDLE_S, SETTLE_S, REST_S = 60.0, 30.0, 5.0
SOAK_ROUNDS, SOAK_MEMBERS = 500, 2
START_S, JOIN_S, ROUND_S = 90.0, 400.0, 300.0
GROWTH = 0.05  # share by which memory may be larger at the end of the soak than after its first fifth
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadScene:
    """A community that runs. crowd: None at rest."""

    processes: Processes
    coordinator: Started
    crowd: Started | None

    def groups(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of each part: the coordinator's services, its SuperLink with whatever it starts, the crowd."""
        found: dict[str, list[psutil.Process]] = {"coordinator": [psutil.Process(self.coordinator.process.pid)]}
        link = int(json.loads((self.coordinator.home / "superlink.json").read_text())["pid"])
        found["superlink"] = [psutil.Process(link), *psutil.Process(link).children(recursive=True)]
        if self.crowd is not None:
            found["crowd"] = [psutil.Process(self.crowd.process.pid)]
        return found


def run(seed: int, people: int, progress: Progress, phases: Sequence[str] = PHASES, rounds: int = SOAK_ROUNDS) -> Study:
    """Run these phases. people: idle members; the rounds' members shrink in proportion.  rounds: of the soak."""
    if odd := set(phases) - set(PHASES):
        raise WealError(f"there is no phase {', '.join(sorted(odd))}", f"Choose from {', '.join(PHASES)}")
    rows: list[Row] = []
    for number, phase in enumerate(phases):

        def say(text: str, number: int = number, phase: str = phase) -> None:
            progress(number / len(phases), f"{phase}: {text}")

        busy = Busy()
        match phase:
            case "rest":
                found = rest(say)
            case "idle":
                found = idle(seed, people, say)
            case "soak":
                found = soak(seed, rounds, say)
            case _:
                found = drawn(seed, max(2, DRAWN[phase] * people // PEOPLE), say)
        rows.append({"method": phase} | found | {"busy": busy.share()})
    return Study("load", seed, tuple(rows), tuple(floors(rows)))


def rest(say: Say) -> Row:
    """Measure the coordinator with nobody there."""
    with community({"sampling_rate": 1.0}, say) as scene:
        time.sleep(REST_S)
        groups = scene.groups()
        found = {f"{name}_mb": sum(map(resident, groups[name])) for name in ("coordinator", "superlink")}
        torch = any("libtorch" in path for name in groups for one in groups[name] for path in maps(one))
    return {**found, "total_mb": found["coordinator_mb"] + found["superlink_mb"], "torch": int(torch)}


def idle(seed: int, people: int, say: Say) -> Row:
    """Measure the coordinator while so many members wait for mail."""
    with community({"sampling_rate": 1.0}, say) as empty, peopled(empty, seed, people, FEW, say) as scene:
        time.sleep(SETTLE_S)
        say(f"{people} members wait")
        groups = scene.groups()
        before, began = {name: sum(map(cpu, ones)) for name, ones in groups.items()}, time.monotonic()
        time.sleep(IDLE_S)
        passed = time.monotonic() - began
        cpu = {name: (sum(map(cpu, ones)) - before[name]) / passed for name, ones in groups.items()}
        memory = {name: sum(map(resident, groups[name])) for name in ("coordinator", "superlink")}
    return {
        "people": people,
        "core": cpu["coordinator"] + cpu["superlink"],
        "coordinator_core": cpu["coordinator"],
        "superlink_core": cpu["superlink"],
        "total_mb": memory["coordinator"] + memory["superlink"],
    }


def drawn(seed: int, people: int, say: Say) -> Row:
    """Measure a round in which all of so many members are drawn."""
    rules = {"sampling_rate": 1.0, "sigma": 2.0, "population_floor": 2, "epsilon_cap": 1_000.0, "deadline_s": 200}
    with community(rules, say) as empty, peopled(empty, seed, people, STATEMENTS, say) as scene:
        for number in range(TIMES - 1):
            say(f"round {number + 1}")
            run_round(scene)
        say(f"round {TIMES}")
        before, began = _times(scene), time.monotonic()
        told = run_round(scene)
        wall = time.monotonic() - began
        spent = {name: after - before.get(name, 0.0) for name, after in _times(scene).items()}
    return {
        "people": people,
        "used": int(told["used"]),
        "wall_s": wall,
        "cpu_s": sum(spent.values()),
        **{f"{name}_cpu_s": seconds for name, seconds in spent.items()},
    }


def soak(seed: int, rounds: int, say: Say) -> Row:
    """Measure memory over many rounds of tiny work, and what each takes; processor seconds are a round's."""
    rules = {"sampling_rate": 1.0, "sigma": 10.0, "population_floor": 2, "epsilon_cap": 1_000.0, "deadline_s": 60}
    sizes: list[tuple[float, float]] = []
    took: list[float] = []
    used = 0
    with community(rules, say) as empty, peopled(empty, seed, SOAK_MEMBERS, FEW, say) as scene:
        before = _times(scene)
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            began = time.monotonic()
            used += int(run_round(scene)["used"])
            took.append(time.monotonic() - began)
            groups = scene.groups()
            sizes.append((sum(map(resident, groups["coordinator"])), sum(map(resident, groups["superlink"]))))
        spent = {f"{name}_cpu_s": (after - before[name]) / rounds for name, after in _times(scene).items()}
    totals = np.array(sizes).sum(axis=1)
    fifth = max(1, rounds // 5)
    early, late = float(np.median(totals[fifth : 2 * fifth])), float(np.median(totals[-fifth:]))
    slopes = np.polyfit(np.arange(fifth, rounds), np.array(sizes)[fifth:], 1)[0] * 100
    return {
        "rounds": rounds,
        "used": used,
        "wall_s": sum(took),
        "round_s": float(np.median(took)),
        "last_round_s": float(np.median(took[-fifth:])),
        "first_mb": float(totals[0]),
        "early_mb": early,
        "late_mb": late,
        "growth": late / early - 1.0,
        "coordinator_mb_a_100_rounds": float(slopes[0]),
        "superlink_mb_a_100_rounds": float(slopes[1]),
        **spent,
    }


def floors(rows: Sequence[Row]) -> list[Floor]:
    """Hold what was measured, at full size only, against what was promised."""
    found = []
    for one in rows:
        phase = str(one["method"])
        if phase == "rest":
            found.append(Floor("load: at rest, MB", float(one["total_mb"]), 350.0, at_least=False))
            found.append(Floor("load: torch is loaded", float(one["torch"]), 0.0, at_least=False))
        if phase == "idle" and one["people"] == PEOPLE:
            found.append(Floor("load: 1,000 idle members, of a core", float(one["core"]), 0.05, at_least=False))
        if phase in DRAWN and one["people"] == DRAWN[phase]:
            size = DRAWN[phase]
            found.append(Floor(f"load: {size} drawn, seconds", float(one["wall_s"]), WALL_S[phase], at_least=False))
            found.append(Floor(f"load: {size} drawn, counted", float(one["used"]), size, at_least=True))
        if phase == "soak" and float(one["rounds"]) >= SOAK_ROUNDS:
            found.append(Floor("load: growth of memory over 500 rounds", float(one["growth"]), GROWTH, at_least=False))
    return found


# -- the stage


@contextlib.contextmanager
def community(rules: dict[str, float], say: Say) -> Iterator[LoadScene]:
    """Found a community by these rules, start it, and stop it at the end."""
    with Processes() as processes:
        say("founding")
        home = processes.home("coordinator")
        processes.run(COORDINATOR, "init", "--home", str(home), "--name", "load", "--any-port")
        charter = home / "charter.toml"
        text = charter.read_text()
        for rule, value in {"layout": "light", "every_h": 0.0, **rules}.items():
            text = re.sub(rf"^{rule} = \S+", f"{rule} = {json.dumps(value)}", text, flags=re.MULTILINE)
        charter.write_text(text)
        one = processes.start("coordinator", COORDINATOR, "up", "--home", str(home))
        processes.wait(one, "it was ready", lambda: (home / "running.json").exists() or None, START_S)
        yield LoadScene(processes, one, None)


@contextlib.contextmanager
def peopled(scene: LoadScene, seed: int, people: int, statements: int, say: Say) -> Iterator[LoadScene]:
    """Let so many join, each with answers of their own to some of so many statements."""
    say(f"{people} join")
    processes, home = scene.processes, scene.processes.home("crowd")
    command = ("invite", "--home", str(scene.coordinator.home), "--count", str(people), "--json")
    invites = json.loads(processes.run(COORDINATOR, *command))["invites"]
    draw = np.random.default_rng([seed, 5_001])
    texts = {item_id(text): text for text in (f"The town should try number {n}" for n in range(statements))}
    names, votes = sorted(texts), []
    for _ in range(people):
        chosen = draw.choice(len(names), min(ANSWERS, len(names)), replace=False)
        votes.append({names[item]: 1 if draw.random() < 0.6 else -1 for item in chosen})
    home.mkdir()
    said: dict[str, Any] = {"home": str(home), "invites": invites, "votes": votes, "texts": texts, "publish": True}
    (home / "job.json").write_text(json.dumps(said))
    crowd = processes.start("crowd", CROWD, "--job", str(home / "job.json"))
    processes.wait(crowd, "everyone had joined", lambda: crowd.said(r'\{"ready": \d+\}'), JOIN_S)
    yield LoadScene(processes, scene.coordinator, crowd)


def run_round(scene: LoadScene) -> dict[str, Any]:
    """Run one round by the command that whoever runs the community would use."""
    home = str(scene.coordinator.home)
    told: dict[str, Any] = json.loads(
        scene.processes.run(COORDINATOR, "round", "--home", home, "--json", timeout_s=ROUND_S)
    )
    return told


# -- what is measured


def _times(scene: LoadScene) -> dict[str, float]:
    """Return processor seconds so far by part; the command, which carries the round, is counted once it has ended."""
    groups = scene.groups()
    ours = psutil.Process().cpu_times()
    return {
        "coordinator": sum(map(cpu, groups["coordinator"])),
        "superlink": sum(map(with_children, groups["superlink"])),
        "command": ours.children_user + ours.children_system,
        "crowd": sum(map(cpu, groups.get("crowd", ()))),
    }
