"""One person's contribution: never longer than the clip, whatever the person says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weal_protocol.contribution import (
    ANSWERS_BEFORE,
    ANSWERS_SHARE,
    BEFORE,
    FACTORS,
    FULL_ANSWERS,
    HEAD_SHARE,
    ITEMS_PART,
    KERNELS_SHARE,
    LAYOUTS,
    LIGHT,
    LIGHT_PART,
    MAP_PART,
    REPORT_SHARE,
    SQUARE_SHARE,
    blocks,
    clipped,
    contribute,
    kind,
    layout_of,
    length,
    units,
)
from weal_protocol.errors import MalformedError
from weal_protocol.kernels import BESIDE_RELEASE, KERNELS
from weal_protocol.representation import (
    AXES,
    COMPONENTS,
    FEATURES_BEFORE,
    MAX_ITEMS,
    SHARED,
    SHARED_BEFORE,
    Matrix,
    Vector,
)

CATALOGUE = tuple(f"{n:064x}" for n in range(60))
heads = arrays(np.float64, SHARED, elements=st.floats(-1e120, 1e120))
spreads = arrays(np.float64, SHARED, elements=st.floats(0, 1e120))
votes = st.dictionaries(st.sampled_from(CATALOGUE), st.sampled_from([1, -1]))
clips = st.floats(1e-6, 1e6)
ZERO = np.zeros(SHARED)


@given(
    votes,
    heads,
    spreads,
    clips,
    st.none() | st.floats(0, 1),
    st.sampled_from(LAYOUTS),
    arrays(np.float64, (len(CATALOGUE), AXES), elements=st.floats(-1e120, 1e120)),
    arrays(np.float64, (COMPONENTS, AXES), elements=st.floats(-1e120, 1e120)),
    arrays(np.float64, KERNELS, elements=st.floats(-1e120, 1e120)),
)
def test_no_block_is_above_its_share_and_the_whole_never_above_the_clip(
    said: dict[str, int],
    mean: Vector,
    variance: Vector,
    clip: float,
    report: float | None,
    layout: str,
    of_items: Matrix,
    of_map: Matrix,
    kernels: Vector,
) -> None:
    asked = (of_items, of_map)
    flat = contribute(
        CATALOGUE, said.items(), mean, variance, clip, report=report, kernels=kernels, layout=layout, asked=asked
    )
    assert flat.shape == (length(len(CATALOGUE), layout),)
    assert np.linalg.norm(flat) <= clip
    n, light = len(CATALOGUE), LIGHT_PART if layout == FACTORS else 1.0
    ends = np.cumsum([2 * n, SHARED, SHARED, 2, KERNELS, n * AXES])
    of_light = (ANSWERS_SHARE, HEAD_SHARE, SQUARE_SHARE, REPORT_SHARE, KERNELS_SHARE)
    shares = [light * one for one in of_light] + [ITEMS_PART, MAP_PART]
    for block, share in zip(np.split(flat, ends), shares, strict=True):
        assert np.linalg.norm(block) <= clip * share * (1 + 1e-9)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_come_back_in_their_own_units(layout: str) -> None:
    mean, places, text_map = np.full(SHARED, 0.1), np.full((60, AXES), 0.01), np.full((COMPONENTS, AXES), 0.02)
    said = [(CATALOGUE[3], 1), (CATALOGUE[5], -1)]
    asked = (places, text_map)
    flat = contribute(CATALOGUE, said, mean, ZERO, 2.0, report=0.75, kernels=BESIDE_RELEASE, layout=layout, asked=asked)
    found = blocks(flat, len(CATALOGUE), layout, 2.0)
    assert found.yes[3] == pytest.approx(1.0)
    assert found.no[5] == pytest.approx(1.0)
    assert found.yes.sum() + found.no.sum() == pytest.approx(2.0)
    np.testing.assert_allclose(found.head, mean)
    np.testing.assert_allclose(found.square, mean**2)
    np.testing.assert_allclose(found.report, [1.0, 0.75])
    np.testing.assert_allclose(found.kernels, BESIDE_RELEASE)
    np.testing.assert_allclose(found.items, places if layout == FACTORS else 0.0)
    np.testing.assert_allclose(found.text_map, text_map if layout == FACTORS else 0.0)
    with pytest.raises(MalformedError, match="wrong length"):
        blocks(flat[1:], len(CATALOGUE), layout, 2.0)


def test_of_a_sum_over_earlier_features_what_is_by_items_counts_and_the_shared_moments() -> None:
    n, scale, over = len(CATALOGUE), units(2.0, FACTORS, BEFORE), SHARED_BEFORE
    answers, heads, places = np.arange(2.0 * n), np.arange(2.0 * over), np.arange(float(n * AXES)).reshape(n, AXES)
    parts = [answers * scale.answer, heads[:over] * scale.head, heads[over:] * scale.square, np.ones(2) * scale.report]
    flat = np.concatenate([*parts, places.ravel() * scale.items, np.ones(COMPONENTS * AXES)])
    found = blocks(flat, n, FACTORS, 2.0, BEFORE)
    np.testing.assert_allclose([*found.yes, *found.no], answers)
    np.testing.assert_allclose(found.head, heads[:SHARED])
    np.testing.assert_allclose(found.square, heads[over : over + SHARED])
    np.testing.assert_allclose(found.items, places)
    assert not found.text_map.any()  # of another projection
    with pytest.raises(MalformedError, match="wrong length"):
        blocks(flat, n, FACTORS, 2.0)
    same_size = contribute(CATALOGUE, (), ZERO, ZERO, 2.0, layout=FACTORS, asked=(places, np.ones((COMPONENTS, AXES))))
    assert blocks(same_size, n, FACTORS, 2.0).text_map.any()
    assert not blocks(same_size, n, FACTORS, 2.0, "0123456789abcdef").text_map.any()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sum_of_a_round_that_did_not_ask_for_kernels_is_all_that_it_was(layout: str) -> None:
    n, scale = len(CATALOGUE), units(2.0, layout, FEATURES_BEFORE)
    answers, heads, places = np.arange(2.0 * n), np.arange(2.0 * SHARED), np.arange(float(n * AXES)).reshape(n, AXES)
    parts = [answers * scale.answer, heads[:SHARED] * scale.head, heads[SHARED:] * scale.square]
    parts += [np.ones(2) * scale.report]
    parts += [places.ravel() * scale.items, np.ones(COMPONENTS * AXES) * scale.text_map] if layout == FACTORS else []
    found = blocks(np.concatenate(parts), n, layout, 2.0, FEATURES_BEFORE)
    np.testing.assert_allclose([*found.yes, *found.no], answers)
    np.testing.assert_allclose([*found.head, *found.square], heads)
    np.testing.assert_allclose(found.items, places if layout == FACTORS else 0.0)
    np.testing.assert_allclose(found.text_map, 1.0 if layout == FACTORS else 0.0)
    assert not found.kernels.any()
    assert units(1.0, layout, FEATURES_BEFORE).answer > units(1.0, layout).answer


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_round_says_what_it_is_over(layout: str) -> None:
    assert layout_of(kind(layout)) == layout
    for other in (layout, f"{layout}/", f"{layout}/0123456789abcdef"):
        with pytest.raises(MalformedError, match="over other features"):
            layout_of(other)
    for other in ("", "everything", kind("everything")):
        with pytest.raises(MalformedError, match="not known here"):
            layout_of(other)


@given(arrays(np.float64, st.integers(0, 50), elements=st.floats(-1e150, 1e150)), clips)
def test_clipping_shortens_and_keeps_the_direction(flat: Vector, clip: float) -> None:
    short = clipped(flat, clip)
    assert np.linalg.norm(short) <= clip
    assert (np.sign(short) * np.sign(flat) >= 0).all()
    assert np.array_equal(clipped(short, clip), short)


def test_the_shares_fill_the_clip_and_no_more() -> None:
    light = HEAD_SHARE**2 + SQUARE_SHARE**2 + REPORT_SHARE**2
    assert pytest.approx(1.0, abs=1e-12) == light + ANSWERS_SHARE**2 + KERNELS_SHARE**2
    assert pytest.approx(1.0, abs=1e-12) == light + ANSWERS_BEFORE**2
    assert pytest.approx(1.0, abs=1e-12) == LIGHT_PART**2 + ITEMS_PART**2 + MAP_PART**2


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
        assert np.linalg.norm(contribute(CATALOGUE, (), head["mean"], head["variance"], 1.0)) <= 1.0
        return
    with pytest.raises(MalformedError, match="NaN or infinity"):
        contribute(CATALOGUE, (), head["mean"], head["variance"], 1.0)


def test_what_is_asked_of_axes_is_checked() -> None:
    places, text_map = np.zeros((60, AXES)), np.zeros((COMPONENTS, AXES))
    with pytest.raises(MalformedError, match="wrong size"):
        contribute(CATALOGUE, (), ZERO, ZERO, 1.0, layout=FACTORS, asked=(places[1:], text_map))
    places[3, 1] = np.nan
    with pytest.raises(MalformedError, match="NaN or infinity"):
        contribute(CATALOGUE, (), ZERO, ZERO, 1.0, layout=FACTORS, asked=(places, text_map))


def test_what_is_said_of_kernels_is_checked() -> None:
    with pytest.raises(MalformedError, match="of kernels has the wrong size"):
        contribute(CATALOGUE, (), ZERO, ZERO, 1.0, kernels=BESIDE_RELEASE[1:])
    with pytest.raises(MalformedError, match="NaN or infinity"):
        contribute(CATALOGUE, (), ZERO, ZERO, 1.0, kernels=BESIDE_RELEASE * np.nan)


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(MalformedError, match="wrong size"):
        contribute(CATALOGUE, (), np.zeros(SHARED + 1), ZERO, 1.0)
    with pytest.raises(MalformedError, match="wrong size"):
        contribute(("0" * 64,) * (MAX_ITEMS + 1), (), ZERO, ZERO, 1.0)


def test_an_empty_catalogue_leaves_the_head() -> None:
    flat = contribute((), [(CATALOGUE[0], 1)], np.ones(SHARED), ZERO, 1.0)
    assert len(flat) == length(0, LIGHT) == 2 * SHARED + 2 + KERNELS
    assert flat.any()
