"""What honest others would leave this side, guessed from its own gains and the space alone, is right on average."""

import numpy as np
import pytest

from weal_node.negotiation import space
from weal_node.negotiation.baseline import Array, baseline
from weal_node.negotiation.space import OptionSpace
from weal_simulations.engines import in_memory
from weal_simulations.worlds import domains

PARTIES = (b"a" * 32, b"b" * 32)
SWAP = space.swap(PARTIES, ("piano lessons", "bicycle repair"), ())


def gains(of: OptionSpace, party: int, worth: float, cost: float) -> Array:
    found = [worth * np.log1p(one.hours_received) - cost * one.hours_given for one in space.states(of, party)]
    return np.array(found, np.float64)


@pytest.mark.parametrize("party", [0, 1])
@pytest.mark.parametrize("worth", [1.0, 1.5, 2.0])
def test_a_plain_swap_leaves_less_than_half_of_getting_all_for_nothing(party: int, worth: float) -> None:
    found = baseline(gains(SWAP, party, worth, 0.4), SWAP, party)
    assert found
    assert 0.25 < found.mean < 0.55
    other = gains(SWAP, 1 - party, worth, 0.4)
    own = gains(SWAP, party, worth, 0.4)
    honest = own[(np.maximum(own, 0) * np.maximum(other, 0)).argmax()] / own.max()
    assert abs(honest - found.mean) < 1.5 * found.sd


def test_who_gives_gladly_expects_more_of_their_best() -> None:
    dear, cheap = (baseline(gains(SWAP, 0, 1.5, cost), SWAP, 0) for cost in (0.4, 0.05))
    assert dear
    assert cheap
    assert cheap.mean > dear.mean + 0.2


def test_it_is_the_same_for_the_same_gains_in_whatever_unit() -> None:
    own = gains(SWAP, 0, 1.5, 0.4)
    found, scaled = baseline(own, SWAP, 0), baseline(7 * own, SWAP, 0)
    assert found
    assert scaled
    assert found == baseline(own, SWAP, 0)
    assert (scaled.mean, scaled.sd) == pytest.approx((found.mean, found.sd))


def test_nothing_is_expected_where_nothing_is_gained_or_nobody_would_agree() -> None:
    assert baseline(-np.ones(SWAP.size), SWAP, 0) is None
    gift = OptionSpace(PARTIES, "a gift", (space.Issue("bread", space.HOURS, 1),))  # the other gives, for nothing
    assert baseline(np.arange(4.0), gift, 0) is None


def test_in_a_circle_everyone_has_something_to_expect() -> None:
    three = (*PARTIES, b"c" * 32)
    of = space.circle(three, ("bread", "soup", "wood"), ())
    found = [baseline(gains(of, party, 1.5, 0.4), of, party) for party in range(3)]
    assert all(one and 0.2 < one.mean < 0.8 for one in found)


@pytest.mark.slow
def test_over_many_domains_what_is_expected_is_what_the_best_product_brings() -> None:
    far = []
    for domain in domains.make(102, 20):
        if domain.parties == 2 and domain.feasible and 20 < len(domain.utilities) <= 3_500:
            best = int(np.maximum(domain.gains, 0).prod(1).argmax())
            for side in (0, 1):
                found = baseline(domain.gains[:, side], in_memory.space_of(domain.sizes, 2), side)
                assert found
                far.append((domain.gains[best, side] / domain.gains[:, side].max() - found.mean) / found.sd)
    assert len(far) > 20
    assert abs(float(np.mean(far))) < 0.5
    assert float(np.std(far)) < 1.5
