"""A community left running for a year by the charter's template, with nodes as they come: nobody's cap is in the way."""

import math

import pytest

from weal_coordinator.community.charter import TEMPLATE, read
from weal_node.config import Settings
from weal_node.federation.round_terms import refuse_unfit, spent_after
from weal_node.store.rounds import ANSWERED, Round
from weal_protocol.contribution import kind
from weal_protocol.v1 import release_pb2

RULES, SETTINGS = read(TEMPLATE.format(name="commons")).aggregation, Settings()
pytestmark = pytest.mark.together  # a node and a coordinator, though no server
MOST = 1 + int(366 * 24 / RULES.soonest_h)  # each round as early as it may be
FAILED = MOST // 3  # rounds that came to nothing have numbers too, and a node cannot tell them apart


@pytest.mark.parametrize("number", [1, MOST, MOST + FAILED])
def test_no_round_of_a_year_is_refused(number: int) -> None:
    notice = release_pb2.RoundNotice(
        number=number,
        tier=kind(RULES.layout),
        clip=RULES.clip,
        sigma=RULES.sigma,
        sampling_rate=RULES.sampling_rate,
        delta=RULES.delta,
        aggregation="central",
    )
    spread = math.sqrt(MOST * RULES.sampling_rate * (1 - RULES.sampling_rate))
    drawn = min(number - 1, math.ceil(MOST * RULES.sampling_rate + 5 * spread))  # hardly anyone is drawn more often
    past = [Round(at, 0.0, ANSWERED, RULES.sampling_rate, RULES.sigma) for at in range(1, drawn + 1)]
    refuse_unfit(notice, "factors", past, SETTINGS)
    assert spent_after(notice, past, SETTINGS.epsilon_cap) <= SETTINGS.epsilon_cap
