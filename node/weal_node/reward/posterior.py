"""The posterior by Laplace's approximation: a fixed schedule of Newton steps from the prior's mean.

    log p(w | answers) = sum_i c_i log [S(upper_i - z_i) - S(lower_i - z_i)] - (w - m)' P (w - m) / 2 + const,   z = o + X w

with S the logistic function and c_i how much an answer counts (MacKay 1992; Bishop, Pattern Recognition and Machine Learning, 4.5). The
log-likelihood of an interval is concave in z (Pratt 1981); its first derivative is S(upper - z) + S(lower - z) - 1, the second
-S'(upper - z) - S'(lower - z). A step longer than LONGEST_STEP is shortened to it, and halved while it would lead down (Boyd and
Vandenberghe, Convex Optimization, 9.2): by whole steps few answers that contradict what was believed can lead back and forth for ever.
float64, no state: the same rows and prior give the same bits on one machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.prior import Prior

Array = npt.NDArray[np.float64]
# Chosen: a fixed number of steps, so that the bits depend on no tolerance.
NEWTON_STEPS = 12
LONGEST_STEP = 4.0  # log-odds
HALVINGS = 12  # of a step that leads down
ROUNDING = 1e-10  # of a log-likelihood: less than this is no way down


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed of a head's weights: a Gaussian.

    mean: (D,).  covariance: (D, D).  answers: how many rows stand behind it."""

    mean: Array
    covariance: Array
    answers: int


def fit(rows: Rows, prior: Prior) -> Posterior:
    """Return the posterior of the head alone; the prior itself when there are no rows."""
    if len(rows.outcome) == 0:
        return Posterior(prior.mean.copy(), prior.covariance.copy(), 0)
    w, covariance, _ = newton(rows, prior.mean, prior.covariance)
    return Posterior(w, covariance, len(rows.outcome))


def newton(
    rows: Rows, mean: Array, covariance: Array, steps: int = NEWTON_STEPS, start: Array | None = None
) -> tuple[Array, Array, Array]:
    """Return mode (D,), covariance there (D, D) and each answer's pull (n,) for a prior N(mean, covariance).

    start: where the steps begin (D,), at the prior's mean by default."""
    precision = np.linalg.inv(covariance)
    precision = (precision + precision.T) / 2
    w = (mean if start is None else start).copy()

    def height(at: Array) -> float:
        return float(log_likelihood(rows, rows.offset + rows.design @ at) - 0.5 * (at - mean) @ precision @ (at - mean))

    for _ in range(steps):
        pull, curvature = slopes(rows, rows.offset + rows.design @ w)
        hessian = (rows.design * curvature[:, None]).T @ rows.design + precision
        step = np.asarray(np.linalg.solve(hessian, rows.design.T @ pull - precision @ (w - mean)), np.float64)
        length = float(np.sqrt(step @ step))
        longest = np.array([min(1.0, LONGEST_STEP / max(length, 1e-12))])
        w = w + step * shortened(partial(_rise, height, w, step, height(w)), longest)
    pull, curvature = slopes(rows, rows.offset + rows.design @ w)
    spread = np.linalg.inv((rows.design * curvature[:, None]).T @ rows.design + precision)
    return w, (spread + spread.T) / 2, pull


def _rise(height: Callable[[Array], float], w: Array, step: Array, before: float, scale: Array) -> Array:
    return np.array([height(w + scale * step) - before])


def shortened(rise: Callable[[Array], Array], scale: Array) -> Array:
    """Return how much (g,) of each step to go: `scale`, halved while that leads down. rise: how much higher so much of each step leads."""
    for _ in range(HALVINGS):
        down = rise(scale) < -ROUNDING
        if not down.any():
            break
        scale = np.where(down, scale / 2.0, scale)
    return scale


def slopes(rows: Rows, z: Array) -> tuple[Array, Array]:
    """Return for scores z (n,) each answer's pull, the derivative of its log-likelihood, and its curvature, both weighted."""
    lower, upper = rows.bounds()
    below, above = logistic(lower - z), logistic(upper - z)
    weight = rows.weights()
    return weight * (above + below - 1.0), weight * (above * (1.0 - above) + below * (1.0 - below))


def log_likelihood(rows: Rows, z: Array) -> Array:
    """Return what the answers say of scores z (..., n): sum_i c_i log [S(upper_i - z_i) - S(lower_i - z_i)], of the leading shape."""
    lower, upper = (ends - z for ends in rows.bounds())
    # log S(b) - log S(a) of two logistic functions, without overflow where either end is infinite or both lie far out
    width = np.where(np.isfinite(lower) & np.isfinite(upper), upper - lower, np.inf)
    likely = np.log(-np.expm1(-np.maximum(width, 1e-12))) - np.logaddexp(0.0, -upper) - np.logaddexp(0.0, lower)
    total: Array = likely @ rows.weights()
    return total


def logistic(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), without overflow."""
    values: Array = 1.0 / (1.0 + np.exp(-np.clip(x, -500, 500)))
    return values
