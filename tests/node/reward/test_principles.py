"""Principles: soft ones are outweighed, and one that answers contradict is counted; what cannot be read rules out everything."""

import numpy as np

from weal_node.records import Item
from weal_node.reward.edit import Edit, Kind
from weal_node.reward.principles import CONFLICT_ANSWERS, conflicting, soft, vetoed, vetoes


def test_a_veto_that_cannot_be_read_any_more_rules_out_everything() -> None:
    standing = vetoes([Edit("1", 1, Kind.VETO, "", text="from another version")])
    assert "cannot be read" in vetoed(Item("", "anything"), standing)


def test_soft_principles_are_not_vetoes() -> None:
    edits = [Edit("1", 1, Kind.PRINCIPLE, "principle: a", 1.6, text="a"), Edit("2", 2, Kind.VETO, "", text="word is a")]
    assert [edit.id for edit in soft(edits)] == ["1"]
    assert len(vetoes(edits)) == 1


def test_a_conflict_needs_several_answers_that_say_the_opposite() -> None:
    activation = np.ones(CONFLICT_ANSWERS)
    assert conflicting(1.6, activation, np.zeros(CONFLICT_ANSWERS)) == CONFLICT_ANSWERS
    assert conflicting(1.6, activation[:-1], np.zeros(CONFLICT_ANSWERS - 1)) == 0
    assert conflicting(1.6, activation, np.ones(CONFLICT_ANSWERS)) == 0
    assert conflicting(-1.6, activation * 0.1, np.ones(CONFLICT_ANSWERS)) == 0


def test_a_pair_speaks_against_a_principle_where_what_has_less_of_it_was_chosen() -> None:
    more_first = np.ones(CONFLICT_ANSWERS)
    assert conflicting(1.6, more_first, np.zeros(CONFLICT_ANSWERS)) == CONFLICT_ANSWERS
    assert conflicting(1.6, -more_first, np.ones(CONFLICT_ANSWERS)) == CONFLICT_ANSWERS
    assert conflicting(1.6, -more_first, np.zeros(CONFLICT_ANSWERS)) == 0
    assert conflicting(-1.6, more_first, np.ones(CONFLICT_ANSWERS)) == CONFLICT_ANSWERS
    assert conflicting(1.6, -0.1 * more_first, np.ones(CONFLICT_ANSWERS)) == 0  # both are about as much about it
