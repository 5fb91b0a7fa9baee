"""What the community says of an item: the margin before any answer, the table first, a map for the rest, nothing before a release."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from weal_node.features import weights
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import learn
from weal_node.records import Answer, Choice, Item
from weal_node.reward.bias import SPREAD
from weal_node.reward.prediction import moderated
from weal_protocol.representation import AXES, SHARED, Representation, empty

WIDTH = weights.WIDTH
COVARIANCE = np.diag(np.linspace(0.2, 1.5, SHARED))


def texts(n: int) -> npt.NDArray[np.float32]:
    drawn = np.random.default_rng(5).normal(size=(n, WIDTH))
    unit: npt.NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return unit


def released(vectors: npt.NDArray[np.float32], slope: float, margins: bool = False) -> Representation:
    """A release whose biases are read off the first number of each text."""
    n = len(vectors)
    items = tuple(f"{number:064x}" for number in range(n))
    bias = 0.3 + slope * vectors[:, 0].astype(np.float64)
    margin = bias + 0.4 if margins else None
    mean = np.linspace(-0.2, 0.3, SHARED)
    return Representation(items, bias, np.full(n, 0.1), np.zeros((n, AXES)), mean, COVARIANCE, 1, margin=margin)


def space(vectors: npt.NDArray[np.float32], release: Representation, kind: str = "statement") -> FeatureSpace:
    return feature_space([Item(f"{row:064x}", f"text {row}", kind) for row in range(len(vectors))], vectors, release)


def test_before_any_answer_an_item_is_what_its_votes_say() -> None:
    vectors = texts(60)
    release = released(vectors, 8.0, margins=True)
    fitted = learn(space(vectors, release), [])
    assert release.margin is not None
    drawn = fitted.features.bias - release.bias  # to the map, by what noise there is in it
    said = 1.0 / (1.0 + np.exp(-(release.margin + drawn)))
    assert (
        np.abs(moderated(fitted.mean, fitted.variance) - said).max() < 0.02
    )  # drawn to the map by what noise there is
    assert np.abs(moderated(fitted.mean_before, fitted.variance_before) - said).max() < 1e-9
    without = learn(space(vectors, released(vectors, 8.0)), [])
    assert np.abs(moderated(without.mean, without.variance) - said).max() > 0.05  # by heads alone it is not


def test_a_margin_that_noise_made_is_not_believed() -> None:
    vectors = texts(60)
    quiet = released(vectors, 0.0, margins=True)
    noise = np.random.default_rng(4).normal(size=60) * 3.0
    assert quiet.margin is not None
    loud = replace(quiet, bias=quiet.bias + noise, bias_sd=np.full(60, 3.0), margin=quiet.margin + noise)
    fitted = learn(space(vectors, loud), [])
    said = np.log(moderated(fitted.mean, fitted.variance) / (1.0 - moderated(fitted.mean, fitted.variance)))
    assert np.abs(said - quiet.margin).mean() < 0.5 * np.abs(noise).mean()


def test_from_the_first_answer_on_the_released_bias_stands() -> None:
    vectors = texts(60)
    on = space(vectors, released(vectors, 8.0, margins=True))
    assert np.abs(on.unanswered - on.bias).max() > 0.1
    answer = Answer("a", 1, on.items[0].id, "", Choice.ACCEPT, "teach")
    assert learn(on, [answer]).bias.tobytes() == on.bias.tobytes()
    assert learn(on, []).bias.tobytes() == on.unanswered.tobytes()
    assert learn(on, [answer]).mean_before.tobytes() == learn(on, []).mean_before.tobytes()


def test_the_table_is_drawn_to_the_map_by_how_well_it_knows_its_items() -> None:
    vectors = texts(60)
    release = released(vectors, 8.0)
    on = space(vectors, release)
    expected = on.expected_bias(on.items, vectors)
    assert expected == pytest.approx(on.released.text.at(on.space.directions)[:, 0])
    trust = SPREAD**2 / (SPREAD**2 + 0.1**2)  # the bias's own error is .1
    assert on.bias == pytest.approx(trust * release.bias + (1 - trust) * expected)


@pytest.mark.slow
def test_an_item_that_nobody_judged_is_read_off_its_text() -> None:
    vectors = texts(400)
    along = np.zeros((2, WIDTH), np.float32)
    along[0, 0], along[1, 0] = 1.0, -1.0
    release = released(vectors, 8.0)
    mapped = space(np.vstack([vectors, along]), release)
    high, low = mapped.bias[-2:]
    assert high > 0.8
    assert low < -0.2


def test_few_items_make_no_map_and_deals_have_no_bias() -> None:
    few = space(texts(12), released(texts(12)[:10], 8.0))
    assert few.bias[10:].tolist() == [0.0, 0.0]
    assert few.bias[:10].any()
    vectors = texts(100)
    assert space(vectors, released(vectors[:60], 8.0), "option").bias[60:].tolist() == [0.0] * 40


def test_before_any_release_everything_is_zero() -> None:
    assert not space(texts(5), empty()).bias.any()


def test_what_a_release_says_is_read_once_and_anew_where_a_text_of_it_becomes_known() -> None:
    vectors = texts(60)
    release = released(vectors, 8.0)
    items = [Item(f"{row:064x}", f"text {row}") for row in range(60)]
    first = feature_space(items[:50], vectors[:50], release)
    again = feature_space(items[:50], vectors[:50], release, before=first)
    assert again.released is first.released
    more = feature_space(items, vectors, release, before=first)
    assert more.released is not first.released
    alone = feature_space(items, vectors, release)
    assert more.phi.tobytes() == alone.phi.tobytes()
    assert more.bias.tobytes() == alone.bias.tobytes()


def test_what_is_known_besides_changes_no_bit_of_an_item() -> None:
    vectors = texts(70)
    release = released(vectors[:60], 8.0, margins=True)
    some, all_of_them = space(vectors[:65], release), space(vectors, release)
    assert some.bias.tobytes() == all_of_them.bias[:65].tobytes()
    assert some.phi.tobytes() == all_of_them.phi[:65].tobytes()
    assert math.isfinite(float(all_of_them.bias.sum()))
