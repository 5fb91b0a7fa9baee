"""Options are read before anyone lets an agent in: once, and no more than is sensible."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from weal_node.deals import warmup
from weal_node.deals.warmup import Preparing
from weal_node.features.weights import WIDTH
from weal_node.negotiation import space
from weal_simulations.town.town import Table


class Mind:
    def __init__(self) -> None:
        self.read: list[str] = []

    async def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.read += texts
        return np.zeros((len(texts), WIDTH), np.float32)


async def test_options_are_read_once_for_whoever_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(tmp_path)
    await table.draft()
    ann, bob = table.seats
    await ann.act("enter")
    await table.carry()
    assert bob.database
    mind = Mind()
    ahead = Preparing(bob.database, bob.keys, mind)
    assert await ahead.prepare() == table.of.size
    assert set(mind.read) == {one.text for one in space.states(table.of, 1)}
    assert await ahead.prepare() == 0
    assert ann.database
    assert await Preparing(ann.database, ann.keys, mind).prepare() == 0  # its agent is in already
    monkeypatch.setattr(warmup, "MOST", dict.fromkeys(warmup.MOST, 3))
    assert await Preparing(bob.database, bob.keys, mind).prepare() == 0
    table.close()
