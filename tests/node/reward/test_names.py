"""What axes are called: by examples."""

import numpy as np

from weal_node.reward.names import example, examples


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
