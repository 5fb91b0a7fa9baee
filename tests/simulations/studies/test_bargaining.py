"""The studies of negotiation: domains are what they say, bargains run over real sessions, measures are of the truth."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from weal_node.negotiation import ledger, mechanism
from weal_node.negotiation.baseline import Baseline
from weal_protocol.errors import WealError
from weal_simulations import domains, negotiating
from weal_simulations.studies import bargaining, barter, liars, references


def test_made_up_domains_have_a_deal_or_none_as_they_say() -> None:
    found = domains.make(7, 4)
    assert {one.feasible for one in found if one.name.startswith("hopeless")} == {False}
    assert {one.feasible for one in found if not one.name.startswith("hopeless")} == {True}
    assert {one.parties for one in found} >= {2, 3, 9}
    assert all(len(one.utilities) == np.prod(one.sizes) for one in found)
    again = domains.make(7, 4)
    assert all((one.utilities == other.utilities).all() for one, other in zip(found, again, strict=True))


def test_a_bargain_ends_in_a_deal_that_all_ratified_or_in_none() -> None:
    for domain in domains.make(7, 3):
        if domain.parties > 3:
            continue
        for method in (mechanism.SEED_SHORTLIST, mechanism.CONCESSION, mechanism.MASKED):
            made = bargaining.play(domain, method, 0.0, 7, 0).measures
            assert made["under"] == 0
            assert domain.feasible or not made["agreed"]
            assert -1 <= made["leak"] <= 1


def test_what_is_nearly_best_is_measured_as_such() -> None:
    domain = domains.make(7, 5)[4]
    best = int(np.maximum(domain.gains, 0).prod(1).argmax())
    assert bargaining.measured(domain, best, 1, 1, 0)["product"] == pytest.approx(1)
    assert bargaining.measured(domain, best, 1, 1, 0)["pareto"] == pytest.approx(0)
    assert bargaining.measured(domain, None, 1, 1, 0)["product"] == 0
    assert references.full_information(domain.gains) == best


def test_domains_are_read_from_files_and_others_refused_by_name(tmp_path: Path) -> None:
    ufun = {"name": "a", "reserved": 0.2, "bias": 0.1, "contrib": [[0.0, 0.5], [0.0, 0.1, 0.4]]}
    issues = [{"name": "x", "values": ["p", "q"]}, {"name": "y", "values": ["1", "2", "3"]}]
    held = {"name": "small", "issues": issues, "ufuns": [ufun, ufun]}
    (tmp_path / "small.json").write_text(json.dumps(held))
    (tmp_path / "index.json").write_text(json.dumps({"small": 6}))
    (found,) = domains.read(tmp_path)
    assert found.sizes == (2, 3)
    assert found.utilities[:, 0] == pytest.approx([0.1, 0.2, 0.5, 0.6, 0.7, 1.0])
    held["ufuns"] = [{**ufun, "contrib": [[0.0, 0.5]]}] * 2
    (tmp_path / "wrong.json").write_text(json.dumps(held))
    with pytest.raises(WealError, match=r"wrong\.json"):
        domains.read(tmp_path)


def test_people_refuse_what_is_worse_than_no_deal() -> None:
    rank = negotiating.by_truth(np.array([[0.5, 1.0], [-0.1, 1.0], [0.9, 1.0]]))
    assert rank(0, (0, 1, 2)) == (1, 3, 0)


def test_a_floor_takes_from_a_liar_what_lying_gains() -> None:
    told, steps = ("hard", 0.9), range(len(ledger.STEPS))
    expected: liars.Expected = {(0, side): Baseline(0.8, 0.15) for side in (0, 1)}
    met: liars.Met = {}
    for (domain, side), step in itertools.product(expected, steps):
        floor = ledger.floor_at(step, expected[domain, side])
        met[domain, side, step, liars.HONEST] = liars.Meeting(0.8, 0.8, 0.8, 1.0, floor)
        none, lost = liars.Meeting(None, 0.0, 0.0, 0.0, floor), liars.Meeting(0.45, 0.45, 1.0, 0.8, floor)
        met[domain, side, step, told] = lost if floor <= 0.45 else none
    plain, guarded = (liars.meet(met, expected, told, 1.0, guard, 1) for guard in (False, True))
    assert plain.liar.mean() == pytest.approx(1.0)
    assert guarded.liar.mean() < 0.7
    honest = liars.meet(met, expected, liars.HONEST, 1.0, True, 1)
    assert honest.floor.max() == 0.0


def test_chains_are_found_in_a_small_community() -> None:
    found = barter.community(40, 3, [1, 2])
    assert found["cycles"] > 0
    assert 0.9 <= found["share"] <= 1 + 1e-9
    assert barter.revealing(40, "surplus and chance", [1, 2]) == pytest.approx(1)
