"""What a label-private round stands on: nothing that labels decide, but through the noise of its training."""

import asyncio
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node.features.weights import WIDTH
from weal_node.federation import private_training
from weal_node.federation.backtest import trial
from weal_node.federation.releases import decided
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.records import Answer, Choice, Item
from weal_node.reward import private_head
from weal_node.store import releases
from weal_node.store.database import Database
from weal_node.store.releases import ADOPTED, KEPT_OLD
from weal_protocol import release
from weal_protocol.items import item_id
from weal_protocol.representation import AXES, ENCODER_SHA256, PROJECTION_SHA256, SHARED, Representation

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
STATES = tuple(Item(item_id(f"Statement {n}"), f"Statement {n}") for n in range(60))
ITEMS = tuple(sorted(state.id for state in STATES))
LIKED = frozenset(ITEMS[:30])
VECTORS = np.random.default_rng(1).normal(size=(60, WIDTH)).astype(np.float32)
Array = npt.NDArray[np.float64]


def made(number: int, agrees: float) -> Representation:
    """A release whose biases say yes to LIKED and no to the rest, as strongly as `agrees`."""
    bias = np.array([agrees if item in LIKED else -agrees for item in ITEMS])
    mean, covariance = np.full(SHARED, 0.05 * number), np.eye(SHARED) * number
    return Representation(ITEMS, bias, np.full(60, 0.1), np.ones((60, AXES)) * number, mean, covariance, number)


def answered(likes: bool) -> tuple[Answer, ...]:
    """The same questions, answered as the release says or the other way round."""
    return tuple(
        Answer(f"{n:032x}", n, s.id, "", Choice.ACCEPT if (s.id in LIKED) == likes else Choice.REJECT, "teach")
        for n, s in enumerate(STATES)
    )


def after_trial(answers: tuple[Answer, ...], old: Representation, new: Representation) -> tuple[str, FittedModel]:
    """What the node makes of the new release, and what it believes afterwards."""
    fitted = learn(feature_space(STATES, VECTORS, old), answers)
    act, _ = decided(trial(fitted, new), went_back=False)
    return act, learn(feature_space(STATES, VECTORS, new if act == ADOPTED else old), answers)


@pytest.mark.slow
def test_labels_that_flip_the_trial_of_a_release_do_not_move_the_ground(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Array, Array, Array]] = []

    def train(ends: Array, offset: Array, yes: Array, start: Array) -> private_head.Trained:
        seen.append((ends, offset, start))
        return private_head.Trained(np.zeros(SHARED), private_head.COST)

    monkeypatch.setattr(private_head, "train", train)
    old, new = made(1, 0.0), made(2, 1.5)
    acts, variances = [], []
    for likes in (True, False):
        act, fitted = after_trial(answered(likes), old, new)
        acts.append(act)
        database = Database(tmp_path / f"{likes}.db")
        for one in (old, new):  # both came, whatever was made of them
            said = release.Manifest(one.number, b"m" * 32, 1, 300, 1.0, 1e-5, 1, ENCODER_SHA256, PROJECTION_SHA256)
            raw = release.write(one, said, KEY).SerializeToString()
            asyncio.run(database.write(partial(releases.keep, number=one.number, raw=raw, now_ms=1)))
        mean, variance = asyncio.run(
            private_training.hidden(
                database, fitted.features, fitted.answers, private_training.TrainingTerms(1, 2, 100.0), lambda: 1
            )
        )
        assert not mean.any()
        variances.append(variance)
        database.close()
    assert acts == [ADOPTED, KEPT_OLD]  # else this would show nothing
    for one, other in zip(*seen, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(variances[0], variances[1])
    np.testing.assert_array_equal(variances[0], np.full(SHARED, 2.0))
    np.testing.assert_array_equal(seen[0][2], new.prior_mean)
    assert np.abs(seen[0][1]).max() > 0.5  # the bias of the release that the round names


async def test_without_the_release_that_a_round_names_the_ground_is_what_a_node_begins_with(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    for base in (0, 7):
        found = await private_training.named(database, base)
        assert (found.number, found.items) == (0, ())
    database.close()
