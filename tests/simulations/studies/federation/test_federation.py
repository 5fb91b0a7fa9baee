"""The study of federation, small: noise that a budget asks for, the Flower path against the plain sum, and who is predicted."""

import csv
from pathlib import Path

import numpy as np
import pytest

from weal_protocol import accounting
from weal_protocol.contribution import FACTORS, LAYOUTS, LIGHT
from weal_protocol.errors import WealError
from weal_simulations.studies.federation import federation
from weal_simulations.studies.federation.aggregation import Rules
from weal_simulations.studies.federation.flower import largest_difference

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_flower_path_computes_what_a_plain_sum_does(layout: str) -> None:
    assert largest_difference(layout, 4) < 1e-6  # a hundred roundings to the grid of 2^-30


def test_a_budget_buys_the_least_noise_that_keeps_it() -> None:
    rules = Rules(rounds=2, rate=1.0, delta=1e-5)
    sigma = rules.sigma(3.0)
    assert accounting.epsilon(2, 1.0, sigma, rules.delta) <= 3.0
    assert accounting.epsilon(2, 1.0, sigma - 0.01, rules.delta) > 3.0
    assert rules.sigma(None) == 0.0


def test_a_tier_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(WealError, match="there is no tier heavy"):
        federation.run(1, 4, lambda *_: None, tiers=("light", "heavy"))


def test_every_tier_is_shown_with_and_without_noise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a made-up collection where everyone agrees on half of the items and nobody on the rest."""
    monkeypatch.setattr(federation, "RULES", Rules(rounds=2, rate=0.5, delta=1e-5))
    monkeypatch.setattr(federation, "TIERS", (LIGHT, FACTORS))
    monkeypatch.setattr(Rules, "sigma", lambda _, budget: 0.0 if budget is None else 0.5)  # above; it takes long
    draw = np.random.default_rng(1)
    with (tmp_path / "items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *((n, f"The town needs thing number {n}") for n in range(60))])
    with (tmp_path / "choices.csv").open("w", newline="") as file:
        rows = [
            (person, item, "", 1 if draw.random() < (0.95 if item % 2 else 0.5) else -1, "")
            for person in range(40)
            for item in range(60)
        ]
        csv.writer(file).writerows([("person", "item", "other", "choice", "time"), *rows])
    found = federation.run(2, 40, lambda *_: None, data=tmp_path, epsilons=(None, 8.0), splits=1)
    shown = {(row["method"], row["epsilon"], row["people"]) for row in found.rows if row["method"] != "flower"}
    assert shown == {
        (LIGHT, "none", "as given"),
        (LIGHT, 8.0, "as given"),
        (FACTORS, "none", "as given"),
        (FACTORS, 8.0, "as given"),
        (FACTORS, 8.0, "times ten (simulated)"),
    }
    assert all(0.4 < float(row["accuracy"]) <= 1.0 for row in found.rows if row["method"] != "flower")
    promised = [floor for floor in found.floors if not floor.lacking]
    assert [floor.floor for floor in promised] == [1e-6]
    lacking = {floor.name.split(",")[0] for floor in found.floors if floor.lacking}
    assert lacking == {
        "federation: light",
        "federation: factors",
    }  # about one collection, which this is not: not measured
    assert not any(floor.met for floor in found.floors if floor.lacking)
