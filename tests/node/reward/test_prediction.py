"""Predictions know how unsure they are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weal_node.reward.prediction import moderated, predict


@given(st.floats(-20, 20), st.floats(0, 50))
def test_probability_lies_between_its_bounds_and_nearer_to_a_half_when_unsure(mean: float, variance: float) -> None:
    unsure, sure = predict(mean, variance), predict(mean, 0.0)
    assert 0.0 <= unsure.low <= unsure.high <= 1.0
    assert abs(unsure.probability - 0.5) <= abs(sure.probability - 0.5) + 1e-12


def test_moderation_is_close_to_the_integral() -> None:
    """MacKay's approximation against a numerical average of s(u), u ~ N(m, v)."""
    draws = np.random.default_rng(1).standard_normal(400_000)
    for mean, variance in ((0.5, 1.0), (-2.0, 3.0), (1.5, 0.2)):
        exact = (1 / (1 + np.exp(-(mean + np.sqrt(variance) * draws)))).mean()
        assert abs(float(moderated(np.array([mean]), np.array([variance]))[0]) - exact) < 0.02
