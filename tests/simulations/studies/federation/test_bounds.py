"""Bounds of epsilon: published values, agreement with each other, and coverage where the truth is known."""

import math

import numpy as np
import pytest

from weal_simulations.studies.federation import bounds


@pytest.mark.parametrize(("mu", "expected"), [(1.0, 4.3772), (2.0, 9.9973), (5.0, 33.1037)])
def test_epsilon_of_a_gaussian_mechanism(mu: float, expected: float) -> None:
    assert bounds.gaussian_epsilon(mu, 1e-5) == pytest.approx(expected, abs=1e-3)


def test_no_separation_costs_nothing_and_none_overflows() -> None:
    assert bounds.gaussian_epsilon(0.0, 1e-5) == 0
    assert bounds.gaussian_epsilon(1e-9, 1e-5) == 0
    assert bounds.gaussian_epsilon(24.0, 1e-5) < bounds.gaussian_epsilon(1e3, 1e-5) == bounds.MOST


def test_right_guesses_without_delta_are_a_binomial_test() -> None:
    """All of n right refutes every epsilon with s(epsilon)^n <= level (Steinke et al. 2023)."""
    chance = 0.05 ** (1 / 100)
    assert bounds.one_run_epsilon(1000, 100, 100, 0.0, 0.05) == pytest.approx(math.log(chance / (1 - chance)), abs=1e-6)
    assert bounds.one_run_epsilon(1000, 100, 55, 0.0, 0.05) == 0
    assert bounds.one_run_epsilon(1000, 100, 0, 1e-5, 0.05) == 0


def test_values_of_both_one_run_bounds() -> None:
    """As computed with the code that the two papers print."""
    assert bounds.one_run_epsilon(2000, 200, 190, 1e-5, 0.05) == pytest.approx(2.38930, abs=1e-4)
    assert bounds.one_run_mu(2000, 200, 190, 0.05) == pytest.approx(0.84267, abs=1e-4)
    assert bounds.one_run_mu(2000, 2000, 1682, 0.05) == pytest.approx(0.68383, abs=1e-4)


def test_a_delta_weakens_the_bound() -> None:
    strict, loose = (bounds.one_run_epsilon(2000, 200, 190, delta, 0.05) for delta in (0.0, 1e-4))
    assert loose < strict


def test_the_exact_interval() -> None:
    assert bounds.least(90, 100, 0.025) == pytest.approx(0.82378, abs=1e-5)
    assert bounds.least(100, 100, 0.025) == pytest.approx(0.025 ** (1 / 100))
    assert bounds.least(0, 100, 0.025) == 0


@pytest.mark.slow
def test_every_bound_lies_below_the_truth_about_as_often_as_it_says() -> None:
    draw, mu, runs = np.random.default_rng(1), 1.5, 200
    above = np.zeros(3)
    for _ in range(runs):
        included = draw.random(400) < 0.5
        scores = draw.standard_normal(400) + mu * included
        guessed, right = bounds.guesses(scores, included, 0.2)
        found = (
            bounds.separation(scores, included, 0.05)[1],
            bounds.one_run_mu(400, guessed, right, 0.05),
            bounds.paired_mu(scores[included], scores[~included], mu / 2, 0.05),
        )
        assert all(bound > 0.2 for bound in found)
        above += np.array(found) > mu
    assert 0.01 <= above[0] / runs <= 0.1
    assert (above[1:] / runs <= 0.06).all()


def test_the_estimate_is_near_the_truth() -> None:
    draw = np.random.default_rng(2)
    included = draw.random(20_000) < 0.5
    estimate, lowest = bounds.separation(draw.standard_normal(20_000) + 1.5 * included, included, 0.05)
    assert lowest < estimate == pytest.approx(1.5, abs=0.06)
