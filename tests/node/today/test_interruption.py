"""The gate: silent with a reason, and open only when the person is understood."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.reward.calibration import FEWEST, Guess, expected_calibration_error, worse_than_the_base_rate
from weal_node.today.interruption import A_DAY, BUSY, PAUSE, UNDERSTOOD, Moment, Quiet, budget, silence, threshold

OPEN = Moment(0.6, 30, None, (), (), 12 * 60, Quiet(22 * 60, 7 * 60))


def test_a_good_moment_is_open() -> None:
    assert silence(OPEN) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"minute": 23 * 60}, "quiet hours"),
        ({"minute": 6 * 60}, "quiet hours"),
        ({"understood": UNDERSTOOD - 0.01}, "understands"),
        ({"understood": UNDERSTOOD - 0.001}, "34%"),
        ({"answers": 2}, "2 of the 5 answers"),
        ({"since_change": 3}, "changed"),
        ({"outcomes": (True, None, True)}, "used up"),
        ({"outcomes": (False, False)}, "used up"),
        ({"audits": tuple(Guess(0.99, bool(n % 2)) for n in range(30))}, "guessed"),
    ],
)
def test_every_silence_has_its_reason(change: dict[str, object], said: str) -> None:
    assert said in silence(replace(OPEN, **change))  # type: ignore[arg-type]  # one field at a time


def test_the_threshold_is_where_gain_and_loss_meet() -> None:
    for cost in (PAUSE, BUSY):
        p = threshold(cost)
        assert math.isclose(p * 1.0, (1 - p) * 0.25 + cost)
    assert threshold(PAUSE) == pytest.approx(0.32)


@given(st.lists(st.sampled_from([True, False, None]), max_size=6))
def test_the_budget_never_grows_with_what_is_said(outcomes: list[bool | None]) -> None:
    assert budget(outcomes) <= A_DAY - len(outcomes)
    assert budget([*outcomes, None]) < budget(outcomes)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_and_the_rest_are_the_day(start: int, end: int, minute: int) -> None:
    if start != end:
        assert Quiet(start, end).holds(minute) != Quiet(end, start).holds(minute)
    else:
        assert not Quiet(start, end).holds(minute)


def test_an_honest_forecaster_is_calibrated_and_a_boaster_is_not() -> None:
    draw = np.random.default_rng(1)
    said = draw.uniform(0, 1, 4_000)
    came = draw.random(4_000) < said
    honest = [Guess(float(p), bool(y)) for p, y in zip(said, came, strict=True)]
    boasting = [Guess(0.99 if p > 0.5 else 0.01, bool(y)) for p, y in zip(said, came, strict=True)]
    assert expected_calibration_error(honest) < 0.03 < 0.2 < expected_calibration_error(boasting)
    assert not worse_than_the_base_rate(honest)
    assert worse_than_the_base_rate(boasting)
    assert not worse_than_the_base_rate(boasting[: FEWEST - 1])
    assert math.isnan(expected_calibration_error([]))
