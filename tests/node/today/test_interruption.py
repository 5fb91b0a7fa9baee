"""The gate: silent with a reason, open where the likeliest ideas promise enough, and no single answer closes it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.reward.calibration import FEWEST, Guess, expected_calibration_error, worse_than_the_base_rate
from weal_node.today.interruption import (
    BUSY,
    GAIN,
    LOSS,
    PAUSE,
    SLACK,
    Moment,
    Quiet,
    bar,
    budget,
    silence,
    threshold,
)
from weal_node.today.promise import A_DAY, IDEAS_A_CARD, NEWEST, PastCard, Promise, correction, promise

MANY = A_DAY * IDEAS_A_CARD
LIKELY = promise([0.8] * 5 + [0.4] * (MANY - 5), ())
OPEN = Moment(LIKELY, (), False, 30, None, (), (), 12 * 60, Quiet(22 * 60, 7 * 60))
NEARLY = promise([threshold(PAUSE) - SLACK / 2] * 5 + [0.3] * 85, ())


def test_a_good_moment_is_open() -> None:
    assert silence(OPEN) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"minute": 23 * 60}, "quiet hours"),
        ({"minute": 6 * 60}, "quiet hours"),
        ({"promise": promise([0.5] * 7, ())}, "any of the 7 ideas"),
        ({"promise": promise([0.5], ())}, "the one idea"),
        ({"promise": promise([], ())}, "no new idea"),
        ({"promise": NEARLY, "since_change": 3}, "want other things"),
        ({"promise": NEARLY, "past": (PastCard(0.7, False),) * 7}, "you took up 0 of the last 7 cards"),
        ({"answers": 2}, "2 of the 5 answers"),
        ({"outcomes": (True, None, True)}, "all for today"),
        ({"outcomes": (False, False)}, "all for today"),
        ({"audits": tuple(Guess(0.99, bool(n % 2)) for n in range(30))}, "guessed"),
    ],
)
def test_every_silence_has_its_reason_and_none_is_a_percentage(change: dict[str, object], said: str) -> None:
    reason = silence(replace(OPEN, **change))  # type: ignore[arg-type]  # one field at a time
    assert said in reason
    assert "%" not in reason


def test_who_spoke_lately_goes_on_from_a_little_less_unless_the_person_changed() -> None:
    assert silence(replace(OPEN, promise=NEARLY))
    assert not silence(replace(OPEN, promise=NEARLY, spoke=True))
    assert silence(replace(OPEN, promise=NEARLY, spoke=True, since_change=3))
    assert bar(replace(OPEN, spoke=True), PAUSE) == threshold(PAUSE) - SLACK


def test_one_unwelcome_card_does_not_close_what_is_open_and_many_do() -> None:
    chances = [threshold(PAUSE) + 0.01] * 5 + [0.4] * 60
    assert not silence(replace(OPEN, promise=promise(chances, ())))
    once, often = (PastCard(0.62, False),), (PastCard(0.62, False),) * 10
    assert not silence(replace(OPEN, promise=promise(chances, once), past=once, spoke=True))
    assert "you took up 0 of the last 10" in silence(
        replace(OPEN, promise=promise(chances, often), past=often, spoke=True)
    )


def test_cards_count_less_once_answers_were_given_since() -> None:
    fresh, faded = [PastCard(0.8, False)] * 10, [PastCard(0.8, False, 30)] * 10
    assert correction(fresh) < correction(faded) < 0
    assert correction([PastCard(0.6, True)] * 10) > 0 == correction(())


def test_what_promises_no_more_than_anything_does_is_not_brought_unless_anything_is_welcome() -> None:
    alike = [0.6] * 50
    assert not Promise(tuple(alike), 0.6, 0.58).holds(0.59)
    assert Promise(tuple(alike), 0.6, 0.4).holds(0.59)
    assert not silence(replace(OPEN, promise=promise([0.9] * 50, ())))  # a person who is glad of everything


@given(st.lists(st.booleans(), max_size=40), st.floats(0, 1))
def test_a_correction_is_never_more_than_was_missed_and_the_oldest_cards_are_forgotten(
    came: list[bool], said: float
) -> None:
    cards = [PastCard(said, glad) for glad in came]
    assert abs(correction(cards)) <= 1
    assert correction(cards) == correction(cards[-NEWEST:])
    assert all(0 <= chance <= 1 for chance in promise([0.0, said, 1.0], cards).chances)


def test_the_threshold_is_where_gain_and_loss_meet() -> None:
    for cost in (PAUSE, BUSY):
        p = threshold(cost)
        assert math.isclose(p * GAIN, (1 - p) * LOSS + cost)


@given(st.lists(st.sampled_from([True, False, None]), max_size=6), st.integers(1, 300))
def test_the_budget_never_grows_with_what_is_said(outcomes: list[bool | None], ideas: int) -> None:
    assert budget(outcomes, ideas) <= A_DAY - len(outcomes)
    assert budget([*outcomes, None], ideas - 1) < budget(outcomes, ideas)


@pytest.mark.parametrize(("ideas", "most"), [(1, 1), (50, 1), (60, 2), (90, 3), (1_000, 3)])
def test_few_ideas_are_one_card_a_day_however_many_were_brought_of_them(ideas: int, most: int) -> None:
    assert budget((), ideas) == most
    assert budget((None,) * most, ideas - most) == 0


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
