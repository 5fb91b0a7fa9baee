"""How long from a gesture to a Today page that knows of it?

A whole node on a real database, asked as a browser asks it: POST /today/{id}/answer, then the page that the answer leads to, through the app's own guard, routes and templates (ASGI
in this process: there is no socket between, which costs a local browser about a millisecond). Within lie the label's write and sync, the whole log read and learnt anew (residual, drift bank, every state
scored), the new ranking, and the page. 1,000 states, of which half were never answered, and growing logs of a person with a taste; PEOPLE gestures a size, half as many on the largest logs.

`median`, `p95`: seconds by the clock. `cpu`, `cpu_p95`: of processor time of the whole process, its median and 95th percentile, which other work on the machine changes less. `ratio`: of `p95` to that of one plain refit
of the head alone on the same log, run beside it, so that machines can be compared. Intervals by bootstrap over gestures. Embeddings are not in it: a state is embedded once, when it becomes known.
"""

import asyncio
import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt

from weal_node.app.node import Node
from weal_node.app.serve import page_of
from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.features.projection import shipped
from weal_node.features.weights import ENCODER_SHA256, WIDTH
from weal_node.records import Answer, Choice, Item
from weal_node.reward.head import rows as likelihood
from weal_node.reward.posterior import fit
from weal_node.store import answers, embeddings, items
from weal_node.store.database import Database
from weal_simulations.bench.study import Floor, Progress, Row, Study, bootstrap, measured

Array = npt.NDArray[np.float64]
QUESTION = "How long from a gesture to a page that knows of it?"
PEOPLE = 100
STATES, MET = 1_000, 500  # known; of them answered before
SIZES = (100, 300, 500, 1_000, 2_000, 5_000)
LARGE = 1_000  # labels, above which half as many gestures are timed
PROMISED = {1_000: 0.15, 5_000: 0.5}
STEEPNESS = 2.0
PORT = 8650  # of the address in the page's own checks; nothing listens
WAIT_S = 120.0  # for the posterior: a page that gave up on it would be fast


def run(seed: int, people: int, progress: Progress, sizes: Sequence[int] = SIZES) -> Study:
    """Time gestures; people: how many at each size."""
    rows: list[Row] = []
    floors = []
    for place, size in enumerate(sizes):
        progress(place / len(sizes), f"{size} labels")
        with tempfile.TemporaryDirectory() as folder:
            count = min(people if size <= LARGE else max(people // 2, 2), STATES - MET - 1)
            times = asyncio.run(_timed(Home(Path(folder) / "home"), np.random.default_rng([seed, size]), size, count))
        found = {
            "median": bootstrap(times[:, 0], np.median, seed),
            "p95": bootstrap(times[:, 0], _late, seed),
            "cpu": bootstrap(times[:, 1], np.median, seed),
            "cpu_p95": bootstrap(times[:, 1], _late, seed),
            "ratio": bootstrap(times, lambda some: _late(some[:, 0]) / _late(some[:, 2]), seed),
        }
        rows.append({"method": "weal", "labels": size, **measured(found)})
        if size in PROMISED:
            late = found["p95"][0]
            floors.append(Floor(f"latency: p95 seconds at {size} labels", late, PROMISED[size], at_least=False))
    return Study("latency", seed, tuple(rows), tuple(floors))


def _late(seconds: Array) -> float:
    return float(np.percentile(seconds, 95))


async def _timed(place: Home, draw: np.random.Generator, size: int, gestures: int) -> Array:
    """Return (gestures, 3): seconds by the clock, of processor time, and by the clock for one plain refit."""
    person = _Person(draw)
    log = [person.answer(number) for number in range(size)]
    place.root.mkdir()
    set_up(place, "latency")
    database = Database(place.database)
    await database.write(lambda connection: _fill(connection, person, log))
    database.close()
    node, taken = Node(place, Settings(label_wait_s=WAIT_S)), []
    await node.mind.start()
    node.desk.ready.set()
    async with _browser(node) as browser:
        for number in range(gestures + 1):
            state = person.states[MET + number]
            taken.append((*await _gesture(node, browser, state.id, person.likes(MET + number)), _refit(node, log)))
            why = await browser.get(f"/items/{state.id}")  # not timed, but people look at it between two answers
            if not why.is_success:
                raise AssertionError(f"the page of an item does not open: {why.status_code} {why.text[:200]}")
    await node.close()
    return np.array(taken[1:])  # the first one warms caches up, as a node's first gesture of a day does


def _browser(node: Node) -> httpx.AsyncClient:
    """Return a browser that has logged in."""
    login, page = node.desk.login, page_of(node, PORT)
    session = login.use_link(login.new_link()) or ""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(page),
        base_url=page.home,
        cookies={f"weal_session_{PORT}": session},
        headers={"Origin": page.home, "X-Csrf": login.csrf_of(session) or ""},
        follow_redirects=True,
    )


async def _gesture(node: Node, browser: httpx.AsyncClient, state: str, yes: bool) -> tuple[float, float]:
    """Answer a state on Today and read the page that comes; return seconds by the clock and of processor time."""
    before, began, busy = node.mind.answer_count, time.perf_counter(), time.process_time()
    page = await browser.post(f"/today/{state}/answer", data={"choice": "accept" if yes else "reject"})
    found = time.perf_counter() - began, time.process_time() - busy
    shown = page.is_success and page.url.path == "/today" and "<h1>Today</h1>" in page.text
    if not shown or node.mind.answer_count != before + 1 or f"/today/{state}/answer" in page.text:
        raise AssertionError(f"the page does not know of the answer: {page.status_code} {page.text[:200]}")
    return found


def _refit(node: Node, log: Sequence[Answer]) -> float:
    on, began = node.mind.fitted().features, time.perf_counter()
    fit(likelihood(log, on.index, on.phi, on.bias), on.prior)
    return time.perf_counter() - began


class _Person:
    """Someone with a taste over what the encoder's components say of STATES made-up states."""

    def __init__(self, draw: np.random.Generator) -> None:
        self._draw = draw
        raw = draw.normal(size=(STATES, WIDTH))
        self.vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
        self.states = [Item(f"{number:064x}", f"Statement {number}") for number in range(STATES)]
        seen = shipped().apply(self.vectors)
        worth = seen @ draw.normal(size=seen.shape[1])
        self._worth = STEEPNESS * (worth - worth.mean()) / worth.std()

    def likes(self, one: int, other: int | None = None) -> bool:
        """Say yes to a state, or to one over another; at random, as people do."""
        better = self._worth[one] - (0.0 if other is None else self._worth[other])
        return bool(self._draw.random() < 1 / (1 + np.exp(-better)))

    def answer(self, number: int) -> Answer:
        """Return a label of the log: half of them single answers, half pairs, on states that were met."""
        one, other = (int(state) for state in self._draw.choice(MET, 2, replace=False))
        if self._draw.random() < 0.5:
            said = Choice.ACCEPT if self.likes(one) else Choice.REJECT
            return Answer(f"{number:032x}", number, self.states[one].id, "", said, "teach")
        said = Choice.FIRST if self.likes(one, other) else Choice.SECOND
        return Answer(f"{number:032x}", number, self.states[one].id, self.states[other].id, said, "teach")


def _fill(connection: sqlite3.Connection, person: _Person, log: Sequence[Answer]) -> None:
    items.add(connection, person.states)
    names = (hashlib.sha256(state.text.encode()).hexdigest() for state in person.states)
    embeddings.add(connection, ENCODER_SHA256, zip(names, person.vectors, strict=True))
    for label in log:
        answers.add(connection, label)
