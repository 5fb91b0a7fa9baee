"""The study of the gate: its people accept as they should, the gate waits for a promise, and the same seed gives the same numbers."""

import numpy as np
import pytest

from weal_node.today.interruption import LOSS
from weal_node.today.promise import A_DAY
from weal_simulations.studies.reward import gate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lives() -> dict[str, list[gate.SpokenLife]]:
    return {method: [gate.live(7, person, method) for person in range(2)] for method in gate.METHODS}


def test_whoever_waits_for_a_promise_is_rejected_less_at_first(lives: dict[str, list[gate.SpokenLife]]) -> None:
    early = {method: sum(life.early_rejected() for life in found) for method, found in lives.items()}
    assert early["weal"] < early["no warm-up"] < early["no gate"]
    assert all(life.spoken for life in lives["weal"])


def test_a_gate_is_worth_having_and_foresight_is_worth_more(lives: dict[str, list[gate.SpokenLife]]) -> None:
    rejected: dict[str, float] = {}
    for method, found in lives.items():
        rejected[method] = float(np.mean([life.rejected_of_first() for life in found]))
    assert rejected["foresight"] < rejected["weal"] < rejected["no gate"]
    assert sum(life.net for life in lives["weal"]) < sum(life.net for life in lives["foresight"])


def test_nobody_hears_more_than_the_budget_of_a_day(lives: dict[str, list[gate.SpokenLife]]) -> None:
    for found in lives.values():
        for life in found:
            days = np.bincount([number // len(gate.HOURS) for number, _, _ in life.spoken])
            assert days.max() <= A_DAY


def test_the_net_value_is_what_was_accepted_less_what_it_cost(lives: dict[str, list[gate.SpokenLife]]) -> None:
    for life in lives["no warm-up"]:
        glad = sum(glad for _, _, glad in life.spoken)
        gross = glad - LOSS * (len(life.spoken) - glad)
        assert gross - 0.6 * len(life.spoken) <= life.net <= gross - 0.15 * len(life.spoken)


def test_the_seed_decides_everything() -> None:
    one, again, other = (gate.live(seed, 0, "weal") for seed in (7, 7, 8))
    assert one == again
    assert one != other


def test_every_floor_of_the_design_is_measured() -> None:
    shares: list[float] = []
    study = gate.run(3, 2, lambda share, _: shares.append(share))
    assert [floor.floor for floor in study.floors] == [0.3, 0.03, 0.7]
    assert {row["method"] for row in study.rows} == set(gate.METHODS)
    assert shares == sorted(shares)
    assert len(shares) == 2 * len(gate.METHODS)
