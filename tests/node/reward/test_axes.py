"""What answers ask of axes: the gradient's direction, nothing without answers, and more for what was not foreseen."""

import numpy as np
import pytest

from weal_node.reward.axes import RATE, STEPS, AnsweredItems, ask
from weal_protocol.representation import AXES, COMPONENTS


def answered(rest: float, yes: float, weights: tuple[float, float, float] = (1.0, -0.5, 0.0)) -> AnsweredItems:
    return AnsweredItems(
        np.full(1, rest), np.full((1, COMPONENTS), 0.1), np.zeros((1, AXES)), np.full(1, yes), np.array(weights)
    )


@pytest.mark.slow
def test_one_small_step_is_the_gradient() -> None:
    places, text_map = ask(answered(0.0, 1.0, (1e-4, -2e-4, 0.0)), np.zeros((COMPONENTS, AXES)))
    np.testing.assert_allclose(places[0], STEPS * 0.5 * np.array([1e-4, -2e-4, 0.0]), rtol=1e-6)
    np.testing.assert_allclose(text_map, 0.1 * np.tile(places[0], (COMPONENTS, 1)), rtol=1e-6)


@pytest.mark.slow
def test_later_steps_ask_for_less_than_the_first_did() -> None:
    places, _ = ask(answered(0.0, 1.0), np.zeros((COMPONENTS, AXES)))
    assert 0 < places[0, 0] < STEPS * 0.5
    assert places[0, 1] < 0 == places[0, 2]
    assert RATE < 1


def test_a_surprise_asks_for_more_than_what_was_foreseen() -> None:
    surprised, foreseen = (ask(answered(rest, 1.0), np.zeros((COMPONENTS, AXES)))[0] for rest in (-3.0, 3.0))
    assert surprised[0, 0] > 5 * foreseen[0, 0] > 0


def test_who_answered_nothing_asks_for_nothing() -> None:
    nothing = AnsweredItems(np.zeros(0), np.zeros((0, COMPONENTS)), np.zeros((0, AXES)), np.zeros(0), np.ones(AXES))
    places, text_map = ask(nothing, np.ones((COMPONENTS, AXES)))
    assert places.shape == (0, AXES)
    assert not text_map.any()
