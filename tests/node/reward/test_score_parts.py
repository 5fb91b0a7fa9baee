"""A score is the sum of its parts, to rounding."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weal_node.features.layout import DIMENSIONS, NAMES
from weal_node.reward.edit import ModelEdit
from weal_node.reward.posterior import Posterior
from weal_node.reward.prediction import scores
from weal_node.reward.score_parts import concepts, parts

Array = npt.NDArray[np.float64]
vectors = arrays(np.float64, DIMENSIONS, elements=st.floats(-5, 5))


@given(vectors, vectors, st.floats(-3, 3))
@settings(max_examples=60, deadline=None)
def test_parts_sum_to_the_score(weights: Array, phi: Array, bias: float) -> None:
    posterior = Posterior(weights, np.eye(DIMENSIONS) * 0.1, 3)
    mean, _ = scores(posterior, phi[None], np.array([bias]))
    summands = parts(posterior, ModelEdit(), NAMES, phi, bias, 0.25)
    assert abs(sum(part.amount for part in summands) - mean[0] - 0.25) < 1e-9


def test_every_dimension_has_a_concept() -> None:
    posterior = Posterior(np.linspace(0.0, 2.9, DIMENSIONS), np.eye(DIMENSIONS) * 0.04, 0)
    summands = concepts(posterior, ModelEdit(), NAMES)
    assert len({part.name for part in summands}) == DIMENSIONS
    assert all(abs(part.sd - 0.2) < 1e-12 for part in summands)
