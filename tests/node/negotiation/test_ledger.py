"""The floor follows one's own gains: up a step at a time where they stay low, down again where they recover or it prevents a deal."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from weal_node.negotiation.baseline import Baseline
from weal_node.negotiation.ledger import FEWEST, STEPS, WINDOW, PastBargain, reservation_value, step

HONEST = Baseline(0.42, 0.1)
LOW, AS_EXPECTED, NONE = PastBargain(0.1, HONEST), PastBargain(0.42, HONEST), PastBargain(None, HONEST, 0.3)
BASELINES = st.builds(Baseline, st.floats(0, 1), st.floats(0, 0.5))
PASTS = st.builds(PastBargain, st.none() | st.floats(0, 1), st.none() | BASELINES, st.sampled_from((0.0, 0.3)))


def test_few_deals_prove_nothing() -> None:
    assert step([LOW] * (FEWEST - 1)) == 0
    assert step([LOW] * FEWEST) == 1


def test_what_honest_deals_bring_here_raises_nothing_however_little_of_the_best_it_is() -> None:
    assert reservation_value([AS_EXPECTED] * 40, HONEST) == 0.0


def test_it_rises_where_gains_stay_low_and_falls_where_they_recover() -> None:
    raised = [LOW] * 12
    assert reservation_value(raised, HONEST) == STEPS[-1] * HONEST.mean
    assert reservation_value([*raised, *[AS_EXPECTED] * 2 * WINDOW], HONEST) == 0.0


def test_the_same_people_over_the_same_things_tell_no_more_by_repeating_themselves() -> None:
    a_little_low = 0.42 - HONEST.sd
    assert step([PastBargain(a_little_low, HONEST, about="a swap")] * WINDOW) == 0
    assert step([PastBargain(a_little_low, HONEST, about=number) for number in range(WINDOW)]) > 0


def test_a_floor_that_prevented_deals_falls_and_one_that_was_not_raised_had_no_part_in_it() -> None:
    raised = [LOW] * 12
    assert [step([*raised, *[NONE] * count]) for count in (1, 2, 9)] == [len(STEPS) - 2, len(STEPS) - 3, 0]
    assert step([*raised, PastBargain(None, HONEST, 0.0)]) == len(STEPS) - 1


def test_deals_of_which_nothing_was_expected_prove_nothing_and_have_no_floor() -> None:
    assert step([PastBargain(0.01, None)] * 30) == 0
    assert reservation_value([LOW] * 12, None) == 0.0


@given(st.lists(PASTS, max_size=30), BASELINES)
def test_it_moves_by_one_step_at_most_and_leaves_an_honest_other_a_deal(
    past: list[PastBargain], expected: Baseline
) -> None:
    steps = [step(past[:count]) for count in range(len(past) + 1)]
    assert all(abs(one - other) <= 1 for one, other in itertools.pairwise(steps))
    assert 0 <= reservation_value(past, expected) <= expected.mean


@given(st.lists(PASTS, max_size=60))
def test_nobody_is_kept_from_deals_for_good(past: list[PastBargain]) -> None:
    assert step([*past, *[NONE] * len(STEPS)]) == 0
