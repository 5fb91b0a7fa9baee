"""What is asked: what tells most, what finds the best, and, every third time, whatever chance says."""

import numpy as np

from weal_node.features.layout import DIMENSIONS
from weal_node.reward.judge import moderated
from weal_node.reward.teach import ask_principle, bald, eubo, explained, pair, single

GENERATOR = np.random.default_rng(3)
PHI = GENERATOR.normal(size=(40, DIMENSIONS))
MEAN = GENERATOR.normal(size=DIMENSIONS)


def test_an_answer_that_is_certain_or_mere_noise_tells_nothing() -> None:
    told = bald(np.array([0.0, 8.0, 0.0]), np.array([4.0, 0.1, 1e-9]))
    assert told[0] > 0.2
    assert told[1] < 0.02
    assert told[2] < 1e-3


def test_two_good_ones_of_which_we_are_unsure_are_worth_more_than_one_sure() -> None:
    both = eubo(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([4.0, 1e-9]))
    assert both[0] > both[1]
    assert abs(both[1] - 1.0) < 1e-4  # sd of 3e-5 adds 0.4 sd


def test_questions_take_turns() -> None:
    asked = [
        pair(PHI, np.zeros(40), MEAN, np.eye(DIMENSIONS), number, np.random.default_rng(number)) for number in range(6)
    ]
    assert [one.why for one in asked] == ["best", "learn", "audit"] * 2
    assert all(one.first != one.second for one in asked)


def test_a_single_question_is_the_least_certain_one() -> None:
    mean, variance = np.array([2.0, 0.1, -3.0]), np.array([0.5, 0.5, 0.5])
    assert single(mean, variance) == int(np.abs(moderated(mean, variance) - 0.5).argmin()) == 1


def test_a_principle_is_asked_for_first_and_only_while_it_is_worth_more() -> None:
    assert ask_principle(0, 0, dismissed=False)
    assert not ask_principle(0, 1, dismissed=False)
    assert not ask_principle(0, 0, dismissed=True)
    assert not ask_principle(50, 0, dismissed=False)


def test_knowledge_grows_as_doubt_shrinks() -> None:
    mean = np.array([-1.0, 0.0, 1.0])
    known = [explained(mean, np.full(3, doubt)) for doubt in (4.0, 1.0, 0.1)]
    assert known == sorted(known)
    assert 0 < known[0] < known[-1] < 1
    assert explained(np.zeros(3), np.ones(3)) == explained(mean[:1], np.ones(1)) == 0
