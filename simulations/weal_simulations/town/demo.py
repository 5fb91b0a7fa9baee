"""The whole house at work, in one run: a coordinator, a crowd, three nodes, as real processes on loopback.

Three people, each at their own node, are driven only through what a person or a peer would use: the pages' routes, and
gRPC. Everyone else is in the crowd. Votes that were kept back reach nothing but the scoring.
"""

import contextlib
import json
import math
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weal_simulations.town.bargains import agree, pairs
from weal_simulations.town.person import LINK, Person
from weal_simulations.town.processes import Processes, Started
from weal_simulations.worlds.opinions import Cast, Opinions, Subject, cast

NODE = "weal_node"
COORDINATOR = "weal_coordinator"
CROWD = "weal_simulations.town.crowd"
WAIT_S = 900.0  # ends what would never end; on two busy cores the slowest step took 70 s
CLIP = 1e-6  # probabilities are kept this far from 0 and 1 before their logarithm is taken
FEWEST_LABELS = 20
ROUND = ("number", "sampled", "used", "epsilon")
DISCLOSURE = ("to", "bytes", "what")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Staging:
    """How large a demonstration is. The rules of aggregation go into the community's charter."""

    nodes: int = 3
    answers: int = FEWEST_LABELS
    fewest: int = 60  # votes of someone who gets a node
    crowd: int = 400
    fewest_in_crowd: int = 30
    rounds: int = 3
    layout: str = "light"  # 403 people are far below the 10,000 from which axes outweigh their noise
    sampling_rate: float = 0.2
    sigma: float = 1.0
    epsilon_cap: float = 8.0
    population_floor: int = 200
    deadline_s: int = 600  # everyone drawn answers: a round ends by its deadline only where somebody is lost


@dataclass(frozen=True, slots=True)
class DemoSeat:
    """A node of the demonstration, and who sits at it."""

    name: str
    home: Path
    person: Person
    subject: Subject


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What a run has measured, as the one JSON object of the command; and a way to ask for fresh login links."""

    found: dict[str, Any]
    links: Callable[[], list[str]]


@contextlib.contextmanager
def demo(opinions: Opinions, seed: int, staging: Staging, say: Say) -> Iterator[DemoReport]:
    """Run everything and yield what was measured, while all of it still runs; stop it on the way out."""
    chosen = cast(
        opinions,
        seed,
        subjects=staging.nodes,
        answers=staging.answers,
        fewest=staging.fewest,
        crowd=staging.crowd,
        fewest_in_crowd=staging.fewest_in_crowd,
    )
    with Processes() as processes, contextlib.ExitStack() as logged_in:
        say(f"A community of {len(chosen.crowd)} others and {staging.nodes} nodes; {opinions.source}")
        coordinator = found_community(processes, staging)
        invites = invite(processes, coordinator, len(chosen.crowd) + staging.nodes)
        say(f"The others join, and put {len(chosen.texts)} statements into the commons")
        crowd = start_crowd(processes, chosen, invites[staging.nodes :])
        seats = [
            open_node(processes, number, invites[number], chosen.subjects[number]) for number in range(staging.nodes)
        ]
        for seat in seats:
            logged_in.enter_context(seat.person)
        await_crowd(processes, crowd)
        say(f"The nodes read the commons; each of their people answers {staging.answers} times")
        for seat in seats:
            answer(seat, len(chosen.texts))
        rounds = [
            run_round(processes, coordinator, number + 1, staging.rounds, say) for number in range(staging.rounds)
        ]
        held_out = ", ".join(str(len(one.held_out)) for one in chosen.subjects)
        say(f"The nodes adopt the release; predictions are compared with {held_out} votes that were kept back")
        scores = [score(seat, int(rounds[-1]["release"])) for seat in seats]
        say("People write what they need and offer; their agents negotiate; they rank, ratify and rate")
        deals = [
            deal
            for first, second, wishes in pairs(staging.nodes)
            if (deal := agree(seats[first].person, seats[second].person, wishes, say)) is not None
        ]
        found = {
            "nodes": scores,
            "rounds": [{name: one[name] for name in ROUND} for one in rounds],
            "deals": deals,
            "disclosures": [one for seat in seats for one in disclosed(seat)],
            "processes": [{"name": name, "rss_mb": size} for name, size in processes.memory()],
        }
        yield DemoReport(found, lambda: [fresh_link(processes, seat) for seat in seats])
        say("Everything is being stopped")


# -- the community


def found_community(processes: Processes, staging: Staging) -> Started:
    """Found a community by the staging's rules and start its coordinator."""
    home = processes.home("coordinator")
    processes.run(COORDINATOR, "init", "--home", str(home), "--name", "demonstration", "--any-port")
    charter = home / "charter.toml"
    text = charter.read_text()
    for rule in ("layout", "sampling_rate", "sigma", "epsilon_cap", "population_floor", "deadline_s"):
        text = re.sub(rf"^{rule} = \S+", f"{rule} = {json.dumps(getattr(staging, rule))}", text, flags=re.MULTILINE)
    charter.write_text(text)
    one = processes.start("coordinator", COORDINATOR, "up", "--home", str(home))
    processes.wait(one, "it was ready", lambda: (home / "running.json").exists() or None, WAIT_S)
    return one


def invite(processes: Processes, coordinator: Started, count: int) -> list[str]:
    """Return invites, one a person."""
    said = processes.run(COORDINATOR, "invite", "--home", str(coordinator.home), "--count", str(count), "--json")
    return list(json.loads(said)["invites"])


def start_crowd(processes: Processes, chosen: Cast, invites: list[str]) -> Started:
    """Start the process that holds everyone else."""
    home = processes.home("crowd")
    home.mkdir()
    job = home / "job.json"
    said = {"home": str(home), "invites": invites, "votes": chosen.crowd, "texts": chosen.texts, "publish": True}
    job.write_text(json.dumps(said))
    return processes.start("crowd", CROWD, "--job", str(job))


def await_crowd(processes: Processes, crowd: Started) -> None:
    """Wait until everyone has joined and the statements stand in the commons."""
    processes.wait(crowd, "everyone had joined", lambda: crowd.said(r'\{"ready": \d+\}'), WAIT_S)


def run_round(processes: Processes, coordinator: Started, number: int, of: int, say: Say) -> dict[str, Any]:
    """Run one round of private aggregation, as whoever runs the community would."""
    said = processes.run(COORDINATOR, "round", "--home", str(coordinator.home), "--json", timeout_s=WAIT_S)
    one: dict[str, Any] = json.loads(said)
    released = f"release {one['release']}" if one["release"] else "no release, too few people for the charter"
    drawn = f"{one['used']} of {one['sampled']} drawn counted"
    say(f"Round {number} of {of}: {drawn}, epsilon {one['epsilon']:.2f}, {released}")
    return one


# -- the people


def open_node(processes: Processes, number: int, invite_text: str, subject: Subject) -> DemoSeat:
    """Make a node, join with it, start it, and log its person in by the link it prints."""
    name = f"node-{number + 1}"
    home = processes.home(name)
    processes.run(NODE, "init", "--home", str(home), "--name", f"Person {number + 1}")
    processes.run(NODE, "join", invite_text, "--home", str(home), "--yes")
    one = processes.start(name, NODE, "up", "--home", str(home), "--port", "0", WEAL_PUBLISH_DELAY_S="0")
    link = processes.wait(one, "its login link was printed", lambda: one.said(LINK), WAIT_S)
    return DemoSeat(name, home, Person(name, link.group()), subject)


def answer(seat: DemoSeat, statements: int) -> None:
    """Wait until the node has read the commons, then give the person's labels on the items' pages."""

    def has_read() -> bool | None:
        known = {one["id"] for one in seat.person.read("/api/items")["items"]}
        return (len(known) >= statements and {item for item, _ in seat.subject.answers} <= known) or None

    seat.person.wait("its agent had read the commons", has_read, WAIT_S)
    for item, vote in seat.subject.answers:
        seat.person.judge(item, vote)


def score(seat: DemoSeat, release: int) -> dict[str, Any]:
    """Compare the node's predictions with the votes kept back."""
    found = seat.person.wait("its node had tried the release", lambda: _after_trial(seat, release), WAIT_S)
    judged = {one["id"]: one for one in found["items"]}
    rows = {
        view: [(float(judged[item][view]["probability"]), vote) for item, vote in seat.subject.held_out.items()]
        for view in ("private", "global")
    }
    return {
        "labels": int(found["labels"]),
        "accuracy_private": accuracy(rows["private"]),
        "accuracy_global": accuracy(rows["global"]),
        "log_loss_private": log_loss(rows["private"]),
        "log_loss_global": log_loss(rows["global"]),
        "release": int(found["release"]),
    }


def _after_trial(seat: DemoSeat, release: int) -> dict[str, Any] | None:
    """Return what the node predicts once it has tried this release on its person's answers, and judges by the better one."""
    tried = seat.person.read("/api/releases")
    if all(one["number"] < release for one in tried["history"]):
        return None
    found = seat.person.read("/api/items")
    return found if found["release"] == tried["using"] else None


def accuracy(rows: list[tuple[float, int]]) -> float:
    """Return the share of votes (+1, -1) that P(yes) is on the right side of."""
    return statistics.fmean((probability >= 0.5) == (vote > 0) for probability, vote in rows)


def log_loss(rows: list[tuple[float, int]]) -> float:
    """Return the mean negative natural logarithm of the probability given to what was voted."""
    given = (probability if vote > 0 else 1.0 - probability for probability, vote in rows)
    return -statistics.fmean(math.log(min(max(one, CLIP), 1.0 - CLIP)) for one in given)


# -- what is shown


def disclosed(seat: DemoSeat) -> list[dict[str, Any]]:
    """Return what left this node, by its own ledger."""
    entries = seat.person.read("/api/privacy")["disclosures"]
    return [{"node": seat.name} | {name: entry[name] for name in DISCLOSURE} for entry in entries]


def fresh_link(processes: Processes, seat: DemoSeat) -> str:
    """Return a login link that works once."""
    return str(json.loads(processes.run(NODE, "login", "--home", str(seat.home), "--json"))["link"])
