"""The demonstration's own arithmetic: what is scored, who bargains with whom, what both sides hold."""

import math

import pytest

from weal_simulations.demo import accuracy, log_loss, pairs, same


def test_accuracy_counts_the_right_side_of_one_half() -> None:
    assert accuracy([(0.9, 1), (0.5, 1), (0.2, -1), (0.6, -1)]) == 0.75


def test_log_loss_is_natural_and_survives_certainty() -> None:
    assert log_loss([(0.5, 1), (0.5, -1)]) == pytest.approx(math.log(2))
    assert log_loss([(0.0, 1)]) == pytest.approx(-math.log(1e-6))
    assert log_loss([(1.0, 1)]) == pytest.approx(0.0, abs=1e-5)


def test_neighbours_bargain_as_far_as_there_are_wishes() -> None:
    assert [(first, second) for first, second, _ in pairs(3)] == [(0, 1), (1, 2)]
    assert [(first, second) for first, second, _ in pairs(2)] == [(0, 1)]


def test_an_agreement_is_named_only_where_both_hold_the_same() -> None:
    assert same(["a1", "a1"]) == "a1"
    assert same(["a1", "b2"]) == ""
