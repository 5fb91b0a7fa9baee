"""Heads in which each answer is hidden: one comparison is one example, its pull is bounded, and noise is always there."""

import subprocess
import sys

import numpy as np
import pytest

from support.waiting import PATIENCE_S
from weal_node.reward import private_head

SIZE = 6
START = np.zeros(SIZE)


def comparisons(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    ends = draw.normal(size=(count, 2, SIZE))
    return ends, np.zeros(count), (ends[:, 0, 0] > ends[:, 1, 0]).astype(float)


def trained(ends: np.ndarray, offset: np.ndarray, yes: np.ndarray) -> np.ndarray:
    return private_head.train(ends, offset, yes, START).weights


@pytest.mark.slow
def test_no_training_is_like_another_and_none_is_without_noise() -> None:
    few = comparisons(3)
    first, second, nothing = trained(*few), trained(*few), trained(*comparisons(0))
    assert not np.array_equal(first, second)
    assert nothing.any()


@pytest.mark.slow
def test_many_comparisons_are_heard_through_the_noise() -> None:
    weights = np.mean([trained(*comparisons(300)) for _ in range(3)], axis=0)
    assert weights[0] > 3 * np.abs(weights[1:]).max()


def test_one_answer_however_extreme_moves_no_further_than_the_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_head, "SIGMA", 1e-9)
    monkeypatch.setattr(private_head, "STEPS", 1)
    monkeypatch.setattr(private_head, "SAMPLED", 1.0)
    bound = private_head.RATE * private_head.CLIP / private_head.SCALE * (1 + 1e-6)
    for size in (1e6, -1e6):
        ends = np.zeros((1, 2, SIZE))
        ends[0, 0, 2] = size  # both ends of one comparison are one example, not two
        ends[0, 1, 2] = -size
        moved = trained(ends, np.zeros(1), np.ones(1))
        assert 0 < np.linalg.norm(moved) <= bound


def test_every_training_costs_and_the_account_grows() -> None:
    spent = private_head.train(*comparisons(5), START).spent
    assert private_head.epsilon([]) == 0.0
    assert 0 < private_head.epsilon([spent]) < private_head.epsilon([spent, spent])
    assert private_head.epsilon([spent, spent]) < 2 * private_head.epsilon([spent]) + 1e-9


@pytest.mark.slow
def test_the_account_is_opacus_own_to_the_last_bit() -> None:
    from opacus.accountants import RDPAccountant

    for history in ([private_head.COST], [private_head.COST] * 3, [(1.0, 0.01, 500), (4.0, 0.9, 7)]):
        accountant = RDPAccountant()
        accountant.history = list(history)
        assert private_head.ORDERS == accountant.DEFAULT_ALPHAS
        assert private_head.epsilon(history) == accountant.get_epsilon(delta=private_head.DELTA)


def test_as_many_trainings_as_fit_under_the_cap() -> None:
    price = private_head.epsilon([private_head.COST])
    for cap in (0.1, price, 8.0, 20.0):
        cost, count = private_head.trainings(cap)
        assert cost == price
        assert private_head.epsilon([private_head.COST] * count) <= cap
        assert private_head.epsilon([private_head.COST] * (count + 1)) > cap


@pytest.mark.slow
def test_a_price_needs_no_torch() -> None:
    asks = "import sys; from weal_node.reward import private_head as p; p.trainings(8.0); print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    assert ran.stdout.strip() == "False"
