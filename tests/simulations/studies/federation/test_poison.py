"""Poisoned rounds, small: what attackers send, what each defence leaves of it, and what the study says of it."""

from dataclasses import replace

import numpy as np
import pytest

from weal_protocol.contribution import LAYOUTS, LIGHT, length, units
from weal_simulations.studies.federation import poison
from weal_simulations.studies.federation.attackers import (
    ATTACKS,
    DEFENCES,
    LAWFUL,
    TARGETED,
    Form,
    Known,
    by_blocks,
    public,
)


@pytest.fixture(scope="module")
def here() -> poison.Community:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(poison, "TESTED", 12)
        patch.setattr(poison, "PUBLIC", 6)
        patch.setattr(poison, "STATEMENTS", 30)
        return poison.community(3, 40)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lawful_attacks_send_what_an_honest_node_might(layout: str) -> None:
    form, draw = Form(layout, 10, 1.0), np.random.default_rng(1)
    own = by_blocks(form, np.abs(draw.normal(size=length(10, layout))) * 0.1, None)
    own[:20] = 0.0
    known = Known(form, own, np.abs(draw.normal(size=length(10, layout))), 4)
    for name in ("voting", *LAWFUL):
        flat = ATTACKS[name](known)
        unit = units(1.0, layout).answer
        assert (flat[:20] >= 0).all()
        assert (flat[:10] + flat[10:20] <= unit * (1 + 1e-9)).all()
        np.testing.assert_allclose(by_blocks(form, flat, None), flat)


def test_every_defence_looks_at_one_contribution_and_lets_none_grow_beyond_its_clip() -> None:
    form, draw = Form(LIGHT, 10, 1.0), np.random.default_rng(2)
    others = [np.abs(draw.normal(size=length(10))) for _ in range(5)]
    known = public(others, np.zeros(length(10)))
    for name, defence in DEFENCES.items():
        if name in ("none", "clip alone", "product"):
            continue  # the strategy's own
        for scale in (0.1, 50.0):
            flat = scale * draw.normal(size=length(10))
            assert np.linalg.norm(defence.admit(form, flat, known)) <= max(1.0, float(np.linalg.norm(flat)))


@pytest.mark.slow
def test_the_gate_stops_what_the_clip_does_not(here: poison.Community) -> None:
    lost = {}
    for name in ("clip alone", "product"):
        quiet = replace(poison.PoisonRun(LIGHT, name, 0.0), target=3)
        without = poison.aggregate(here, quiet)
        poisoned = poison.aggregate(here, replace(quiet, attack="backdoor", share=0.2))
        item = here.catalogue[3]
        place = {one.items.index(item) for one in (without, poisoned)}
        assert len(place) == 1
        lost[name] = float(poisoned.bias[place.pop()] - without.bias[without.items.index(item)])
    assert lost["clip alone"] > 1.0
    assert lost["product"] < 0.2


@pytest.mark.slow
def test_the_seed_decides_everything(here: poison.Community) -> None:
    scene = replace(poison.PoisonRun(LIGHT, "product", 1.0), attack="prior", share=0.2)
    first, second = (poison.aggregate(here, scene) for _ in range(2))
    assert first.bias.tolist() == second.bias.tolist()
    assert first.prior_mean.tolist() == second.prior_mean.tolist()


@pytest.mark.slow
def test_the_study_holds_the_product_to_its_floors_and_shows_the_others_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("TESTED", 6), ("PUBLIC", 4), ("STATEMENTS", 30), ("ROUNDS", 2), ("KNOWN", 4)):
        monkeypatch.setattr(poison, name, value)
    found = poison.run(5, 30, lambda *_: None, plan=((LIGHT, "clip alone"), (LIGHT, "product")))
    assert {row["method"] for row in found.rows} == {"clip alone", "product"}
    shown = {(row["attack"], row["share"]) for row in found.rows if row["method"] == "product"}
    assert shown == {("nobody", 0.0), *((attack, 0.2) for attack in ATTACKS), *((attack, 0.1) for attack in TARGETED)}
    assert [floor.floor for floor in found.floors] == [2.0, 0.05, 0.1]
