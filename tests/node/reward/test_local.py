"""Noise of one's own: within the clip, unbiased up to its weight, and its price is what the formula says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from support.laws import examples
from weal_node.reward import local
from weal_protocol.accounting import gaussian


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6)), st.floats(0.1, 10.0))
def test_whatever_is_given_stays_within_the_clip(flat: np.ndarray, clip: float) -> None:
    assert np.linalg.norm(local.randomised(flat, clip)) <= clip


@pytest.mark.slow
def test_what_is_left_of_the_signal_is_the_weight_it_names() -> None:
    flat, times = np.zeros(50), examples(4_000)
    flat[0] = 1.0
    drawn = np.array([local.randomised(flat, 1.0) for _ in range(times)])
    spread = drawn.std(0).mean()
    assert drawn[:, 0].mean() == pytest.approx(local.weight(50), abs=5 * spread / times**0.5)
    assert np.abs(drawn[:, 1:].mean(0)).max() < 5 * spread / times**0.5
    assert spread == pytest.approx(local.SIGMA * local.weight(50), rel=0.1)  # few draws are clipped


def test_its_price_grows_with_rounds_and_falls_with_noise() -> None:
    assert local.epsilon(0) == 0.0
    assert local.epsilon(1) == pytest.approx(gaussian(1.0, 1e-5))
    assert local.epsilon(1) < local.epsilon(2) < local.epsilon(3)
    assert local.epsilon(1, sigma=4.0) < local.epsilon(1)
