"""A representation is of its layout or is refused by name."""

from dataclasses import replace

import numpy as np
import pytest

from weal_protocol.errors import MalformedError
from weal_protocol.representation import AXES, MAX_ITEMS, SHARED, Representation, empty

ITEMS = ("aa" * 32, "bb" * 32)


def good() -> Representation:
    return Representation(ITEMS, np.zeros(2), np.ones(2), np.zeros((2, AXES)), np.zeros(SHARED), np.eye(SHARED), 1)


def test_items_are_found_by_name() -> None:
    assert good().index == {ITEMS[0]: 0, ITEMS[1]: 1}
    assert empty().items == ()
    assert np.linalg.eigvalsh(empty().prior_covariance)[0] > 0


@pytest.mark.parametrize(
    "items", [ITEMS[::-1], (ITEMS[0], ITEMS[0]), ITEMS[:1], tuple(f"{n:064x}" for n in range(MAX_ITEMS + 1))]
)
def test_items_out_of_order_twice_or_too_many_are_refused(items: tuple[str, ...]) -> None:
    with pytest.raises(MalformedError):
        replace(good(), items=items)


@pytest.mark.parametrize("name", ["bias", "bias_sd", "axes", "prior_mean", "prior_covariance"])
def test_wrong_shape_type_or_number_is_named(name: str) -> None:
    array = getattr(good(), name)
    holed = array.copy()
    holed.flat[0] = np.nan
    endless = array.copy()
    endless.flat[-1] = np.inf
    for bad in (array.astype(np.float32), array[..., None], array[:-1], holed, endless):
        with pytest.raises(MalformedError, match=name):
            replace(good(), **{name: bad})


def skewed() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    matrix = np.eye(SHARED)
    matrix[0, 1] = 0.5
    return matrix


@pytest.mark.parametrize(
    "covariance", [np.zeros((SHARED, SHARED)), -np.eye(SHARED), skewed(), np.full((SHARED, SHARED), 1e308)]
)
def test_a_covariance_must_be_one(covariance: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    with pytest.raises(MalformedError, match="positive definite"):
        replace(good(), prior_covariance=covariance)
