"""The audit of the real strategy: the correct one keeps its epsilon under every canary, each broken one is found by the canary made for it."""

import numpy as np
import pytest

from weal_protocol.accounting import epsilon
from weal_protocol.contribution import length
from weal_protocol.errors import WealError
from weal_simulations.studies import audit

CLAIMED = epsilon(audit.ROUNDS, 1.0, audit.SIGMA, audit.DELTA)
FOUND_BY = {
    "noise x .8": "oversized",
    "noise / 2": "oversized",
    "no clip": "oversized",
    "weight x 10": "weighted",
    "noise / sqrt n": "oversized",
    "reused noise seed": "alternating",
}


@pytest.mark.parametrize("kind", audit.KINDS)
def test_the_correct_mechanism_keeps_its_epsilon(kind: str) -> None:
    found = audit.one_run(audit.CORRECT, kind, audit.PEOPLE, 5)
    assert max(found.bound, found.one_run, found.one_run_gaussian) <= CLAIMED


def test_the_estimate_is_close_to_the_claim_where_the_canary_is_at_its_worst() -> None:
    assert audit.one_run(audit.CORRECT, "oversized", audit.PEOPLE, 6).estimate == pytest.approx(CLAIMED, rel=0.25)


@pytest.mark.parametrize("name", audit.BROKEN)
def test_every_broken_mechanism_is_flagged(name: str) -> None:
    assert audit.one_run(name, FOUND_BY[name], audit.PEOPLE, 5).bound > CLAIMED


def test_noise_that_comes_twice_is_missed_by_canaries_that_are_always_there() -> None:
    assert audit.one_run("reused noise seed", "oversized", audit.PEOPLE, 5).bound < CLAIMED


def test_who_claims_a_weight_is_refused_by_the_strategy() -> None:
    strategy = audit.make(audit.CORRECT, 0, 2)
    flat = np.full(length(0), 0.1)
    strategy.aggregate_train(1, [audit.reply(flat, 1), audit.reply(flat, 2, weighted=True)])
    assert strategy.used == 1
    assert strategy.refused["wrong keys"] == 1


def test_a_single_canary_in_many_rounds() -> None:
    correct, halved = (audit.paired(name, 300) for name in (audit.CORRECT, "noise / 2"))
    assert correct["flagged"] == 0
    assert float(correct["bound"]) < float(halved["bound"])


def test_the_study_counts_passes_and_flags() -> None:
    shares: list[float] = []
    found = audit.run(5, 400, lambda share, _: shares.append(share), seeds=1, pairs=60)
    assert shares == sorted(shares)
    assert [floor.floor for floor in found.floors][:2] == [1, len(audit.BROKEN)]
    methods = {row["method"] for row in found.rows}
    assert methods == {audit.CORRECT, *audit.BROKEN}
    assert len(found.rows) == 4 * len(methods)


def test_too_few_canaries_are_refused() -> None:
    with pytest.raises(WealError, match="say nothing"):
        audit.run(1, 10, lambda *_: None)
