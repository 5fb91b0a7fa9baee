"""The posterior of the head: Laplace's approximation by a fixed schedule of Newton steps from the prior's mean.

    log p(w | labels) = sum_i log s(+-(o_i + x_i . w)) - (w - m)' P (w - m) / 2 + const

(MacKay 1992; Bishop, Pattern Recognition and Machine Learning, 4.5.) The log-posterior is concave; a step longer than
LONGEST_STEP is shortened to it, which keeps the first steps from overshooting. float64, no state: the same rows
and prior give the same bits on one machine.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.prior import Prior

NEWTON_STEPS = 12
LONGEST_STEP = 4.0


@dataclass(frozen=True, slots=True)
class Posterior:
    """mean: (30,).  covariance: (30, 30).  labels: how many rows stand behind it."""

    mean: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    labels: int


def fit(rows: Rows, prior: Prior) -> Posterior:
    """Return the posterior; the prior itself when there are no rows."""
    precision = np.linalg.inv(prior.covariance)
    precision = (precision + precision.T) / 2
    w = prior.mean.copy()
    if len(rows.outcome) == 0:
        return Posterior(w, prior.covariance.copy(), 0)
    for _ in range(NEWTON_STEPS):
        gradient, hessian = _derivatives(rows, prior, precision, w)
        step = np.linalg.solve(hessian, gradient)
        length = float(np.linalg.norm(step))
        w = w + step * min(1.0, LONGEST_STEP / max(length, 1e-12))
    _, hessian = _derivatives(rows, prior, precision, w)
    covariance = np.linalg.inv(hessian)
    return Posterior(w, (covariance + covariance.T) / 2, len(rows.outcome))


def _derivatives(
    rows: Rows, prior: Prior, precision: npt.NDArray[np.float64], w: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    z = rows.offset + rows.design @ w
    p = 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))
    gradient = rows.design.T @ (rows.outcome - p) - precision @ (w - prior.mean)
    hessian = (rows.design * (p * (1 - p))[:, None]).T @ rows.design + precision
    return gradient, hessian
