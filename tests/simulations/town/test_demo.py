"""The demonstration's own arithmetic: what is scored."""

import math

import pytest

from weal_simulations.town.demo import accuracy, log_loss


def test_accuracy_counts_the_right_side_of_one_half() -> None:
    assert accuracy([(0.9, 1), (0.5, 1), (0.2, -1), (0.6, -1)]) == 0.75


def test_log_loss_is_natural_and_survives_certainty() -> None:
    assert log_loss([(0.5, 1), (0.5, -1)]) == pytest.approx(math.log(2))
    assert log_loss([(0.0, 1)]) == pytest.approx(-math.log(1e-6))
    assert log_loss([(1.0, 1)]) == pytest.approx(0.0, abs=1e-5)
