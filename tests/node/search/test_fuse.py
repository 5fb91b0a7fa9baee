"""What both rankings like stands before what one likes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.search.fuse import fused

rankings = st.lists(st.lists(st.integers(0, 20), unique=True), max_size=2)


def test_the_formula_of_the_paper() -> None:
    assert dict(fused([[7, 8], [8]])) == pytest.approx({7: 1 / 61, 8: 1 / 62 + 1 / 61})
    assert [one for one, _ in fused([[7, 8], [8]])] == [8, 7]


@given(rankings)
def test_everything_is_kept_once_and_the_order_of_rankings_says_nothing(given_: list[list[int]]) -> None:
    found = [one for one, _ in fused(given_)]
    assert sorted(found) == sorted({one for ranking in given_ for one in ranking})
    assert [one for one, _ in fused(given_[::-1])] == found


@given(st.lists(st.integers(0, 20), unique=True))
def test_one_ranking_stays_as_it_is(ranking: list[int]) -> None:
    assert [one for one, _ in fused([ranking])] == ranking
