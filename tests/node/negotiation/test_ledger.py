"""The floor follows one's own gains: up a step at a time where they stay low, down again where they recover."""

from hypothesis import given
from hypothesis import strategies as st

from weal_node.negotiation.ledger import FEWEST, HONEST, STEPS, WINDOW, next_floor


def test_few_deals_prove_nothing() -> None:
    assert next_floor(0.0, [0.0] * (FEWEST - 1)) == 0.0


def test_it_rises_where_gains_stay_low_and_falls_where_they_recover() -> None:
    floor, seen = 0.0, []
    for _ in range(8):
        floor = next_floor(floor, [0.4] * 10)
        seen.append(floor)
    assert seen[:5] == list(STEPS[1:])
    assert floor == STEPS[-1]
    for _ in range(8):
        floor = next_floor(floor, [HONEST] * 10)
    assert floor == 0.0


@given(st.sampled_from(STEPS), st.lists(st.floats(0, 1), max_size=50))
def test_it_moves_by_one_step_at_most_and_only_the_last_twenty_count(floor: float, realised: list[float]) -> None:
    after = next_floor(floor, realised)
    assert abs(STEPS.index(after) - STEPS.index(floor)) <= 1
    if len(realised) >= WINDOW:
        assert after == next_floor(floor, realised[-WINDOW:])
