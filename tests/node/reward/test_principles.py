"""Vetoes: read from words, decided on fields, closed when in doubt."""

import math

import numpy as np
import pytest

from weal_node.errors import RefusedError
from weal_node.records import State
from weal_node.reward.edit import Edit, Kind
from weal_node.reward.principles import CONFLICT_LABELS, conflicting, parse, soft, vetoed, vetoes


@pytest.mark.parametrize(
    ("text", "state", "ruled_out"),
    [
        ("hours given > 3", State("", "x", "option", hours_given=4), True),
        ("hours given > 3", State("", "x", "option", hours_given=3), False),
        ("hours received < 1", State("", "x", "option", hours_received=0.5), True),
        ("Word is Casino", State("", "A casino, at last"), True),
        ("word is casino", State("", "The casinos"), False),
        ("kind is option", State("", "x", "option"), True),
        ("kind is option", State("", "x"), False),
        ("hours given > 3", State("", "x", "option", hours_given=math.nan), True),
    ],
)
def test_a_veto_is_decided_on_fields(text: str, state: State, ruled_out: bool) -> None:
    assert parse(text).forbids(state) is ruled_out


@pytest.mark.parametrize(
    "text", ["", "no casinos please", "hours given > many", "hours given is 3", "word > a", "word is "]
)
def test_what_is_not_a_veto_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(RefusedError) as fault:
        parse(text)
    assert "hours given > 3" in fault.value.hint


def test_a_veto_that_cannot_be_read_any_more_rules_out_everything() -> None:
    standing = vetoes([Edit("1", 1, Kind.VETO, "", text="from another version")])
    assert "cannot be read" in vetoed(State("", "anything"), standing)


def test_soft_principles_are_not_vetoes() -> None:
    edits = [Edit("1", 1, Kind.PRINCIPLE, "principle: a", 1.6, text="a"), Edit("2", 2, Kind.VETO, "", text="word is a")]
    assert [one.id for one in soft(edits)] == ["1"]
    assert len(vetoes(edits)) == 1


def test_a_conflict_needs_several_labels_that_say_the_opposite() -> None:
    activation = np.ones(CONFLICT_LABELS)
    assert conflicting(1.6, activation, np.zeros(CONFLICT_LABELS)) == CONFLICT_LABELS
    assert conflicting(1.6, activation[:-1], np.zeros(CONFLICT_LABELS - 1)) == 0
    assert conflicting(1.6, activation, np.ones(CONFLICT_LABELS)) == 0
    assert conflicting(-1.6, activation * 0.1, np.ones(CONFLICT_LABELS)) == 0


def test_a_pair_speaks_against_a_principle_where_what_has_less_of_it_was_chosen() -> None:
    more_first = np.ones(CONFLICT_LABELS)
    assert conflicting(1.6, more_first, np.zeros(CONFLICT_LABELS)) == CONFLICT_LABELS
    assert conflicting(1.6, -more_first, np.ones(CONFLICT_LABELS)) == CONFLICT_LABELS
    assert conflicting(1.6, -more_first, np.zeros(CONFLICT_LABELS)) == 0
    assert conflicting(-1.6, more_first, np.ones(CONFLICT_LABELS)) == CONFLICT_LABELS
    assert conflicting(1.6, -0.1 * more_first, np.ones(CONFLICT_LABELS)) == 0  # both are about as much about it
