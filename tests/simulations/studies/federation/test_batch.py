"""Many people at once are the same people one after the other, by the node's own code."""

import numpy as np
import pytest

from weal_node.features.weights import WIDTH
from weal_node.federation.contribution import Ask, OwnAnswers, statistics
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.records import Item
from weal_node.reward.posterior import newton
from weal_protocol.contribution import FACTORS, LAYOUTS, length
from weal_protocol.representation import AXES, COMPONENTS, SHARED, Representation
from weal_simulations.studies.federation import batch
from weal_simulations.studies.federation.batch import Array, GroupReports
from weal_simulations.studies.reward import heads
from weal_simulations.worlds.choices import ChoicePerson

pytestmark = pytest.mark.slow

ITEMS, WIDE = 25, WIDTH


@pytest.fixture(scope="module")
def on() -> FeatureSpace:
    """A ground under a release with axes, a text map and a prior that is no one's."""
    draw = np.random.default_rng(1)
    vectors = draw.normal(size=(ITEMS, WIDE)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    states = [Item(f"{(7 * number) % ITEMS:064x}", f"Thing {number}") for number in range(ITEMS)]
    names = tuple(sorted(state.id for state in states))
    release = Representation(
        names, draw.normal(size=ITEMS), np.full(ITEMS, 0.3), draw.normal(size=(ITEMS, AXES)), draw.normal(size=SHARED) * 0.2,
        np.diag(draw.uniform(0.1, 0.6, SHARED)), 3, text_map=0.3 * draw.normal(size=(COMPONENTS, AXES)),
    )  # fmt: skip
    return feature_space(states, vectors, release)


def people() -> list[ChoicePerson]:
    """Some with few choices, some with many; pairs, repetitions and contradictions among them."""
    draw, found = np.random.default_rng(2), []
    for n in (1, 2, 5, 9, 9, 30, 60, 200):
        item, other = draw.integers(ITEMS, size=n), np.where(draw.random(n) < 0.3, draw.integers(ITEMS, size=n), -1)
        found.append(ChoicePerson(item, other, (draw.random(n) < 0.6).astype(float)))
    return found


def one_by_one(on: FeatureSpace, person: ChoicePerson, layout: str) -> tuple[Array, Array, Array]:
    """Return what a node sends, and its head."""
    mean, covariance, _ = newton(heads.rows(person, on.phi, on.bias), on.prior.mean, on.prior.covariance)
    single = person.other < 0
    answers = [
        (on.items[i].id, 1 if yes > 0.5 else -1) for i, yes in zip(person.item[single], person.yes[single], strict=True)
    ]
    own = OwnAnswers(on, answers, mean[:SHARED], np.diag(covariance)[:SHARED].copy(), 0.25)
    catalogue = tuple(sorted(state.id for state in on.items))
    return statistics(own, Ask(layout, catalogue, 1.0, on.representation.number), layout), own.mean, own.variance


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sum_of_many_is_the_sum_of_what_nodes_send(on: FeatureSpace, layout: str) -> None:
    crowd, times = people(), np.array([1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0])
    expected = np.sum([t * one_by_one(on, person, layout)[0] for t, person in zip(times, crowd, strict=True)], axis=0)
    prior = (on.prior.mean[:SHARED], on.prior.covariance[:SHARED, :SHARED])
    said = [
        (
            group,
            times[group.number],
            GroupReports(*batch.heads(group, on.phi[:, :SHARED], on.bias, *prior), np.full(len(group.number), 0.25)),
        )
        for group in batch.groups(crowd)
    ]
    found = batch.total(on, layout, 1.0, iter(said), answers=True)
    assert len(found) == length(ITEMS, layout)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert layout != FACTORS or np.abs(found[-COMPONENTS * AXES :]).max() > 1e-3


def test_where_a_head_begins_does_not_decide_where_it_ends(on: FeatureSpace) -> None:
    (group,) = batch.groups(people())
    prior = (on.prior.mean[:SHARED], on.prior.covariance[:SHARED, :SHARED])
    cold, spread = batch.heads(group, on.phi[:, :SHARED], on.bias, *prior)
    warm, _ = batch.heads(group, on.phi[:, :SHARED], on.bias, *prior, start=cold + 0.5)
    np.testing.assert_allclose(warm, cold, atol=1e-9)
    for row, number in enumerate(group.number):
        _, mean, variance = one_by_one(on, people()[number], FACTORS)
        np.testing.assert_allclose(cold[row], mean, atol=1e-9)
        np.testing.assert_allclose(spread[row], variance, atol=1e-9)


def test_every_fifth_choice_is_guessed_from_the_others(on: FeatureSpace) -> None:
    (group,) = batch.groups(people())
    prior = (on.prior.mean[:SHARED], on.prior.covariance[:SHARED, :SHARED])
    found = batch.guessed(group, on.phi[:, :SHARED], on.bias, *prior, 5)
    for row, number in enumerate(group.number):
        person, place = people()[number], np.arange(len(people()[number].yes))
        known, asked = person.at(place[place % 5 > 0]), person.at(place[place % 5 == 0])
        w = heads.heads([known], on.phi, on.bias, on.prior.mean, on.prior.covariance)[0].mean
        z = heads.difference(asked, on.bias) + heads.difference(asked, on.phi) @ w
        assert found[row] == pytest.approx(((z > 0) == (asked.yes > 0.5)).mean())
