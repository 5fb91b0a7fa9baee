"""What is nearest by the leading directions first and exactly then is what is nearest, also while more comes and where some is left out."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from weal_node.search import vectors
from weal_node.search.roster import Roster
from weal_node.search.vectors import Vectors
from weal_node.store import embeddings, passages
from weal_node.store.database import Database
from weal_node.store.passages import Filter, IndexedDocument

WIDTH = 128


def add(connection: sqlite3.Connection, made: np.ndarray, first: int) -> None:
    for number, row in enumerate(made, start=first):
        passages.replace(
            connection,
            IndexedDocument("", str(number), "v", "note", "n.md", "t", (), "public", number),
            [("x", str(number))],
        )
        embeddings.add(connection, "e", [(str(number), row)])
    passages.understood(connection, [row[0] for row in passages.waiting(connection, len(made))])


@contextmanager
def shelf(path: Path) -> Iterator[Database]:
    with closing(Database(path)) as database:
        yield database


def test_leading_directions_lose_nothing_that_is_near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MANY", 400)
    draw = np.random.default_rng(1)
    spread = np.linspace(1.0, 0.02, WIDTH) ** 2  # as embeddings of text: some directions say most
    made = (draw.normal(size=(1_500, WIDTH)) * spread).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    held, roster = Vectors("e", WIDTH), Roster()
    with shelf(tmp_path / "node.db") as database:
        for start, stop in ((0, 300), (300, 1_000), (1_000, 1_500)):  # before, at and after there are many
            database.write_now(partial(add, made=made[start:stop], first=start))
            database.read_now(held.follow)
            for wanted in (Filter(), Filter(since_ms=200)):
                through = database.read_now(partial(roster.through, wanted=wanted))
                for asked in made[start : start + 20]:
                    near = held.nearest(asked[None], 10, through)
                    assert near == held.nearest(asked[None], 10, through, exactly=True)
                    assert wanted.since_ms is None or min(one for (one, _) in near[0]) > 200
    assert held.megabytes > made.nbytes / 1e6
