"""The posterior: a pure function of the log, exact under deletion, surer with every answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_node.features.layout import DIMENSIONS, HOURS_GIVEN, HOURS_RECEIVED
from weal_node.records import Answer, Choice
from weal_node.reward.head import rows
from weal_node.reward.posterior import fit
from weal_node.reward.prior import built_in

ITEMS = [f"{number:064x}" for number in range(12)]
INDEX = {item: row for row, item in enumerate(ITEMS)}
PHI = np.random.default_rng(7).normal(size=(len(ITEMS), DIMENSIONS)) * 0.5
BIAS = np.linspace(-1, 1, len(ITEMS))


@st.composite
def logs(draw: st.DrawFn) -> list[Answer]:
    log = []
    for number in range(draw(st.integers(0, 15))):
        item = draw(st.sampled_from(ITEMS))
        other = draw(st.sampled_from(["", *ITEMS]))
        choices = (Choice.FIRST, Choice.SECOND) if other else (Choice.ACCEPT, Choice.REJECT)
        log.append(Answer(f"{number:032x}", number, item, other, draw(st.sampled_from(choices)), "teach"))
    return log


@pytest.mark.slow
@given(logs(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_answers_come_changes_no_bit(log: list[Answer], shuffle: object) -> None:
    other = list(log)
    shuffle.shuffle(other)  # type: ignore[attr-defined]  # a random.Random
    first, second = (fit(rows(answers, INDEX, PHI, BIAS), built_in()) for answers in (log, other))
    assert first.mean.tobytes() == second.mean.tobytes()
    assert first.covariance.tobytes() == second.covariance.tobytes()


@pytest.mark.slow
@given(logs())
@settings(max_examples=40, deadline=None)
def test_a_deleted_answer_was_never_there(log: list[Answer]) -> None:
    extra = Answer("f" * 32, 99, ITEMS[0], "", Choice.ACCEPT, "teach")
    with_it = [*log, extra]
    after = fit(rows([answer for answer in with_it if answer.id != extra.id], INDEX, PHI, BIAS), built_in())
    never = fit(rows(log, INDEX, PHI, BIAS), built_in())
    assert after.mean.tobytes() == never.mean.tobytes()


@pytest.mark.slow
@given(logs())
@settings(max_examples=40, deadline=None)
def test_answers_never_widen_the_posterior(log: list[Answer]) -> None:
    posterior = fit(rows(log, INDEX, PHI, BIAS), built_in())
    narrowing = built_in().covariance - posterior.covariance
    assert np.linalg.eigvalsh(narrowing).min() > -1e-9


@pytest.mark.slow
@given(logs())
@settings(max_examples=40, deadline=None)
def test_the_schedule_ends_at_the_mode(log: list[Answer]) -> None:
    prior, known = built_in(), rows(log, INDEX, PHI, BIAS)
    posterior = fit(known, prior)
    z = known.offset + known.design @ posterior.mean
    pull = known.design.T @ (known.weights() * (known.outcome - 1 / (1 + np.exp(-z))))
    gradient = pull - np.linalg.inv(prior.covariance) @ (posterior.mean - prior.mean)
    assert np.abs(gradient).max() < 1e-6


def test_without_answers_the_prior_stands() -> None:
    posterior = fit(rows([], INDEX, PHI, BIAS), built_in())
    assert posterior.mean.tobytes() == built_in().mean.tobytes()
    assert posterior.answers == 0


def test_a_thousand_identical_answers_stay_finite() -> None:
    log = [Answer(f"{number:032x}", number, ITEMS[0], "", Choice.ACCEPT, "teach") for number in range(1_000)]
    posterior = fit(rows(log, INDEX, PHI, BIAS), built_in())
    assert np.isfinite(posterior.mean).all()
    assert np.linalg.eigvalsh(posterior.covariance).min() > 0


def test_answers_on_items_that_are_gone_are_left_out() -> None:
    log = [Answer("a" * 32, 1, "0" * 64 + "x", "", Choice.ACCEPT, "teach")]
    assert fit(rows(log, INDEX, PHI, BIAS), built_in()).answers == 0


def test_an_hour_received_is_worth_more_than_an_hour_given() -> None:
    mean = built_in().mean
    assert mean[HOURS_RECEIVED] * np.log(2) + mean[HOURS_GIVEN] > 0
