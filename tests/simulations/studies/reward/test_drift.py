"""The study of drift: its people move as their world says, and the same seed gives the same numbers."""

import numpy as np
import pytest

from weal_simulations.studies.reward import drift

pytestmark = pytest.mark.slow


def test_tastes_move_as_their_world_says() -> None:
    static, fast = (drift.taste(world, np.random.default_rng(1)) for world in ("static", "fast"))
    assert (static == static[0]).all()
    assert 0 < np.abs(np.diff(fast, axis=0)).max() < 0.5
    once = drift.taste("once", np.random.default_rng(1))
    assert len(np.unique(once, axis=0)) == 2
    assert np.allclose(np.linalg.norm(fast, axis=1), 1)


def test_learning_beats_showing_at_random_and_the_seed_decides_all() -> None:
    learnt, again, random = (
        np.array([drift.live(7, person, "static", method)[0] for person in range(3)])
        for method in ("weal", "weal", "random")
    )
    assert (learnt == again).all()
    assert learnt.sum() < 0.8 * random.sum()
