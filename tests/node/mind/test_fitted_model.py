"""Learning from a log with edits: exact changes, exact undo, principles that act before any answer."""

import hashlib
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from support.minds import about
from weal_node.features.concepts import concept
from weal_node.features.projection import shipped
from weal_node.features.weights import WIDTH
from weal_node.mind.explanations import before_answers, by_answer
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import FittedModel, fit, learn, shared_belief
from weal_node.records import Answer, Choice, Item
from weal_node.reward import model
from weal_node.reward.edit import Edit, Kind
from weal_protocol.kernels import BESIDE_RELEASE
from weal_protocol.representation import SHARED, empty

COUNT = 40
RAW = np.random.default_rng(5).normal(size=(COUNT, WIDTH)).astype(np.float32)
RAW[1::4] += 40.0 * about("gardening")
VECTORS: npt.NDArray[np.float32] = RAW / np.linalg.norm(RAW, axis=1, keepdims=True)
ITEMS = [Item(f"{number:064x}", f"Statement {number}") for number in range(COUNT)]
LOG = [Answer(f"{n:032x}", n, ITEMS[n].id, "", Choice.ACCEPT if n % 3 else Choice.REJECT, "teach") for n in range(20)]
GARDEN = concept("garden", "tag", VECTORS[:1], shipped().centre)
WORD = "gardening"  # of the public vocabulary


def space_with(*edits: Edit) -> FeatureSpace:
    return feature_space(ITEMS, VECTORS, empty(), (GARDEN,), edits)


def digest(fitted: FittedModel) -> str:
    arrays = (fitted.mean, fitted.variance, fitted.posterior.mean, fitted.posterior.covariance, fitted.model.pull)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def weight(fitted: FittedModel, name: str) -> float:
    return float(fitted.posterior.mean[fitted.features.names.index(name)])


@pytest.mark.parametrize(("kind", "value"), [(Kind.EDIT, 1.7), (Kind.PIN, -0.9), (Kind.IGNORE, 0.0)])
def test_an_edit_changes_every_score_by_exactly_what_it_states(kind: Kind, value: float) -> None:
    before = learn(space_with(), LOG)
    was = weight(before, WORD)
    after = learn(space_with(Edit("1", 1_000, kind, WORD, value, was)), LOG)
    stated = (value - was) * before.features.phi[:, before.features.names.index(WORD)]
    assert np.abs(after.mean - before.mean - stated).max() < 1e-12
    assert np.abs(stated).max() > 0.001


def test_undo_and_forget_are_exact_to_the_bit() -> None:
    assert digest(learn(space_with(), LOG)) == digest(learn(space_with(), list(LOG)))
    extra = Answer("f" * 32, 2_000, ITEMS[30].id, "", Choice.ACCEPT, "teach")
    assert digest(learn(space_with(), [*LOG, extra])) != digest(learn(space_with(), LOG))
    assert digest(learn(space_with(), [answer for answer in [extra, *LOG] if answer != extra])) == digest(
        learn(space_with(), LOG)
    )


def test_a_pin_holds_through_further_answers_and_an_edit_goes_on_learning() -> None:
    later = [Answer(f"{n + 100:032x}", 2_000 + n, ITEMS[n].id, "", Choice.REJECT, "teach") for n in range(COUNT)]
    was = weight(learn(space_with(), LOG), WORD)
    for kind in (Kind.PIN, Kind.EDIT):
        fitted = learn(space_with(Edit("1", 1_000, kind, WORD, 2.0, was)), [*LOG, *later])
        stands = 2.0 if kind is Kind.PIN else weight(fitted, WORD) + 2.0 - was
        free, added = fitted.change.apply(fitted.features.phi, fitted.features.names)
        assert np.allclose(fitted.mean, added + free @ fitted.posterior.mean + fitted.residual)
        assert bool(stands == 2.0) is (kind is Kind.PIN)


def test_what_is_forbidden_casts_no_shadow() -> None:
    fitted = learn(space_with(Edit("1", 1, Kind.FORBID, "garden")), LOG)
    on = fitted.features
    assert not on.phi[:, on.names.index("garden")].any()
    moved = VECTORS.copy()
    moved[5] += 0.5 * GARDEN.vector  # more of the forbidden, and nothing else
    other = learn(feature_space(ITEMS, moved, empty(), (GARDEN,), [Edit("1", 1, Kind.FORBID, "garden")]), LOG)
    assert np.abs(other.mean - fitted.mean).max() < 1e-5
    free = learn(feature_space(ITEMS, moved, empty(), (GARDEN,)), LOG)
    assert np.abs(free.mean - learn(space_with(), LOG).mean).max() > 1e-3


def test_what_is_forbidden_is_out_of_what_texts_are_compared_by_known_or_not() -> None:
    space = space_with(Edit("1", 1, Kind.FORBID, WORD))
    assert space.components_of(VECTORS).tobytes() == space.components.tobytes()
    moved = (VECTORS + 0.5 * about(WORD)).astype(np.float32)
    np.testing.assert_allclose(space.components_of(moved), space.components, atol=1e-5)
    assert np.abs(space_with().components_of(moved) - space_with().components).max() > 1e-2


def test_a_principle_acts_on_items_never_answered_about_and_answers_outweigh_it() -> None:
    principle = Edit("1", 1, Kind.PRINCIPLE, "garden", 1.6, text="garden")
    without, with_it = learn(space_with(), ()), learn(space_with(principle), ())
    assert with_it.mean[0] - without.mean[0] == pytest.approx(
        1.6 * with_it.features.phi[0, with_it.features.names.index("garden")]
    )
    assert with_it.mean[0] - without.mean[0] > 1
    against = [Answer(f"{n:032x}", n, ITEMS[0].id, "", Choice.GRADE_1, "teach") for n in range(400)]
    assert learn(space_with(principle), against).mean[0] < 0


def test_scales_come_from_the_answers_and_what_was_believed_before_them_stays() -> None:
    fitted, before = learn(space_with(), LOG), learn(space_with(), ())
    assert not np.allclose(fitted.model.prior.covariance, fitted.features.prior.covariance, rtol=0.01)
    assert fitted.model.prior.mean.tobytes() == fitted.features.prior.mean.tobytes()
    assert fitted.mean_before.tobytes() == before.mean.tobytes()
    assert np.allclose(fitted.variance_before, before.variance)
    for item in ITEMS[:5]:
        said = before_answers(fitted, item.id) + sum(amount for _, amount in by_answer(fitted, item.id))
        assert said == pytest.approx(fitted.mean[fitted.features.index[item.id]], abs=1e-9)


def test_a_round_is_given_the_head_under_the_prior_that_all_share() -> None:
    fitted = learn(space_with(), LOG)
    stated = model.train(fitted.model.rows, fitted.features.prior, fitted.features.space).head
    shared = shared_belief(fitted)
    assert shared.mean.tobytes() == stated.mean[:SHARED].tobytes()
    assert shared.covariance.tobytes() == stated.covariance[:SHARED, :SHARED].tobytes()
    assert not np.allclose(shared.mean, fitted.posterior.mean[:SHARED], atol=1e-3)


def test_a_round_is_told_of_kernels_where_the_answers_stand_on_a_release() -> None:
    released = replace(empty(), number=2)
    alone, beside = (feature_space(ITEMS, VECTORS, release) for release in (empty(), released))
    assert shared_belief(learn(alone, LOG)).kernels is None
    assert shared_belief(learn(beside, ())).kernels is None
    told = shared_belief(learn(beside, LOG)).kernels
    assert told is not None
    assert told.sum() == pytest.approx(1.0)
    assert not np.allclose(told, BESIDE_RELEASE, atol=1e-3)


def test_answers_about_items_that_are_gone_are_counted_and_left_out() -> None:
    lost = Answer("e" * 32, 5, "f" * 64, "", Choice.ACCEPT, "teach")
    fitted = learn(space_with(), [*LOG, lost])
    assert fitted.gone == 1
    assert digest(fitted) == digest(learn(space_with(), LOG))


def test_one_answer_or_none_or_no_item_at_all_is_no_trouble() -> None:
    assert learn(feature_space((), VECTORS[:0], empty()), ()).mean.shape == (0,)
    assert np.isfinite(learn(space_with(), LOG[:1]).mean).all()


@pytest.mark.parametrize("count", [2_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_thousands_of_answers_are_learnt_from(count: int) -> None:
    draw, theme = np.random.default_rng(2), shipped().apply(VECTORS)[:, 0]
    liked = theme > np.median(theme)
    words = (Choice.REJECT, Choice.ACCEPT)
    log = [
        Answer(f"{n:032x}", n, ITEMS[item].id, "", words[int(liked[item]) ^ int(draw.random() < 0.1)], "teach")
        for n, item in enumerate(draw.integers(COUNT, size=count).tolist())
    ]
    fitted = learn(space_with(), log)
    assert np.isfinite(fitted.mean).all()
    assert fitted.mean[liked].min() > np.median(fitted.mean[~liked])
    assert len(fitted.model.pull) == count


def test_a_change_is_seen_in_what_has_no_concept_of_its_own() -> None:
    """Taste goes by what public texts differ in most, which has no name."""
    sides = np.array([1.0, -1.0] * (COUNT // 2))
    along = 0.3 * sides[:, None] * shipped().directions[:, 0]
    vectors = (shipped().centre + along + np.random.default_rng(6).normal(0.0, 0.01, (COUNT, WIDTH))).astype(np.float32)
    items, likes = ITEMS, sides > 0
    log = []
    for n in range(140):
        yes = bool(likes[n % len(items)]) == (n < 100)
        log.append(Answer(f"{n:032x}", n, items[n % len(items)].id, "", (Choice.REJECT, Choice.ACCEPT)[yes], "teach"))
    _, followed, _ = fit(feature_space(items, vectors, empty()), log)  # over no concept of the vocabulary
    assert followed.since is not None
    assert 95 <= followed.since <= 105
