"""What is believed of a person before their first answer: a Gaussian over heads, N(mean, covariance).

Hierarchical Bayes: the community's release estimates the moments of the population's heads (Gelman et al.,
Bayesian Data Analysis, ch. 5); before any release stands a parametric prior.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.features.layout import CONSTANT, DIMENSIONS, HOURS_GIVEN, HOURS_RECEIVED
from weal_protocol.representation import SHARED, Representation

# In log-odds squared, for before any release; a release brings its own moments for the shared dimensions. How readily a person says
# yes: of .5, 1 and 2, with 5 of their own answers, log-loss on German votes .580, .566, .554, on tastes .695, .702, .714 (alone, seed
# 101; simulations/LOG.md, 2026-11-30). The others are chosen.
CONSTANT_VARIANCE = 2.0
AXIS_VARIANCE = 0.5
CONCEPT_VARIANCE = 0.25  # of a named concept: topics alone say little of a person's taste
# An hour received is worth about what log(2) x 1.6 says, an hour given costs half of that: with both at
# their means an even swap is worth while, and a lopsided one is not. Chosen.
HOURS = {HOURS_RECEIVED: (1.6, 0.4), HOURS_GIVEN: (-0.45, 0.05)}  # mean, variance
VARIANCE_FLOOR = 0.02


@dataclass(frozen=True, slots=True)
class Prior:
    """A Gaussian over heads.

    mean: (D,).  covariance: (D, D), positive definite.  version: names where it came from."""

    mean: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    version: str


def built_in() -> Prior:
    """Return the parametric prior: indifferent about all things, but for the worth of an hour."""
    mean, variance = np.zeros(DIMENSIONS), np.full(DIMENSIONS, AXIS_VARIANCE)
    variance[CONSTANT] = CONSTANT_VARIANCE
    for dimension, (middle, spread) in HOURS.items():
        mean[dimension], variance[dimension] = middle, spread
    return Prior(mean, np.diag(variance), "built in")


def from_representation(representation: Representation) -> Prior:
    """Return the community's prior over the shared dimensions, the built-in one over the person's own.

    Directions of almost no variance are lifted to VARIANCE_FLOOR: a person may always turn out to differ.
    """
    if representation.number == 0:
        return built_in()
    own = built_in()
    mean, covariance = own.mean.copy(), own.covariance.copy()
    mean[:SHARED] = representation.prior_mean
    values, vectors = np.linalg.eigh(representation.prior_covariance)
    covariance[:SHARED, :SHARED] = (vectors * np.maximum(values, VARIANCE_FLOOR)) @ vectors.T
    return Prior(mean, covariance, f"release {representation.number}")


def extended(prior: Prior, mean: npt.NDArray[np.float64], variance: npt.NDArray[np.float64]) -> Prior:
    """Return the prior over more dimensions: independent ones of this mean (k,) and variance (k,) after its own."""
    size = len(prior.mean)
    covariance = np.zeros((size + len(mean), size + len(mean)))
    covariance[:size, :size] = prior.covariance
    covariance[size:, size:] = np.diag(variance)
    return Prior(np.concatenate([prior.mean, mean]), covariance, prior.version)
