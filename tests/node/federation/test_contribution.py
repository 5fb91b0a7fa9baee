"""What each tier gives: answers or none, moves of axes or none, and never more than the clip."""

import numpy as np
import pytest

from weal_node.features.weights import WIDTH
from weal_node.federation.contribution import Ask, OwnAnswers, moves, statistics
from weal_node.mind.feature_space import feature_space
from weal_node.records import Item
from weal_protocol.contribution import FACTORS, LIGHT, blocks, length
from weal_protocol.items import item_id
from weal_protocol.kernels import BESIDE_RELEASE
from weal_protocol.representation import AXES, COMPONENTS, SHARED, Representation

TEXTS = ("more trees along the road", "a tax on parking", "longer library hours", "a new stadium")
STATES = tuple(Item(item_id(text), text) for text in TEXTS)
CATALOGUE = tuple(sorted(state.id for state in STATES))
RELEASE = Representation(
    CATALOGUE[:2],
    np.zeros(2),
    np.ones(2),
    np.full((2, AXES), 0.3),
    np.zeros(SHARED),
    np.eye(SHARED),
    3,
    np.full((COMPONENTS, AXES), 0.05),
)
MEAN = np.linspace(0.3, -0.3, SHARED)


def own() -> OwnAnswers:
    vectors = np.random.default_rng(2).normal(size=(len(STATES), WIDTH)).astype(np.float32) / WIDTH**0.5
    on = feature_space(STATES, vectors, RELEASE)
    return OwnAnswers(
        on, ((CATALOGUE[0], 1), (CATALOGUE[3], -1), ("0" * 64, 1)), MEAN, np.full(SHARED, 0.1), 0.75, BESIDE_RELEASE
    )


def ask(layout: str = FACTORS, base: int = 3) -> Ask:
    return Ask(layout, CATALOGUE, 1.0, base)


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["light", "factors", "label-private", "local"])
@pytest.mark.parametrize("layout", [LIGHT, FACTORS])
def test_whatever_the_tier_gives_has_the_rounds_length_and_is_within_the_clip(tier: str, layout: str) -> None:
    flat = statistics(own(), ask(layout), tier)
    assert flat.shape == (length(len(CATALOGUE), layout),)
    assert 0 < np.linalg.norm(flat) <= 1.0


def test_light_gives_counts_and_moments_and_moves_nothing() -> None:
    found = blocks(statistics(own(), ask(), "light"), 4, FACTORS, 1.0)
    assert found.yes.tolist() == pytest.approx([1, 0, 0, 0])
    assert found.no.tolist() == pytest.approx([0, 0, 0, 1])
    assert found.report.tolist() == pytest.approx([1, 0.75])
    np.testing.assert_allclose(found.head, MEAN)
    np.testing.assert_allclose(found.kernels, BESIDE_RELEASE)
    assert not found.items.any()
    assert not found.text_map.any()


@pytest.mark.slow
def test_factors_asks_for_the_items_that_were_judged_and_no_others() -> None:
    found = blocks(statistics(own(), ask(), "factors"), 4, FACTORS, 1.0)
    assert found.items[[0, 3]].all()
    assert not found.items[1:3].any()
    assert found.text_map.any()
    # Yes asks along the head's own axes, no against them.
    assert (np.sign(found.items[0]) == np.sign(MEAN[1 : 1 + AXES])).all()
    assert (np.sign(found.items[3]) == -np.sign(MEAN[1 : 1 + AXES])).all()


def test_who_judges_by_another_release_moves_nothing() -> None:
    assert moves(own(), ask(base=2)) is None
    found = blocks(statistics(own(), ask(base=2), "factors"), 4, FACTORS, 1.0)
    assert not found.items.any()
    assert not found.kernels.any()


def test_label_private_gives_no_answer_and_no_report() -> None:
    found = blocks(statistics(own(), ask(), "label-private"), 4, FACTORS, 1.0)
    for block in (found.yes, found.no, found.report, found.kernels, found.items, found.text_map):
        assert not block.any()
    np.testing.assert_allclose(found.head, MEAN)


@pytest.mark.slow
def test_local_never_gives_the_same_twice() -> None:
    first, second = (statistics(own(), ask(), "local") for _ in range(2))
    assert not np.array_equal(first, second)
