"""The bank of filters: what was heard in two parts is what was heard at once, to the bit, and a bank that is given stays as it is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weal_node.reward.filter_bank import RATES, RESTARTS, Observations, advance, first_bank

COUNT, WIDTH = 45, 3


def observations(seed: int) -> Observations:
    draw = np.random.default_rng(seed)
    yes = draw.random(COUNT) < 0.5
    lower, upper = np.where(yes, 0.0, -np.inf), np.where(yes, np.inf, 0.0)
    return Observations(draw.normal(size=(COUNT, WIDTH)), draw.normal(size=COUNT), lower, upper, np.ones(COUNT))


@given(st.integers(0, COUNT), st.integers(0, 3))
def test_two_parts_are_the_whole(split: int, seed: int) -> None:
    answers = observations(seed)
    whole = advance(first_bank(WIDTH), answers, 0)
    part = advance(first_bank(WIDTH), answers.at(slice(0, split)), 0)
    before = part.state.tobytes()
    both = advance(part, answers.at(slice(split, None)), split)
    assert both.state.tobytes() == whole.state.tobytes()
    assert both.shares.tobytes() == whole.shares.tobytes()
    assert both.started.tolist() == whole.started.tolist()
    assert part.state.tobytes() == before


def test_heads_begin_anew_one_by_one_and_shares_stay_shares() -> None:
    bank = advance(first_bank(WIDTH), observations(1), 0)
    assert sorted(bank.started.tolist()) == [-1, -1, 10, 20, 30, 40]
    assert bank.live.tolist()[: len(RATES)] == [1.0] * len(RATES)
    assert bank.shares.shape == (len(RATES) + RESTARTS,)
    assert abs(bank.shares.sum() - 1.0) < 1e-9
