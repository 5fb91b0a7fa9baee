"""The noise is a Gaussian on the integers of the stated width, and rounding never lengthens anyone's contribution."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weal_protocol.noise import GRID_BITS, discrete_gaussian, noisy, quantised

SAMPLE = 4_000  # drawn from the operating system: bounds below are beyond six standard errors


@pytest.mark.parametrize("deviation", [3, 2**GRID_BITS])
def test_mean_variance_and_tails_are_a_gaussians(deviation: int) -> None:
    drawn = np.array([discrete_gaussian(deviation) for _ in range(SAMPLE)], np.float64) / deviation
    assert abs(drawn.mean()) < 6.5 / SAMPLE**0.5
    assert abs(drawn.var() - 1.0) < 6.5 * (2 / SAMPLE) ** 0.5
    assert abs((np.abs(drawn) > 1.0 + 0.5 / deviation).mean() - beyond(deviation)) < 0.05
    assert np.abs(drawn).max() < 8.0


def beyond(deviation: int) -> float:
    """Share of a discrete Gaussian farther out than one deviation, summed up."""
    if deviation > 1_000:
        return 0.3173
    z = np.arange(-12 * deviation, 12 * deviation + 1)
    weight = np.exp(-(z**2) / (2 * deviation**2))
    return float(weight[np.abs(z) > deviation].sum() / weight.sum())


def test_noise_has_the_width_that_was_accounted_for() -> None:
    clip, sigma = 3.0, 0.7
    drawn = noisy(np.zeros(SAMPLE, np.int64), sigma, clip)
    assert drawn.std() == pytest.approx(sigma * clip, rel=0.08)


def test_noise_is_added_to_the_sum_in_its_own_units() -> None:
    steps = quantised(np.full(5, 1_000.0), 1.0)
    np.testing.assert_allclose(noisy(steps, 0.1, 1.0), 1_000.0, atol=1.0)


def test_two_draws_differ() -> None:
    zeros = np.zeros(8, np.int64)
    assert not np.array_equal(noisy(zeros, 1.0, 1.0), noisy(zeros, 1.0, 1.0))


@given(arrays(np.float64, st.integers(0, 40), elements=st.floats(-1.0, 1.0)), st.floats(1e-6, 1e6))
def test_rounding_never_lengthens(unit: npt.NDArray[np.float64], clip: float) -> None:
    flat = unit * clip
    steps = quantised(flat, clip)
    assert steps.dtype == np.int64
    back = steps * (clip / 2**GRID_BITS)
    assert np.linalg.norm(back) <= np.linalg.norm(flat) * (1 + 1e-12)
    assert np.abs(back - flat).max(initial=0.0) <= clip * (2.0**-GRID_BITS + 1e-15)
