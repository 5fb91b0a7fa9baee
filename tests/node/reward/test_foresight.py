"""Acting only where it is surely better; and surer still for those whom advice did not help."""

import numpy as np
import pytest

from weal_node.reward.foresight import FEWEST, SURE, SURER, Threshold, probability_better


def test_doubt_brings_the_probability_to_one_half() -> None:
    chance = probability_better(np.array([1.0, 1.0, 0.0, -1.0]), np.array([0.1, 1e6, 1.0, 0.1]))
    assert chance[0] > 0.99
    assert chance[1] == pytest.approx(0.5, abs=1e-3)
    assert chance[2] == 0.5
    assert chance[3] == pytest.approx(1 - chance[0])


def test_the_threshold_rises_when_audits_are_lost_and_never_falls() -> None:
    assert Threshold().after(9, FEWEST).sure == SURE
    assert Threshold().after(0, FEWEST - 1).sure == SURE
    lost = Threshold().after(5, FEWEST)
    assert lost.sure == SURER
    assert lost.after(100, 100).sure == SURER
