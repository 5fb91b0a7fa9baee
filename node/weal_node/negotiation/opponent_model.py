"""What is believed of one party's gains: a Gaussian over what each value of each issue loses it.

A gain is believed to be g(x) = 1 - sum_k loss_k(x_k), in units of the party's best gain. The coarse seed gives the mean, every score is a
linear observation (Kalman 1960). Constants: tuned by `bargaining` on seeds 101 to 104, which the studies do not use (node/decisions/0013;
simulations/LOG.md, 2026-11-25, Negotiation: deals of many, strangers, liars, chains).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.negotiation import utility
from weal_node.negotiation.seed import normals
from weal_node.negotiation.transcript import Values

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]  # where the values of one outcome are among all values of all issues (issues,)
Window = tuple[float, float]
Scale = tuple[float, ...]
SPREAD = 1.4  # believed sum of all losses, in best gains: the worst outcome is this much worse than the best
SHARED_DOUBT = 0.25  # relative doubt about that sum
ISSUE_DOUBT = 0.2  # relative doubt about each issue's part of it
FINE = 0.01  # least sd of one value's loss
WIDE = 2.5  # half of what a score divides finely, in sds of what is believed
LEAST_WINDOW = 0.05  # least whole of it
MISFIT = 0.06  # least sd of a gain: issues may depend on each other
NO_GAIN = -0.05  # what a score of 0 says of a gain at most
NO_GAIN_SD = 0.15  # and how surely
WINDOW_SD = 0.3  # sd of a gain within its window, in widths: of a uniform one, 1 / sqrt(12)
JITTER = 1e-10


@dataclass(frozen=True, slots=True)
class OpponentModel:
    """What is believed of one party's losses: mean (f,), covariance (f, f), f = all values of all issues."""

    mean: Array
    covariance: Array

    def drawn(self, root: Array, seed: bytes, answer: str) -> Array:
        """Return losses (f,) drawn from the belief. root: Cholesky factor of its covariance."""
        losses: Array = self.mean + root @ normals(seed, answer, len(self.mean))
        return losses

    def root(self) -> Array:
        """Return the factor for draws; Cholesky's is unique, so that all sides draw alike."""
        return np.linalg.cholesky(self.covariance + JITTER * np.eye(len(self.mean))).astype(np.float64)

    def observed(self, places: Places, gain: float, sd: float) -> "OpponentModel":
        """Return the belief after one outcome's gain was told to within sd."""
        along = self.covariance[:, places].sum(1)
        weight = along / (float(along[places].sum()) + sd**2)
        mean = self.mean + weight * ((1.0 - gain) - float(self.mean[places].sum()))
        return OpponentModel(mean, self.covariance - np.outer(weight, along))

    def learnt(self, places: Places, window: Window | None, sd: float, misfit: float) -> "OpponentModel":
        """Return the belief after what was told of one outcome. sd: of its gain, as expected.  misfit: of gains from any sum."""
        if window is None:
            return self.observed(places, min(self.gain(places), NO_GAIN), NO_GAIN_SD)
        low, high = window
        return self.observed(places, (low + high) / 2, math.hypot(WINDOW_SD * min(high - low, 2 * sd), misfit))

    def sd(self, places: Places) -> float:
        """Return how uncertain the gain of one outcome is."""
        return math.sqrt(max(float(self.covariance[np.ix_(places, places)].sum()), 0.0) + MISFIT**2)

    def gain(self, places: Places) -> float:
        """Return the believed gain of one outcome."""
        return 1.0 - float(self.mean[places].sum())


def believed(seed: Values, sizes: Values, bits: int) -> OpponentModel:
    """Return the belief that a coarse seed gives rise to (see utility.coarse): importances, then each issue's values."""
    levels = 2**bits - 1
    parts = np.split(np.array(seed[len(sizes) :], np.float64) / levels, np.cumsum(sizes)[:-1])
    weights = np.array([utility.importance(level) for level in seed[: len(sizes)]])
    total = 0.0
    for weight, part in zip(weights, parts, strict=True):
        total += float(weight * float(part.max() - part.min()))
    share = SPREAD / (total or 1.0)
    means, sds = [], []
    for weight, part in zip(weights, parts, strict=True):
        means.append((part.max() - part) * weight * share)
        sds.append(np.full(len(part), weight * share / levels / math.sqrt(12) + FINE))
    mean, sd = np.concatenate(means), np.concatenate(sds)
    covariance = np.diag(sd**2) + np.outer(mean, mean) * SHARED_DOUBT**2
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        own = mean[start : start + size]
        covariance[start : start + size, start : start + size] += np.outer(own, own) * ISSUE_DOUBT**2
    return OpponentModel(mean, covariance)


def scale(mean: float, sd: float, bits: int) -> Scale:
    """Return the edges (2^bits,) between which the scores 1, 2, ... of a gain lie: fine where it is expected, coarse elsewhere."""
    low, high = max(mean - WIDE * sd, 0.0), min(mean + WIDE * sd, 1.0)
    low = min(low, 1 - LEAST_WINDOW)
    high = max(high, low + LEAST_WINDOW)
    below = [0.0, low / 2] if low > 0 else []
    above = [1.0] if high < 1 else []
    inside = np.linspace(low, high, 2**bits - len(below) - len(above)).tolist()
    return (*below, *inside, *above)


def finer(window: Window, bits: int) -> Scale:
    """Return the edges of a gain that is known to lie between two others."""
    return tuple(np.linspace(*window, 2**bits).tolist())
