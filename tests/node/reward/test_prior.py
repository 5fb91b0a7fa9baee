"""What is believed before the first answer."""

import numpy as np

from weal_node.features.layout import DIMENSIONS
from weal_node.reward.prior import VARIANCE_FLOOR, built_in, from_representation
from weal_protocol.representation import AXES, SHARED, Representation, empty


def test_a_release_speaks_for_the_shared_dimensions_only() -> None:
    covariance = np.diag(np.full(SHARED, 1e-6))
    release = Representation((), np.zeros(0), np.zeros(0), np.zeros((0, AXES)), np.full(SHARED, 0.7), covariance, 3)
    prior = from_representation(release)
    assert (prior.mean[:SHARED] == 0.7).all()
    assert (prior.mean[SHARED:] == built_in().mean[SHARED:]).all()
    assert np.linalg.eigvalsh(prior.covariance).min() >= VARIANCE_FLOOR * 0.99
    assert prior.version == "release 3"


def test_before_a_release_the_built_in_prior_stands() -> None:
    prior = from_representation(empty())
    assert prior.version == "built in"
    assert prior.mean.shape == (DIMENSIONS,)
