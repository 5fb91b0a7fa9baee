"""The gate: an honest contribution passes as it is, others count for what an honest node could have sent, and none grows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_coordinator.federation.gate import agreement, blocks, gated
from weal_coordinator.federation.strategy import PrivateSum
from weal_protocol.contribution import FACTORS, LAYOUTS, LIGHT, clipped, contribute, length, units
from weal_protocol.kernels import KERNELS
from weal_protocol.noise import noisy
from weal_protocol.representation import AXES, COMPONENTS, SHARED, Vector
from weal_simulations.studies.federation.mechanisms import exact, reply

ITEMS, CLIP = 20, 1.5
CATALOGUE = tuple(f"{number:064x}" for number in range(ITEMS))


def honest(seed: int, layout: str, answers: int = 12) -> Vector:
    draw = np.random.default_rng(seed)
    told = [(CATALOGUE[item], 1 if draw.random() < 0.5 else -1) for item in draw.permutation(ITEMS)[:answers]]
    asked = (draw.normal(size=(ITEMS, AXES)), draw.normal(size=(COMPONENTS, AXES))) if layout == FACTORS else None
    head, variance, kernels = draw.normal(size=SHARED), draw.random(SHARED), draw.dirichlet(np.ones(KERNELS))
    return contribute(CATALOGUE, told, head, variance, CLIP, report=0.8, kernels=kernels, layout=layout, asked=asked)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("answers", [0, 1, 12, 20])
def test_what_an_honest_node_sends_passes_unchanged(layout: str, answers: int) -> None:
    for seed in range(20):
        flat = honest(seed, layout, answers)
        np.testing.assert_allclose(gated(flat, ITEMS, layout, CLIP), flat, rtol=1e-9, atol=1e-15)


numbers = st.lists(st.floats(-1e6, 1e6), min_size=length(ITEMS), max_size=length(ITEMS)).map(np.array)


@given(numbers, st.booleans())
def test_nothing_grows_and_everything_is_lawful(flat: Vector, local: bool) -> None:
    inside = clipped(flat, CLIP)
    found = gated(inside, ITEMS, LIGHT, CLIP, local)
    assert np.linalg.norm(found) <= CLIP
    assert np.linalg.norm(found) <= np.linalg.norm(inside) * (1 + 1e-12)
    if not local:
        unit = units(CLIP, LIGHT).answer * (1 + 1e-8)
        assert (found[: 2 * ITEMS] >= 0).all()
        assert (found[:ITEMS] + found[ITEMS : 2 * ITEMS] <= unit).all()
        assert all(np.linalg.norm(found[part]) <= bound * (1 + 1e-8) for part, bound in blocks(ITEMS, LIGHT, CLIP))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_the_gate_leaves_of_one_does_not_depend_on_who_else_is_there(layout: str) -> None:
    def total(flats: list[Vector]) -> Vector:
        people = {node: str(node) for node in range(1, len(flats) + 1)}
        one = PrivateSum(1, "", ITEMS, CLIP, 1.0, 1.0, people, layout=layout, noise=exact)
        one.aggregate_train(1, [reply(flat, node) for node, flat in enumerate(flats, start=1)])
        return one.total

    draw = np.random.default_rng(3)
    mine = 40 * draw.normal(size=length(ITEMS, layout))
    crowds = [[honest(seed, layout) for seed in range(5)], [-30 * honest(seed, layout) for seed in range(9)], []]
    moved = [total([*others, mine]) - total(others) for others in crowds]
    for one in moved:
        np.testing.assert_allclose(one, moved[0], atol=1e-8)
        assert np.linalg.norm(one) <= CLIP


def test_what_takes_as_much_as_it_adds_counts_for_nothing() -> None:
    backdoor = np.zeros(length(ITEMS))
    backdoor[3], backdoor[ITEMS + 3] = 1.0, -1.0
    assert not gated(clipped(50 * backdoor, CLIP), ITEMS, LIGHT, CLIP).any()
    assert agreement(np.array([1.0, -3.0])) == 0.0
    assert agreement(np.zeros(4)) == 1.0  # tier `label-private` gives no answers


def test_one_statement_gets_one_answer_however_loud() -> None:
    loud = np.zeros(length(ITEMS))
    loud[3] = CLIP
    assert gated(loud, ITEMS, LIGHT, CLIP)[3] == pytest.approx(units(CLIP, LIGHT).answer)


def test_nobody_speaks_for_more_kernels_than_one_person_has_to_give_and_against_none() -> None:
    loud, at = np.zeros(length(ITEMS)), 2 * ITEMS + 2 * SHARED + 2
    loud[at : at + KERNELS] = 1.0
    loud[at + 3] = -1.0
    said = gated(clipped(50 * loud, CLIP), ITEMS, LIGHT, CLIP)[at:] / units(CLIP, LIGHT).kernels
    assert said.sum() == pytest.approx(1.0)
    assert said[3] == 0.0


def test_own_noise_passes_almost_unchanged_and_nothing_louder_than_it() -> None:
    size = length(ITEMS)
    for seed in range(20):
        draw = np.random.default_rng(seed).normal(size=size)
        flat = clipped(draw / np.linalg.norm(draw) * CLIP, CLIP)
        np.testing.assert_allclose(gated(flat, ITEMS, LIGHT, CLIP, local=True), flat, atol=0.05)
    head = np.zeros(size)
    head[2 * ITEMS : 2 * ITEMS + SHARED] = 1.0
    kept = np.linalg.norm(gated(clipped(50 * head, CLIP), ITEMS, LIGHT, CLIP, local=True))
    assert kept < 0.9 * CLIP


def test_the_strategy_has_its_gate_on() -> None:
    assert PrivateSum(1, "", ITEMS, CLIP, 1.0, 1.0).gate is gated
    assert PrivateSum(1, "", ITEMS, CLIP, 1.0, 1.0).noise is noisy
