"""The studies of negotiation: domains are what they say, bargains run over real sessions, measures are of the truth."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from weal_node.negotiation import ledger, mechanism
from weal_node.negotiation.baseline import Baseline
from weal_simulations.bench.study import Row
from weal_simulations.engines import in_memory
from weal_simulations.studies.negotiation import bargaining, barter, liars, references
from weal_simulations.worlds import domains

pytestmark = pytest.mark.slow


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


def test_people_refuse_what_is_worse_than_no_deal() -> None:
    rank = in_memory.by_truth(np.array([[0.5, 1.0], [-0.1, 1.0], [0.9, 1.0]]))
    assert rank(0, (0, 1, 2)) == (1, 3, 0)


def test_a_floor_takes_from_a_liar_what_lying_gains() -> None:
    told, steps = ("hard", 0.9), range(len(ledger.STEPS))
    expected: liars.Expected = {(0, side): Baseline(0.8, 0.15) for side in (0, 1)}
    met: liars.Met = {}
    for (domain, side), step in itertools.product(expected, steps):
        floor = ledger.reservation_at(step, expected[domain, side])
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


def test_a_single_text_starts_from_no_deal_and_nobody_votes_below_it() -> None:
    for domain in domains.make(7, 4):
        if domain.parties > 3:
            continue
        outcome, votes = references.single_text(domain, domain.gains, np.random.default_rng(3))
        assert votes[0][0] is None
        for (before, after, voted), (then, _, _) in itertools.pairwise(votes):
            assert then == (after if voted.all() else before)  # the text is the last one that all were for
            assert not voted[domain.gains[after] <= 0].any()
        assert domain.feasible or outcome is None
        assert outcome is None or (domain.gains[outcome] > 0).all()


def test_annealing_gives_up_something_early_and_nothing_late() -> None:
    domain = domains.make(7, 8)[4]
    _, votes = references.single_text(domain, domain.gains, np.random.default_rng(3))
    lost = [
        float((domain.gains[before] - domain.gains[after])[voted].max(initial=0.0))
        for before, after, voted in votes
        if before is not None
    ]
    assert max(lost[: len(lost) // 2]) > 0.02
    assert max(lost[-len(lost) // 20 :]) < 0.02


def test_a_single_text_finds_most_of_what_two_could_gain() -> None:
    two = [one for one in domains.make(11, 8) if one.parties == 2 and one.kind == "additive" and one.feasible]
    found = [bargaining.play(one, "single-text", 0.0, 11, 0).measures["product"] for one in two]
    assert np.mean(found) > 0.75  # .6 and less where it starts anywhere, and takes no step back


def test_bargaining_whole_and_small() -> None:
    found = bargaining.run(3, 1, lambda *_: None)
    whole(found.rows, bargaining.MEASURES)
    assert {row["method"] for row in found.rows if "domain" in row} == set(bargaining.MECHANISMS)
    assert {row["domains"] for row in found.rows if "domains" in row} >= {"two", "hopeless", "errs-two"}
    assert len({floor.name for floor in found.floors}) == len(found.floors) == 13
    at = {floor.name: floor for floor in found.floors}
    assert at["deals where none is better than no deal"].met
    assert at["deals under a reservation"].met
    shares = ("agreed", "welfare", "under", "worst")
    assert all(-1e-9 <= float(row[name]) <= 1 + 1e-9 for row in found.rows for name in shares)
    assert {row["welfare"] for row in found.rows if row.get("sort") == "hopeless"} == {0.0}


def test_liars_whole_and_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in (("LIES_EACH", 1), ("MEETINGS", 4), ("PAIRS", 3), ("SHARES", (1.0,))):
        monkeypatch.setattr(liars, name, small)
    found = liars.run(3, 2, lambda *_: None)
    knowing = found.rows[-1]
    assert knowing["method"] == "knows all, moves second"
    whole(found.rows[:-1], ("honest", "liar", "premium", "product", "floor"))
    whole([knowing], ("honest", "liar", "premium"))
    assert {row["method"] for row in found.rows[:-1]} == {"no floor", "floor"}
    assert (
        len(found.rows) == 2 * (1 + len(liars.KINDS)) + 1
    )  # with a floor and without: the honest, and a lie of each kind
    assert [floor.name.split()[0] for floor in found.floors] == ["premium", "what", "what"]
    assert all(0 <= float(row["product"]) <= 1 + 1e-9 for row in found.rows[:-1])
    assert float(knowing["liar"]) == pytest.approx(1)  # it takes all that the other does not lose by
    assert all(row["floor"] == 0 for row in found.rows if row["method"] == "no floor")


@pytest.mark.parametrize("members", [2, 12])
def test_barter_whole_and_small(members: int) -> None:
    """Also where there is nobody to form a circle with."""
    found = barter.run(3, members, lambda *_: None)
    solved = [row for row in found.rows if "members" in row]
    whole(solved, ("cycles", "helped", "value", "share", "after_veto", "seconds"))
    assert {row["longest"] for row in solved} == set(barter.LENGTHS)
    told = [row for row in found.rows if row["method"] == "weighed by"]
    whole(told, ("gain",))
    assert [row["revealed"] for row in told] == list(barter.REVEALED)
    assert all(0 <= float(row[name]) <= 1 + 1e-9 for row in solved for name in ("helped", "share", "after_veto"))
    assert [floor.name for floor in found.floors] == [
        f"{members} members, CPU seconds",
        f"{members} members, share of the bound",
    ]
    assert float(found.floors[0].value) >= 0


def whole(rows: Sequence[Row], measures: Sequence[str]) -> None:
    """There are rows, and each has every measure with both ends of its interval, in order."""
    assert rows
    for row, name in itertools.product(rows, measures):
        value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
        assert not low > value  # NaN where a single value has no interval
        assert not value > high
