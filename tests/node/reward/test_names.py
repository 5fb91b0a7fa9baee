"""What axes are called: by examples, and by a word only where one lies along them, tags before titles."""

import numpy as np

from weal_node.features.concepts import Concept
from weal_node.features.weights import WIDTH
from weal_node.reward.names import example, examples, offered

AXIS = np.eye(WIDTH)[0]


def tilted(amount: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    vector = amount * np.eye(WIDTH)[0] + np.sqrt(1 - amount**2) * np.eye(WIDTH)[1]
    return np.asarray(vector, np.float64)


def test_an_axis_is_shown_by_what_lies_at_its_ends() -> None:
    assert examples(np.array([0.1, 3.0, -2.0, 1.0]), ["a", "b", "c", "d"]) == "like “b”, “d”; unlike “c”"
    assert examples(np.zeros(4), ["a", "b", "c", "d"]) == ""
    assert len(examples(np.array([0.0, 1.0, 2.0]), ["x" * 500] * 3)) < 250


def test_one_end_of_an_axis_is_named_by_another_than_what_is_spoken_of() -> None:
    values, texts = np.array([0.1, 3.0, -2.0, 1.0]), ["a", "b", "c", "d"]
    assert example(values, texts, high=True) == "like “b”"
    assert example(values, texts, high=True, but="b") == "like “d”"
    assert example(values, texts, high=False) == "like “c”"
    assert example(np.zeros(4), texts, high=True) == ""


def test_the_ladder_prefers_a_tag_to_a_better_title_and_offers_nothing_far_off() -> None:
    tag, title = Concept("tag: garden", "tag", tilted(0.5)), Concept("title: Soil", "title", tilted(0.9))
    assert offered(AXIS, [title, tag]) == "tag: garden"
    assert offered(AXIS, [title]) == "title: Soil"
    assert offered(AXIS, [Concept("tag: far", "tag", tilted(0.1))]) == ""
    assert offered(AXIS, []) == ""
