"""What a node reckons of rounds it did not see, and that a coordinator cannot make it work without bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.errors import RefusedError
from weal_node.federation.round_terms import reckoned, spent_after
from weal_node.store.rounds import ANSWERED, Round
from weal_protocol.accounting import MOST_KINDS, Spent, epsilon
from weal_protocol.v1 import release_pb2


def seen(number: int, rate: float, sigma: float, spent: float = 0.0) -> Round:
    return Round(number, spent, ANSWERED, rate, sigma)


def test_rounds_between_count_by_the_costlier_rate_and_noise_of_their_neighbours() -> None:
    assert reckoned((), 5, (0.2, 1.5)) == (Spent(0.2, 1.5, 5),)
    past = (seen(2, 0.1, 1.0), seen(4, 0.4, 2.0))
    assert reckoned(past, 5, (0.4, 3.0)) == (
        Spent(0.1, 1.0, 2),  # 1, which nobody saw, and 2
        Spent(0.4, 1.0, 1),  # 3
        Spent(0.4, 2.0, 1),
        Spent(0.4, 3.0, 1),
    )


@pytest.mark.slow
def test_rounds_from_before_rules_were_kept_count_as_unseen_and_what_they_cost_stays() -> None:
    past = (Round(3, 2.5, ANSWERED), seen(5, 0.1, 2.0, 2.6))
    assert reckoned(past, 6, (0.1, 2.0)) == (Spent(0.1, 2.0, 6),)
    assert spent_after(release_pb2.RoundNotice(number=6, sampling_rate=0.1, sigma=50.0, delta=1e-5), past, 10.0) == 2.6


rules = st.tuples(st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from([0.5, 1.0, 4.0]))


@given(st.lists(st.tuples(st.integers(1, 40), rules), max_size=6), st.integers(41, 60), rules)
def test_every_round_up_to_this_one_is_counted_once(
    past: list[tuple[int, tuple[float, float]]], number: int, now: tuple[float, float]
) -> None:
    rounds = [seen(at, *kind) for at, kind in sorted(dict(past).items())]
    history = reckoned(rounds, number, now)
    assert sum(one.rounds for one in history) == number
    for kind in {now, *dict(past).values()}:  # and each that was seen by its own rules
        known = [*dict(past).values(), now].count(kind)
        assert sum(one.rounds for one in history if (one.sampling_rate, one.sigma) == kind) >= known


def test_rules_that_change_each_time_are_not_accounted_for() -> None:
    past = [seen(number, 0.2, 1.0 + number) for number in range(1, MOST_KINDS + 1)]
    with pytest.raises(RefusedError, match="changed too often"):
        spent_after(release_pb2.RoundNotice(number=30, sampling_rate=0.2, sigma=9.5, delta=1e-5), past, 10.0)


@pytest.mark.slow
def test_a_part_that_is_above_the_cap_is_enough() -> None:
    with pytest.raises(RefusedError, match="above this node's cap"):
        spent_after(release_pb2.RoundNotice(number=100_000, sampling_rate=0.2, sigma=1.0, delta=1e-5), (), 10.0)
    dear = epsilon(30, 0.2, 1.0, 1e-5)
    assert spent_after(release_pb2.RoundNotice(number=30, sampling_rate=0.2, sigma=1.0, delta=1e-5), (), dear) == dear
