"""How long from a gesture to a new posterior and a re-ranked Today?

What runs between a click and the page, on a real database: the label is written and synced, the whole log is read and learnt anew (residual, drift bank, every state scored), and Today is
chosen. Over 1,000 states and growing logs; `seconds` has the median and the 95th percentile of PEOPLE gestures a size; `ratio` is that of the latter to one plain refit of the head alone on the
same log, run beside it, so that machines can be compared. Embeddings are not in it: a state is embedded once, when it becomes known.
"""

import asyncio
import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from weal_node.features.weights import ENCODER_SHA256
from weal_node.loop.judge import Mind
from weal_node.loop.propose import today
from weal_node.loop.remember import remember
from weal_node.records import Choice, Label, State
from weal_node.reward.head import rows as likelihood
from weal_node.reward.posterior import fit
from weal_node.store import embeddings, labels
from weal_node.store.database import Database
from weal_node.worker import TorchWorker
from weal_simulations.study import Floor, Progress, Row, Study

PEOPLE = 20
STATES = 1_000
SIZES = (100, 300, 500, 1_000, 2_000, 5_000)
PROMISED = {1_000: 0.15, 5_000: 0.5}
NOON = 12 * 3_600 * 1_000


def run(seed: int, people: int, progress: Progress, sizes: Sequence[int] = SIZES) -> Study:
    """Time gestures; people: how many at each size."""
    rows: list[Row] = []
    floors = []
    for place, size in enumerate(sizes):
        progress(place / len(sizes), f"{size} labels")
        with tempfile.TemporaryDirectory() as folder:
            taken, plain = asyncio.run(_timed(Path(folder), seed, size, people))
        late = float(np.percentile(taken, 95))
        ratio = late / float(np.percentile(plain, 95))
        rows.append({"method": "weal", "labels": size, "median": float(np.median(taken)), "p95": late, "ratio": ratio})
        if size in PROMISED:
            floors.append(Floor(f"latency: p95 seconds at {size} labels", late, PROMISED[size], at_least=False))
    return Study("latency", seed, tuple(rows), tuple(floors))


async def _timed(folder: Path, seed: int, size: int, gestures: int) -> tuple[list[float], list[float]]:
    draw = np.random.default_rng([seed, size])
    database, worker = Database(folder / "node.db"), TorchWorker()
    mind = Mind(database, worker, lambda: NOON)
    known = [State(f"{number:064x}", f"Statement {number}") for number in range(STATES)]
    raw = draw.normal(size=(STATES, 384))
    vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    names = [hashlib.sha256(state.text.encode()).hexdigest() for state in known]
    given = dict(zip(names, vectors, strict=True))
    log = [_label(draw, number) for number in range(size)]
    await database.write(lambda connection: embeddings.add(connection, ENCODER_SHA256, given.items()))
    for one in log:
        await database.write(partial(_add, one))
    await mind.start()
    await mind.add_states(known)
    taken, plain = [], []
    for number in range(gestures + 1):
        gesture = _label(draw, size + number)
        began = time.perf_counter()
        await remember(database, gesture)
        await mind.relearn()
        await today(database, mind, NOON)
        taken.append(time.perf_counter() - began)
        on = mind.belief().ground
        began = time.perf_counter()
        fit(likelihood(log, on.index, on.phi, on.bias), on.prior)
        plain.append(time.perf_counter() - began)
    database.close()
    worker.close()
    return taken[1:], plain[1:]  # the first one warms caches up, as a node's first gesture of a day does


def _add(label: Label, connection: sqlite3.Connection) -> None:
    labels.add(connection, label)


def _label(draw: np.random.Generator, number: int) -> Label:
    """Return a gesture: half of them single answers, half pairs."""
    first, second = (f"{one:064x}" for one in draw.choice(STATES, 2, replace=False))
    if draw.random() < 0.5:
        return Label(
            f"{number:032x}", number, first, "", Choice.ACCEPT if draw.random() < 0.6 else Choice.REJECT, "teach"
        )
    return Label(
        f"{number:032x}", number, first, second, Choice.FIRST if draw.random() < 0.5 else Choice.SECOND, "teach"
    )
