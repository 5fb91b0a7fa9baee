"""What a fitted model says of the items it knows: scores, chances, and what they are made of. Pure."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError
from weal_node.mind.fitted_model import FittedModel
from weal_node.records import Item, Prediction, ScorePart
from weal_node.reward import model, prediction, score_parts
from weal_node.reward.edit import ModelEdit
from weal_node.reward.posterior import Posterior

Array = npt.NDArray[np.float64]


def find_row(fitted: FittedModel, item: str) -> int:
    """Return the row of the item of this id; NotFoundError where it is not known."""
    try:
        return fitted.features.index[item]
    except KeyError:
        raise NotFoundError("there is no such statement", "It may have been taken away") from None


def predict(fitted: FittedModel, item: str) -> Prediction:
    """Return what the person is believed to say of an item; NotFoundError for one that is not known."""
    row = find_row(fitted, item)
    return prediction.predict(float(fitted.mean[row]), float(fitted.variance[row]))


def predict_before(fitted: FittedModel, item: str) -> Prediction:
    """Return what was believed before any answer: the community's prior alone; NotFoundError for an item that is not known."""
    row = find_row(fitted, item)
    return prediction.predict(float(fitted.mean_before[row]), float(fitted.variance_before[row]))


def chance(fitted: FittedModel, first: str, second: str = "") -> float:
    """Return the moderated probability of yes to an item, or of its being chosen over another; NotFoundError for one that is not known."""
    features = fitted.features
    ends = np.array([find_row(fitted, item) for item in (first, second) if item])
    free, _ = fitted.change.apply(features.phi[ends], features.names)
    covariance = model.joint(fitted.model, free, features.space.at(ends))
    signs = np.array([1.0, -1.0])[: len(ends)]
    variance = max(0.0, float(signs @ covariance @ signs))
    return prediction.predict(float(signs @ fitted.mean[ends]), variance).probability


def parts(fitted: FittedModel, item: str) -> tuple[ScorePart, ...]:
    """Return the summands of an item's score, largest first; they sum to its mean. NotFoundError for one that is not known."""
    row, features = find_row(fitted, item), fitted.features
    bias, residual = float(fitted.bias[row]), float(fitted.residual[row])
    return score_parts.parts(fitted.posterior, fitted.change, features.names, features.phi[row], bias, residual)


def concepts(fitted: FittedModel) -> tuple[ScorePart, ...]:
    """Return what is believed of each dimension, the person's changes included."""
    return score_parts.concepts(fitted.posterior, fitted.change, fitted.features.names)


def prior_concepts(fitted: FittedModel) -> tuple[ScorePart, ...]:
    """Return what was believed of each dimension before any answer and any change."""
    prior = fitted.features.prior
    return score_parts.concepts(Posterior(prior.mean, prior.covariance, 0), ModelEdit(), fitted.features.names)


def gains(fitted: FittedModel, items: Sequence[Item], vectors: npt.NDArray[np.float32]) -> Array:
    """Return for any items with these embeddings (n, WIDTH) how much better than no deal they are (n,), in log-odds: w . phi without the
    constant, and what answers on things alike say over nothing; posterior mean. Vetoes are not looked at."""
    features = fitted.features
    phi = features.featurize(items, vectors)
    phi[:, 0] = 0.0  # "no deal" has the same constant
    weights, _ = score_parts.weights(fitted.posterior, fitted.change, features.names)
    alike = model.over_nothing(fitted.model, features.residual_space(vectors))
    worth: Array = phi @ weights + alike
    return worth
