"""Why a score is what it is: an exact split into what each concept adds, and another into what each answer adds (model.by_answer)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.records import ScorePart
from weal_node.reward.edit import ModelEdit
from weal_node.reward.posterior import Posterior

Array = npt.NDArray[np.float64]
COMMUNITY = "what others said of it"
ALIKE = "your answers on things alike"
BEFORE = "before any answer of yours"


def weights(posterior: Posterior, change: ModelEdit, names: Sequence[str]) -> tuple[Array, Array]:
    """Return the weights (D,) as they stand, the person's changes included, and their sd (D,): none where one is held."""
    mean, deviation = posterior.mean.copy(), np.sqrt(np.maximum(np.diag(posterior.covariance), 0.0))
    for column, name in enumerate(names):
        if name in change.held:
            mean[column], deviation[column] = change.held[name], 0.0
        else:
            mean[column] += change.moved.get(name, 0.0)
    return mean, deviation


def parts(
    posterior: Posterior, change: ModelEdit, names: Sequence[str], phi: Array, bias: float, residual: float = 0.0
) -> tuple[ScorePart, ...]:
    """Return the summands of u(x), largest first: b(x), (w_c + d_c) phi_c for each concept that plays a part, and r(x).

    They sum to the score exactly (to rounding). phi: (D,), with the columns that are held. sd: of each summand alone; the bias is taken as known.
    """
    mean, deviations = weights(posterior, change, names)
    summands = []
    if bias:
        summands.append(ScorePart(COMMUNITY, float(bias), 0.0))
    for column, name in enumerate(names):
        value = phi[column]
        if value:
            summands.append(ScorePart(name, float(mean[column] * value), float(abs(value) * deviations[column])))
    if residual:
        summands.append(ScorePart(ALIKE, float(residual), 0.0))
    return tuple(sorted(summands, key=lambda part: -abs(part.amount)))


def concepts(posterior: Posterior, change: ModelEdit, names: Sequence[str]) -> tuple[ScorePart, ...]:
    """Return what is believed of each concept: its weight and how sure that is."""
    mean, deviations = weights(posterior, change, names)
    return tuple(map(ScorePart, names, mean.tolist(), deviations.tolist()))
