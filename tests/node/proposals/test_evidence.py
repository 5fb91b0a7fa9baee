"""Of many passages that say the same, one is chosen; of what the person knows already, none before what is new."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weal_node.proposals.evidence import diverse, relevance

X, Y = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def test_the_second_choice_is_another_thing() -> None:
    assert diverse([0.9, 0.89, 0.6], [X, X, Y], [0, 0, 0], 2) == [0, 2]
    assert diverse([0.9, 0.6], [X, Y], [1.0, 0.0], 1) == [1]  # the first is known already


@given(st.lists(st.integers(0, 100), max_size=8), st.integers(0, 10))
def test_each_is_chosen_once_and_none_is_made_up(scores: list[int], limit: int) -> None:
    chosen = diverse(scores, [X] * len(scores), [0.0] * len(scores), limit)
    assert len(chosen) == len(set(chosen)) == min(limit, len(scores))
    assert [scores[one] for one in chosen] == sorted(scores, reverse=True)[: len(chosen)]  # all alike: the best first


def test_either_way_of_telling_counts() -> None:
    words, meaning, neither = relevance([0.9, 0.0, 0.0], [0.1, 0.8, 0.1])
    assert (
        min(words, meaning) > 0.05 > neither
    )  # a standard deviation in words counts .15 of one in meaning (evidence.WORDS)
    assert relevance([], []) == []
    (alone,) = relevance([0.0], [0.12])
    assert alone < 0.1  # the best of one is not good for that
