"""Appraise: what the person would say of states that are not known yet, how sure that is, and which of them are known ground. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.features.concepts import without
from weal_node.features.projection import shipped
from weal_node.mind.fitted_model import FittedModel
from weal_node.records import Item
from weal_node.reward import bias, choose, model, residual
from weal_protocol.representation import SHARED

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UnseenPredictions:
    """Of n states. mean, variance: (n,) of their scores, log-odds.  inside: (n,), where the person's labels have been.  allowed: (n,), where no veto rules them out."""

    mean: Array
    variance: Array
    inside: npt.NDArray[np.bool_]
    allowed: npt.NDArray[np.bool_]


def predict_unseen(
    fitted: FittedModel, of: Sequence[Item], vectors: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_]
) -> UnseenPredictions:
    """Return the appraisal of states with these embeddings (n, 384): their scores are those that they would have once known."""
    on = fitted.features
    phi = on.featurize(of, vectors)
    free, added = fitted.change.apply(phi, on.names)
    seen = residual.space(without(vectors, on.forbidden), residual.shipped())
    head, alike, variance = model.predict(fitted.model, free, seen)
    common = bias.bias(of, shipped().apply(vectors), on.representation, on.text)
    return UnseenPredictions(common + added + head + alike, variance, in_support(fitted, phi), allowed)


def in_support(fitted: FittedModel, phi: Array) -> npt.NDArray[np.bool_]:
    """Return which states, phi (n, D), the person's labels have been near."""
    on, rows = fitted.features, fitted.model.rows
    ends = [rows.first, rows.second] if rows.first is not None and rows.second is not None else []
    answered = np.unique(np.concatenate([one[one >= 0] for one in ends])) if ends else np.zeros(0, int)
    # What a state is about; how many hours it takes is another matter.
    return choose.support(on.phi[answered, 1:SHARED]).inside(phi[:, 1:SHARED])
