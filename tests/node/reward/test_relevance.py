"""Which features matter: the stated prior without evidence, less of what says nothing, more of what says much; a pure function of the log."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_node.reward.head import Rows
from weal_node.reward.posterior import fit
from weal_node.reward.prior import Prior
from weal_node.reward.relevance import LEAST, MOST, NEWEST, relevant, scales

WIDTH = 8
Array = npt.NDArray[np.float64]


def answered(seed: int, count: int, taste: Array) -> Rows:
    draw = np.random.default_rng(seed)
    design = draw.normal(size=(count, WIDTH))
    outcome = (draw.random(count) < 1 / (1 + np.exp(-design @ taste))).astype(float)
    return Rows(design, np.zeros(count), outcome, ())


def full(seed: int) -> Prior:
    root = np.random.default_rng(seed).normal(size=(WIDTH, WIDTH)) / 4
    return Prior(np.linspace(-0.3, 0.3, WIDTH), root @ root.T + np.eye(WIDTH) / 4, "test")


def plain() -> Prior:
    return Prior(np.zeros(WIDTH), np.eye(WIDTH) / 4, "test")


def only(column: int, weight: float) -> Array:
    return np.where(np.arange(WIDTH) == column, weight, 0.0)


def test_without_an_answer_it_is_the_stated_prior() -> None:
    found = relevant(answered(1, 0, np.zeros(WIDTH)), full(2))
    assert found.covariance.tobytes() == full(2).covariance.tobytes()
    assert found.mean.tobytes() == full(2).mean.tobytes()


@given(st.integers(0, 9), st.integers(0, WIDTH - 1), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_what_no_answer_is_about_keeps_its_scale(seed: int, column: int, count: int) -> None:
    rows = answered(seed, count, np.ones(WIDTH))
    rows.design[:, column] = 0.0
    assert scales(rows, full(seed))[column] == 1.0


@pytest.mark.slow
@given(st.integers(0, 99), st.integers(1, 60), st.floats(0, 4))
@settings(max_examples=30, deadline=None)
def test_scales_are_bounded_the_mean_stays_and_the_prior_is_one(seed: int, count: int, strength: float) -> None:
    rows, prior = answered(seed, count, np.full(WIDTH, strength)), full(seed)
    scale, found = scales(rows, prior), relevant(rows, prior)
    assert (scale >= LEAST).all()
    assert (scale <= MOST).all()
    assert found.mean.tobytes() == prior.mean.tobytes()
    assert np.allclose(found.covariance, np.sqrt(scale)[:, None] * prior.covariance * np.sqrt(scale))
    assert np.array_equal(found.covariance, found.covariance.T)
    assert np.linalg.eigvalsh(found.covariance).min() > 0


@given(st.integers(0, 99), st.permutations(range(WIDTH)))
@settings(max_examples=20, deadline=None)
def test_it_does_not_matter_in_which_order_features_stand(seed: int, order: list[int]) -> None:
    rows, prior = answered(seed, 30, only(0, 2.0)), full(seed)
    turned = Prior(prior.mean[order], prior.covariance[np.ix_(order, order)], "test")
    assert np.allclose(scales(replace(rows, design=rows.design[:, order]), turned), scales(rows, prior)[order])


@given(st.integers(0, 99), st.floats(0.1, 10))
@settings(max_examples=20, deadline=None)
def test_it_does_not_matter_in_which_unit_a_feature_is_measured(seed: int, unit: float) -> None:
    rows, prior = answered(seed, 30, only(0, 2.0)), plain()
    units = only(3, unit - 1.0) + 1.0
    other = Prior(prior.mean, prior.covariance / np.outer(units, units), "test")
    assert np.allclose(scales(replace(rows, design=rows.design * units), other), scales(rows, prior), atol=1e-4)


def test_who_cares_for_one_thing_is_known_to_and_who_cares_for_all_keeps_all() -> None:
    one = np.array([scales(answered(seed, 60, only(2, 3.0)), plain()) for seed in range(20)]).mean(axis=0)
    every = np.array([scales(answered(seed, 60, np.full(WIDTH, 0.5)), plain()) for seed in range(20)]).mean(axis=0)
    assert one.argmax() == 2
    assert one[2] > 2
    assert np.delete(one, 2).mean() < 0.85
    assert every.mean() > 0.95


def test_a_sparse_taste_is_learnt_closer_than_under_the_stated_prior() -> None:
    taste, nearer = only(2, 3.0), []
    for seed in range(20):
        rows = answered(seed, 40, taste)
        errors = [np.sum((fit(rows, prior).mean - taste) ** 2) for prior in (plain(), relevant(rows, plain()))]
        nearer.append(errors[1] < errors[0])
    assert np.mean(nearer) > 0.8


def test_of_many_answers_the_newest_tell() -> None:
    rows = answered(4, NEWEST + 50, only(1, 2.0))
    newest = replace(rows, design=rows.design[50:], offset=rows.offset[50:], outcome=rows.outcome[50:])
    assert scales(rows, plain()).tobytes() == scales(newest, plain()).tobytes()


def test_an_answer_that_counts_for_nothing_tells_nothing() -> None:
    rows = answered(4, 30, only(1, 2.0))
    silent = replace(rows, weight=np.zeros(30))
    assert np.allclose(scales(silent, full(3)), 1.0)
