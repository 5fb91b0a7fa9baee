"""The studies of choice and of questions: worlds are as described, and what is learnt helps."""

import numpy as np
import pytest

from weal_simulations.studies.reward import goodhart, queries


def test_hazards_and_proxies_are_only_in_proposals() -> None:
    for name in goodhart.WORLDS:
        world = goodhart.World(name, np.random.default_rng(1))
        met, proposed = world.met(2_000), world.proposed(2_000)
        assert abs(float(world.utility(met).mean())) < 0.2
        assert np.abs(proposed).max() > np.abs(met).max()
    proxy = goodhart.World("proxy", np.random.default_rng(2))
    met, proposed = proxy.met(3_000), proxy.proposed(3_000)
    there, here = (np.corrcoef(x[:, goodhart.SEEN], x[:, : goodhart.SEEN] @ proxy.taste)[0, 1] for x in (met, proposed))
    assert there > 0.6 > 0.15 > abs(here)


@pytest.mark.slow
def test_the_supported_choice_does_not_fall_where_the_mean_does() -> None:
    found = [goodhart.live(5, person, "proxy") for person in range(12)]
    last = goodhart.SIZES[-1]
    mean, weal = (np.mean([one[method, last] for one in found]) for method in ("mean", "weal"))
    assert mean < 0 < weal


@pytest.mark.slow
def test_chosen_questions_beat_random_ones() -> None:
    random, weal = (
        np.mean([queries.question(5, person, method)[20][0] for person in range(12)]) for method in ("random", "weal")
    )
    assert weal < random
    assert queries.question(5, 1, "weal") == queries.question(5, 1, "weal")
