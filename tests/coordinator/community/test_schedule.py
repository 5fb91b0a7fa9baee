"""When the next round is due: every `every_h`, early at whole steps once enough have new answers, later after failures. The clock is an argument."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_coordinator.community.charter import TEMPLATE, read
from weal_coordinator.community.schedule import HOUR_MS, LONGEST_PAUSE_MS, SPENT, Past, next_round

RULES = replace(read(TEMPLATE.format(name="commons")).aggregation, every_h=24.0, soonest_h=6.0)
T0 = 1_000 * HOUR_MS
PAST = Past(founded=T0, counted=0, begun=0, open=False, failures=0, registered=300, ready=())


def hours(count: float) -> int:
    return T0 + round(count * HOUR_MS)


def test_the_first_round_is_due_a_day_after_the_founding_and_each_a_day_after_the_last() -> None:
    assert next_round(PAST, RULES, T0).at_ms == hours(24)
    later = replace(PAST, counted=hours(30), begun=hours(30))
    assert next_round(later, RULES, hours(31)).at_ms == hours(54)


def test_nothing_is_begun_below_the_floor_or_where_the_charter_says_so() -> None:
    few = next_round(replace(PAST, registered=199), RULES, hours(99))
    assert few.at_ms is None
    assert "waits for 200 people" in few.why
    assert next_round(PAST, replace(RULES, every_h=0.0), hours(99)).at_ms is None


def test_no_round_is_due_once_the_budget_is_spent() -> None:
    assert next_round(PAST, RULES, hours(99), left=0).at_ms is None
    assert next_round(PAST, RULES, hours(99), left=0).why == SPENT
    for left in (None, 1):
        assert next_round(PAST, RULES, T0, left).at_ms == hours(24)


def test_enough_who_have_new_answers_begin_one_early_at_a_whole_step() -> None:
    half = tuple(hours(7) + number for number in range(150))
    ready = replace(PAST, ready=half)
    assert next_round(ready, RULES, hours(11.9)).at_ms == hours(24)  # the step has not come yet
    assert next_round(ready, RULES, hours(12)) == next_round(ready, RULES, hours(13))
    assert next_round(ready, RULES, hours(12)).at_ms == hours(12)
    assert next_round(replace(ready, ready=half[1:]), RULES, hours(13)).at_ms == hours(24)
    assert next_round(ready, replace(RULES, ready_share=0.0), hours(13)).at_ms == hours(24)


def test_a_failed_round_is_tried_again_after_longer_and_longer() -> None:
    tried = [
        next_round(replace(PAST, begun=hours(24), failures=count), RULES, hours(24)).at_ms for count in range(1, 40)
    ]
    waits = [(at or 0) - hours(24) for at in tried]
    assert waits[:3] == [300_000, 600_000, 1_200_000]
    assert waits == sorted(waits)
    assert max(waits) == LONGEST_PAUSE_MS


def test_a_round_that_is_open_is_waited_for_and_then_given_up() -> None:
    running = replace(PAST, begun=hours(24), open=True, failures=1)
    assert next_round(running, RULES, hours(24) + 1_000).why == "a round is in progress"
    assert "tried again" in next_round(running, RULES, hours(25)).why


moments = st.integers(0, 200 * HOUR_MS).map(lambda ms: T0 + ms)


@given(moments, moments, st.lists(moments, max_size=30), st.integers(0, 60), st.integers(0, 5))
def test_a_year_has_no_more_rounds_than_the_charter_lets_it(
    counted: int, now: int, ready: list[int], registered: int, failures: int
) -> None:
    rules = replace(RULES, population_floor=20)
    past = replace(PAST, counted=counted, begun=counted, registered=registered, ready=tuple(ready), failures=failures)
    due = next_round(past, rules, now)
    if registered < 20:
        assert due.at_ms is None
        return
    assert due.at_ms is not None
    assert due.at_ms >= counted + round(rules.soonest_h * HOUR_MS)
    if not failures:
        assert due.at_ms <= counted + round(rules.every_h * HOUR_MS)


@pytest.mark.parametrize("late", [0, 1, HOUR_MS // 2])
def test_one_more_who_is_ready_moves_a_round_by_whole_steps_only(late: int) -> None:
    ready = tuple(hours(3) + number for number in range(149))
    with_one = replace(PAST, ready=(*ready, hours(3) + late))
    now = hours(20)
    moved = (next_round(replace(PAST, ready=ready), RULES, now).at_ms or 0) - (
        next_round(with_one, RULES, now).at_ms or 0
    )
    assert moved % round(RULES.soonest_h * HOUR_MS) == 0
