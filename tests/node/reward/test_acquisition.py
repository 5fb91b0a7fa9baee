"""What is asked: what finds the best, what tells most, and, once there is something to audit, every third time whatever chance says."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from weal_node.features.layout import DIMENSIONS
from weal_node.reward.acquisition import (
    AUDIT_EVERY,
    AUDITS_FROM,
    SITTING_MS,
    Asked,
    NextQuestion,
    ask_principle,
    bald,
    eubo,
    pair,
    single,
    sitting,
    turn,
)
from weal_node.reward.prediction import moderated

GENERATOR = np.random.default_rng(3)
PHI = GENERATOR.normal(size=(40, DIMENSIONS))
MEAN = GENERATOR.normal(size=DIMENSIONS)


def test_an_answer_that_is_certain_or_mere_noise_tells_nothing() -> None:
    bits = bald(np.array([0.0, 8.0, 0.0]), np.array([4.0, 0.1, 1e-9]))
    assert bits[0] > 0.2
    assert bits[1] < 0.02
    assert bits[2] < 1e-3


def test_two_good_ones_of_which_we_are_unsure_are_worth_more_than_one_sure() -> None:
    both = eubo(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([4.0, 1e-9]))
    assert both[0] > both[1]
    assert abs(both[1] - 1.0) < 1e-4  # sd of 3e-5 adds 0.4 sd


def ask(number: int, seed: int = 0, mean: npt.NDArray[np.float64] = MEAN) -> NextQuestion:
    return pair(PHI, np.zeros(40), mean, np.eye(DIMENSIONS), Asked(number), np.random.default_rng(seed))


def test_questions_take_turns() -> None:
    asked = [ask(number) for number in range(20)]
    early, late = ["best"] * 5 + ["learn", "best"] * 4 + ["learn"], ["audit", "best", "learn", "audit", "best", "best"]
    assert [question.why for question in asked] == early + late
    assert [turn(number) for number in range(20)] == early + late
    assert all(question.first != question.second for question in asked)


def test_no_audit_is_asked_before_there_is_something_to_audit_and_a_third_are_from_then_on() -> None:
    audits = [number for number in range(1_000) if turn(number) == "audit"]
    assert audits[0] == AUDITS_FROM
    assert set(np.diff(audits)) == {AUDIT_EVERY}


@pytest.mark.slow
def test_what_is_audited_is_drawn_from_all_pairs_alike_whatever_is_believed() -> None:
    drawn = [frozenset((found.first, found.second)) for found in (ask(AUDITS_FROM, seed) for seed in range(7_800))]
    assert [
        frozenset((found.first, found.second)) for found in (ask(AUDITS_FROM, seed, -MEAN) for seed in range(50))
    ] == drawn[:50]
    often = np.array(list(Counter(drawn).values()))
    assert len(often) == 40 * 39 // 2
    assert np.sum((often - 10) ** 2 / 10) < 780 + 4 * np.sqrt(2 * 780)  # chi squared, 4 sd


def test_a_single_question_is_the_least_certain_one() -> None:
    mean, variance = np.array([2.0, 0.1, -3.0]), np.array([0.5, 0.5, 0.5])
    assert single(mean, variance) == int(np.abs(moderated(mean, variance) - 0.5).argmin()) == 1


def test_a_principle_is_asked_for_first_and_only_while_it_is_worth_more() -> None:
    assert ask_principle(0, 0, dismissed=False)
    assert not ask_principle(0, 1, dismissed=False)
    assert not ask_principle(0, 0, dismissed=True)
    assert not ask_principle(50, 0, dismissed=False)


def test_a_skipped_pair_is_asked_only_where_there_is_no_other() -> None:
    pairs = [frozenset(pair) for pair in ((0, 1), (0, 2), (1, 2))]

    def asked(answered: set[frozenset[int]], skipped: set[frozenset[int]]) -> set[frozenset[int]]:
        draws = [
            pair(
                PHI[:3],
                np.zeros(3),
                MEAN,
                np.eye(DIMENSIONS),
                Asked(number, answered, skipped),
                np.random.default_rng(seed),
            )
            for number in (0, 5, AUDITS_FROM)
            for seed in range(10)
        ]
        return {frozenset((question.first, question.second)) for question in draws}

    assert asked({pairs[0]}, {pairs[1]}) == {pairs[2]}
    assert asked({pairs[0], pairs[1]}, {pairs[2]}) <= {pairs[0], pairs[1]}  # rather one that was answered
    assert asked(set(), set(pairs)) <= set(pairs)


def test_a_sitting_goes_on_while_no_pause_is_too_long() -> None:
    long, now = SITTING_MS, 100 * SITTING_MS
    assert sitting([], now) == now
    assert sitting([now - long - 1], now) == now
    assert sitting([now - long, now - 2 * long, now - 3 * long - 1], now) == now - 2 * long
    assert sitting([now + 5, now - 1], now) == now - 1  # a clock that was set back
