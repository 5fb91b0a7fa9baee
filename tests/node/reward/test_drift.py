"""The bank: steady people keep their answers, changed ones lose the old, and the log alone decides."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_node.reward.drift import BLOCK, FEWEST, WINDOW, Block, follow
from weal_node.reward.filter_bank import RATES, RESTARTS
from weal_node.reward.head import Rows
from weal_node.reward.prior import Prior

WIDTH = 6
PRIOR = Prior(np.zeros(WIDTH), np.eye(WIDTH), "test")


def answered(count: int, seed: int, change: int | None = None) -> Rows:
    draw = np.random.default_rng(seed)
    taste = draw.normal(size=WIDTH) * 1.5
    design = draw.normal(size=(count, WIDTH))
    signs = np.where(np.arange(count) < (count if change is None else change), 1.0, -1.0)
    outcome = (draw.random(count) < 1 / (1 + np.exp(-signs * (design @ taste)))).astype(float)
    return Rows(design, np.zeros(count), outcome, ())


def test_someone_who_turned_round_is_noticed_and_the_old_answers_fade() -> None:
    drift = follow(answered(200, 1, change=140), PRIOR)
    assert drift.since is not None
    assert abs(drift.since - 140) <= 15
    assert drift.weight[:130].max() < 0.3 < 0.9 < drift.weight[-20:].min()


def test_someone_steady_keeps_what_they_said() -> None:
    alarms = [follow(answered(200, seed), PRIOR) for seed in range(10)]
    assert sum(drift.since is not None for drift in alarms) <= 1
    assert np.mean([drift.weight.mean() for drift in alarms]) > 0.75


@given(st.integers(0, 60), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_weights_are_weights_and_newer_answers_never_count_less(count: int, seed: int) -> None:
    drift = follow(answered(count, seed), PRIOR)
    assert drift.weight.shape == (count,)
    assert ((drift.weight >= 0) & (drift.weight <= 1)).all()
    assert (np.diff(drift.weight) > -1e-12).all()
    assert drift.shares.shape == (len(RATES) + RESTARTS,)
    assert abs(drift.shares.sum() - 1) < 1e-9


def test_few_answers_count_in_full() -> None:
    drift = follow(answered(FEWEST - 1, 3), PRIOR)
    assert (drift.weight == 1).all()
    assert drift.since is None


def test_the_same_log_gives_the_same_bits_and_a_long_one_is_cut_not_slow() -> None:
    rows: Rows = answered(WINDOW + 500, 4, change=WINDOW + 450)
    first, second = follow(rows, PRIOR), follow(rows, PRIOR)
    assert first.weight.tobytes() == second.weight.tobytes()
    weight: npt.NDArray[np.float64] = first.weight
    assert weight[0] < 0.5 < weight[-1]
    assert first.since is not None
    assert first.since >= WINDOW


def first(count: int, rows: Rows) -> Rows:
    return Rows(rows.design[:count], rows.offset[:count], rows.outcome[:count], ())


@pytest.mark.slow
@given(st.integers(BLOCK, 3 * BLOCK), st.integers(1, 40), st.integers(0, 3 * BLOCK), st.integers(0, 3))
@settings(max_examples=20)
def test_what_is_kept_between_answers_changes_no_bit(count: int, more: int, again: int, seed: int) -> None:
    log = answered(count + more, seed)
    log = replace(log, weight=np.where(np.arange(count + more) == again, 0.5, 1.0))  # an answer that was given twice
    fresh = follow(log, PRIOR)
    blocks: tuple[Block, ...] = ()
    for so_far in range(count, count + more, 7):
        blocks = follow(first(so_far, answered(count + more, seed)), PRIOR, blocks).blocks
    kept = follow(log, PRIOR, blocks)
    assert kept.weight.tobytes() == fresh.weight.tobytes()
    assert kept.shares.tobytes() == fresh.shares.tobytes()


def test_full_blocks_are_taken_over_and_nothing_of_a_log_that_is_gone() -> None:
    log = answered(2 * BLOCK + 5, 7)
    before = follow(first(2 * BLOCK + 4, log), PRIOR).blocks
    after = follow(log, PRIOR, before).blocks
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, True]
    assert len(follow(first(BLOCK + 3, log), PRIOR, after).blocks) == 1
    assert follow(first(3, log), PRIOR, after).blocks == ()


def test_looking_at_another_log_costs_the_next_answer_nothing() -> None:
    log = answered(2 * BLOCK + 5, 7)
    mine = follow(first(2 * BLOCK + 4, log), PRIOR)
    follow(answered(2 * BLOCK, 8), PRIOR, mine.blocks)  # as a page does that asks what would be without an answer
    assert follow(log, PRIOR, mine.blocks).blocks[0] is mine.blocks[0]
