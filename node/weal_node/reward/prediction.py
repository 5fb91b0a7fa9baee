"""What a posterior says of an item, and how sure it is."""

import math

import numpy as np
import numpy.typing as npt

from weal_node.records import Prediction
from weal_node.reward.posterior import Posterior

Z80 = 1.2815515655446004  # standard normal quantile at .9: the middle 80%


def moderated(mean: npt.NDArray[np.float64], variance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return P(yes) (n,) with the score's uncertainty averaged out: s(m / sqrt(1 + pi v / 8)) (MacKay 1992, eq. 12)."""
    scaled = mean / np.sqrt(1.0 + math.pi * variance / 8.0)
    probability: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(scaled, -500, 500)))
    return probability


def scores(
    posterior: Posterior, phi: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return mean (n,) and variance (n,) of u(x) = b(x) + w . phi(x) for phi (n, D), bias (n,), in log-odds."""
    mean = bias + phi @ posterior.mean
    variance = np.einsum("nd,nd->n", phi @ posterior.covariance, phi)
    return mean, np.maximum(variance, 0.0)


def predict(mean: float, variance: float) -> Prediction:
    """Return what is predicted of one item from its score's mean and variance, in log-odds."""
    sd = math.sqrt(variance)
    middle = _logistic(mean / math.sqrt(1.0 + math.pi * variance / 8.0))
    return Prediction(mean, sd, middle, _logistic(mean - Z80 * sd), _logistic(mean + Z80 * sd))


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(x, -500.0), 500.0)))
