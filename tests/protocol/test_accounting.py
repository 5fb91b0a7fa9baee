"""What rounds cost: the known value, and never less for more."""

import pytest

from weal_protocol.accounting import epsilon, gaussian


def test_nothing_costs_nothing() -> None:
    assert epsilon(0, 0.05, 1.0, 1e-5) == 0.0


@pytest.mark.slow
def test_the_known_value() -> None:
    # Two hundred rounds at q = 0.05, sigma = 1: 4.77 by numerical composition (RDP would say some 5.2).
    assert epsilon(200, 0.05, 1.0, 1e-5) == pytest.approx(4.77, abs=0.02)


@pytest.mark.slow
def test_one_round_without_sampling_is_the_gaussian_mechanism() -> None:
    # Balle and Wang 2018, theorem 8: sigma = 1, delta = 1e-5 give epsilon 4.377.
    assert epsilon(1, 1.0, 1.0, 1e-5) == pytest.approx(4.377, abs=0.01)


@pytest.mark.slow
def test_more_rounds_more_people_drawn_and_less_noise_cost_more() -> None:
    rounds = [epsilon(n, 0.2, 2.0, 1e-5) for n in (1, 2, 5, 20)]
    rates = [epsilon(5, q, 2.0, 1e-5) for q in (0.05, 0.2, 1.0)]
    noise = [epsilon(5, 0.2, sigma, 1e-5) for sigma in (4.0, 2.0, 1.0)]
    delta = [epsilon(5, 0.2, 2.0, d) for d in (1e-4, 1e-5, 1e-8)]
    for costs in (rounds, rates, noise, delta):
        assert costs == sorted(costs)
        assert costs[0] > 0.0
        assert len(set(costs)) == len(costs)


@pytest.mark.slow
def test_the_closed_form_agrees_with_numerical_composition() -> None:
    assert gaussian(0.0, 1e-5) == 0.0
    assert gaussian(1.0, 1e-5) == pytest.approx(4.377, abs=0.001)
    for rounds in (1, 4, 9):
        assert gaussian(rounds**0.5 / 2.0, 1e-5) == pytest.approx(epsilon(rounds, 1.0, 2.0, 1e-5), rel=0.01)
