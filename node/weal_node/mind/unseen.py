"""What the person would say of items that are not known yet, how sure that is, and which of them are in support of their answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.mind.fitted_model import FittedModel
from weal_node.records import Item
from weal_node.reward import bias, choose, model
from weal_protocol.representation import SHARED

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UnseenPredictions:
    """Of n items. mean, variance: (n,) of their scores, log-odds.
    inside: (n,), where the person's answers have been.
    allowed: (n,), where no veto rules them out."""

    mean: Array
    variance: Array
    inside: npt.NDArray[np.bool_]
    allowed: npt.NDArray[np.bool_]


def predict_unseen(
    fitted: FittedModel, items: Sequence[Item], vectors: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_]
) -> UnseenPredictions:
    """Return what is predicted of items with these embeddings (n, WIDTH): the scores that they would have once known."""
    features = fitted.features
    phi = features.featurize(items, vectors)
    free, added = fitted.change.apply(phi, features.names)
    head, alike, variance = model.predict(fitted.model, free, features.residual_space(vectors))
    common = bias.bias(items, features.expected_bias(items, vectors), features.representation)
    if not fitted.posterior.answers:
        common = bias.before_answers(items, common, features.representation, features.released)
    return UnseenPredictions(
        common + added + head + alike, variance, in_support(fitted, phi, features.components_of(vectors)), allowed
    )


def in_support(fitted: FittedModel, phi: Array, components: Array) -> npt.NDArray[np.bool_]:
    """Return which items, phi (n, D) and components (n, 24), the person's answers have been near."""
    features, rows = fitted.features, fitted.model.rows
    answered = np.zeros(0, int)
    if rows.first is not None and rows.second is not None:
        ends = np.concatenate([rows.first, rows.second])
        answered = np.unique(ends[ends >= 0])
    known = choose.support(_about(features.phi[answered], features.components[answered]))
    return known.inside(_about(phi, components))


def _about(phi: Array, components: Array) -> Array:
    """Return what items are about (n, AXES + 24): how many hours they take is another matter."""
    return np.hstack([phi[:, 1:SHARED], components])
