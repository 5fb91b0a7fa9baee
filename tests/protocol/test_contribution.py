"""One person's contribution: never longer than the clip, whatever the person says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weal_protocol.contribution import (
    ANSWERS_SHARE,
    FULL_ANSWERS,
    HEAD_SHARE,
    SQUARE_SHARE,
    clipped,
    contribute,
    length,
    units,
)
from weal_protocol.errors import MalformedError
from weal_protocol.representation import MAX_ITEMS, SHARED, Vector

CATALOGUE = tuple(f"{n:064x}" for n in range(60))
heads = arrays(np.float64, SHARED, elements=st.floats(-1e120, 1e120))
spreads = arrays(np.float64, SHARED, elements=st.floats(0, 1e120))
votes = st.dictionaries(st.sampled_from(CATALOGUE), st.sampled_from([1, -1]))
clips = st.floats(1e-6, 1e6)
ZERO = np.zeros(SHARED)


@given(votes, heads, spreads, clips)
def test_the_norm_is_never_above_the_clip(said: dict[str, int], mean: Vector, variance: Vector, clip: float) -> None:
    flat = contribute(CATALOGUE, said.items(), mean, variance, clip)
    assert flat.shape == (length(len(CATALOGUE)),)
    assert np.linalg.norm(flat) <= clip
    n = 2 * len(CATALOGUE)
    for block, share in ((flat[:n], ANSWERS_SHARE), (flat[n:-SHARED], HEAD_SHARE), (flat[-SHARED:], SQUARE_SHARE)):
        assert np.linalg.norm(block) <= clip * share * (1 + 1e-9)


@given(arrays(np.float64, st.integers(0, 50), elements=st.floats(-1e150, 1e150)), clips)
def test_clipping_shortens_and_keeps_the_direction(flat: Vector, clip: float) -> None:
    short = clipped(flat, clip)
    assert np.linalg.norm(short) <= clip
    assert (np.sign(short) * np.sign(flat) >= 0).all()
    assert np.array_equal(clipped(short, clip), short)


def test_the_shares_fill_the_clip_and_no_more() -> None:
    assert pytest.approx(1.0, abs=1e-12) == ANSWERS_SHARE**2 + HEAD_SHARE**2 + SQUARE_SHARE**2


@given(votes)
def test_answers_stand_where_they_belong(said: dict[str, int]) -> None:
    flat, n = contribute(CATALOGUE, said.items(), ZERO, ZERO, 1.0), len(CATALOGUE)
    worth = units(1.0).answer * min(1.0, (FULL_ANSWERS / max(len(said), 1)) ** 0.5)
    for row, item in enumerate(CATALOGUE):
        assert flat[row] == pytest.approx(worth if said.get(item) == 1 else 0.0)
        assert flat[n + row] == pytest.approx(worth if said.get(item) == -1 else 0.0)
    assert not flat[2 * n :].any()


@given(votes, st.dictionaries(st.text(max_size=8), st.sampled_from([1, -1])))
def test_items_outside_the_catalogue_change_nothing(said: dict[str, int], unknown: dict[str, int]) -> None:
    alone = contribute(CATALOGUE, said.items(), ZERO, ZERO, 1.0)
    assert np.array_equal(alone, contribute(CATALOGUE, (said | unknown).items(), ZERO, ZERO, 1.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("which", ["mean", "variance"])
def test_what_is_not_finite_is_refused(bad: float, which: str) -> None:
    head = {"mean": ZERO.copy(), "variance": ZERO.copy()}
    head[which][3] = bad
    if bad == 1e300 and which == "variance":
        assert np.linalg.norm(contribute(CATALOGUE, (), **head, clip=1.0)) <= 1.0
        return
    with pytest.raises(MalformedError, match="NaN or infinity"):
        contribute(CATALOGUE, (), **head, clip=1.0)


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(MalformedError, match="wrong size"):
        contribute(CATALOGUE, (), np.zeros(SHARED + 1), ZERO, 1.0)
    with pytest.raises(MalformedError, match="wrong size"):
        contribute(("0" * 64,) * (MAX_ITEMS + 1), (), ZERO, ZERO, 1.0)


def test_an_empty_catalogue_leaves_the_head() -> None:
    flat = contribute((), [(CATALOGUE[0], 1)], np.ones(SHARED), ZERO, 1.0)
    assert len(flat) == 2 * SHARED
    assert flat.any()
