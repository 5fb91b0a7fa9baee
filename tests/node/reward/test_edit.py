"""What the person says about the model changes scores by exactly what is stated."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weal_node.reward.edit import Edit, Kind, ModelEdit, changes, forbidden, now

NAMES = ("a", "b", "c")
PHI = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])
values = st.floats(-5, 5)
KINDS = st.sampled_from([Kind.PIN, Kind.EDIT, Kind.IGNORE])


@st.composite
def logs(draw: st.DrawFn) -> list[Edit]:
    return [
        Edit(f"{n}", n, draw(KINDS), draw(st.sampled_from(NAMES)), draw(values), draw(values))
        for n in range(draw(st.integers(0, 6)))
    ]


def test_an_edit_moves_a_score_by_the_difference_of_weights() -> None:
    change = now([Edit("1", 5, Kind.EDIT, "b", value=2.0, was=-0.5)])
    free, added = change.apply(PHI, NAMES)
    assert np.array_equal(free, PHI)
    assert np.allclose(added, 2.5 * PHI[:, 1])


def test_a_pinned_concept_is_not_learnt_and_stays_where_it_is() -> None:
    change = now([Edit("1", 5, Kind.PIN, "b", value=1.5)])
    free, added = change.apply(PHI, NAMES)
    assert not free[:, 1].any()
    assert np.allclose(added, 1.5 * PHI[:, 1])


def test_ignoring_takes_a_concept_out_of_every_score() -> None:
    free, added = now([Edit("1", 5, Kind.EDIT, "b", 2.0), Edit("2", 6, Kind.IGNORE, "b")]).apply(PHI, NAMES)
    assert not free[:, 1].any()
    assert not added.any()


@given(logs(), st.randoms())
def test_the_log_decides_and_not_the_order_in_which_it_is_read(log: list[Edit], shuffle: object) -> None:
    other = list(log)
    shuffle.shuffle(other)  # type: ignore[attr-defined]  # a random.Random
    assert now(other) == now(log)


@given(logs())
def test_nothing_is_both_held_and_moved(log: list[Edit]) -> None:
    for _, change in changes(log):
        assert not set(change.held) & set(change.moved)


def test_undoing_the_last_edit_is_as_if_it_had_not_been_made() -> None:
    log = [Edit("1", 1, Kind.EDIT, "a", 1.0), Edit("2", 2, Kind.PIN, "a", 3.0)]
    assert now(log[:1]) == ModelEdit(moved={"a": 1.0})


def test_concepts_that_are_gone_change_nothing() -> None:
    free, added = now([Edit("1", 1, Kind.PIN, "gone", 3.0)]).apply(PHI, NAMES)
    assert np.array_equal(free, PHI)
    assert not added.any()


def test_forbidden_concepts_are_named_once() -> None:
    assert forbidden([Edit("1", 1, Kind.FORBID, "b"), Edit("2", 2, Kind.FORBID, "b")]) == ("b",)
