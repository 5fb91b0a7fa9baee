"""The audit of the real strategy: the correct one keeps its epsilon under every canary, each broken one is found by the canary made for it."""

import numpy as np
import pytest

from weal_protocol.contribution import length
from weal_protocol.errors import WealError
from weal_simulations.studies.federation import audit
from weal_simulations.studies.federation.mechanisms import CORRECT, OFF, ON, make, reply

pytestmark = pytest.mark.slow

CLAIMED = audit.claimed()


@pytest.mark.parametrize("kind", audit.KINDS)
def test_the_correct_mechanism_keeps_its_epsilon(kind: str) -> None:
    found = audit.one_run(CORRECT, kind, audit.PEOPLE, 5)
    assert max(found.bound, found.one_run, found.one_run_gaussian) <= CLAIMED


def test_with_the_gate_on_a_canary_still_counts_nearly_in_full() -> None:
    found = audit.one_run(CORRECT, "oversized", audit.PEOPLE, 5, ON)
    assert found.bound <= CLAIMED
    assert found.estimate == pytest.approx(0.95 * CLAIMED, rel=0.2)


def test_the_estimate_is_close_to_the_claim_where_the_canary_is_at_its_worst() -> None:
    assert audit.one_run(CORRECT, "oversized", audit.PEOPLE, 6).estimate == pytest.approx(CLAIMED, rel=0.25)


@pytest.mark.parametrize("name", audit.BROKEN)
def test_every_broken_mechanism_is_flagged(name: str) -> None:
    canaries = audit.PEOPLE if name in audit.SUBTLE else audit.PEOPLE // audit.FIFTH
    assert audit.one_run(name, audit.BROKEN[name], canaries, 5, OFF).bound > CLAIMED
    assert audit.one_run(name, audit.BROKEN[name], canaries, 5, ON).bound > CLAIMED


def test_noise_that_comes_twice_is_missed_by_canaries_that_are_always_there() -> None:
    assert audit.one_run("reused noise seed", "oversized", audit.PEOPLE, 5).bound < CLAIMED


def test_who_claims_a_weight_is_refused_by_the_strategy() -> None:
    strategy = make(CORRECT, 0, 2)
    flat = np.full(length(0), 0.1)
    strategy.aggregate_train(1, [reply(flat, 1), reply(flat, 2, weighted=True)])
    assert strategy.used == 1
    assert strategy.refused["wrong keys"] == 1


def test_a_single_canary_in_many_rounds() -> None:
    correct, halved = (audit.paired(name, 150) for name in (CORRECT, "noise / 2"))
    assert correct["flagged"] == 0
    assert float(correct["bound"]) < float(halved["bound"])


def test_the_study_counts_passes_and_flags() -> None:
    shares: list[float] = []
    found = audit.run(5, 50, lambda share, _: shares.append(share), seeds=1, pairs=10)
    assert shares == sorted(shares)
    assert [floor.floor for floor in found.floors][:2] == [1, len(audit.BROKEN)]
    assert len(found.floors) == 6
    methods = {row["method"] for row in found.rows}
    assert methods == {CORRECT, *audit.BROKEN}
    assert len(found.rows) == 2 * (4 + 2 * len(audit.BROKEN))


def test_too_few_canaries_are_refused() -> None:
    with pytest.raises(WealError, match="say nothing"):
        audit.run(1, 10, lambda *_: None)
