"""What a text says of an item: it follows what released items share, goes back to their mean far away, and hears errors."""

import numpy as np

from weal_node.features.weights import WIDTH
from weal_node.reward import item_map
from weal_node.reward.residual import of_length_one

DRAW = np.random.default_rng(2)
TEXTS = of_length_one(DRAW.normal(size=(200, WIDTH)) + 2.0 * DRAW.normal(size=(200, 4)) @ DRAW.normal(size=(4, WIDTH)))
ALONG = of_length_one(DRAW.normal(size=(1, WIDTH)))[0]
QUIET = np.full((200, 1), 0.1)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def test_texts_that_nobody_judged_follow_those_that_are_alike() -> None:
    values = TEXTS @ TEXTS[:150].T @ DRAW.normal(size=150) + 0.5
    values = values[:, None]
    said = item_map.fit(TEXTS[:150], values[:150], QUIET[:150]).at(TEXTS[150:])[:, 0]
    assert correlation(said, values[150:, 0]) > 0.9


def test_where_texts_say_nothing_all_are_the_mean() -> None:
    values = 1.5 + 0.3 * DRAW.normal(size=(200, 1))
    said = item_map.fit(TEXTS, values, QUIET).at(TEXTS)[:, 0]
    assert abs(said.mean() - 1.5) < 0.1
    assert said.std() < 0.5 * values.std()


def test_items_whose_value_is_little_known_are_little_heard() -> None:
    values = np.zeros((200, 1))
    values[:100] = 3.0
    loud = QUIET.copy()
    loud[:100] = 10.0
    assert abs(item_map.fit(TEXTS, values, loud).fitted[0].mean) < 0.1
    assert item_map.fit(TEXTS, values, QUIET).fitted[0].mean > 1.0


def test_few_or_empty_values_make_no_map() -> None:
    few = item_map.FEWEST - 1
    assert not item_map.fit(TEXTS[:few], np.ones((few, 1)), QUIET[:few]).at(TEXTS).any()
    assert not item_map.fit(TEXTS, np.zeros((200, 1)), QUIET).at(TEXTS).any()
    assert item_map.fit(TEXTS[:0], np.zeros((0, 2)), np.zeros((0, 2))).at(TEXTS).shape == (200, 2)


def test_no_bit_of_a_text_depends_on_the_others() -> None:
    read = item_map.fit(TEXTS[:100], (TEXTS[:100] @ ALONG)[:, None] * 5, QUIET[:100])
    assert read.at(TEXTS[100:]).tobytes() == np.concatenate([read.at(one[None]) for one in TEXTS[100:]]).tobytes()
