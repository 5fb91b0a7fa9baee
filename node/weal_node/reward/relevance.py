"""Which features matter to this person: one scale of the prior for each, from the person's own answers.

    w ~ N(m, S^1/2 P S^1/2),   S = diag(s),   1 / s_i ~ Gamma

Empirical Bayes (automatic relevance determination: MacKay 1992; Tipping 2001). With the posterior N(w, C) under the present scales, and
d = w - m, K = (S^1/2 P S^1/2)^-1, the evidence is stationary in s_i where what the answers moved is what they settled:

    d_i (K d)_i = 1 - (C K)_ii

MacKay's step sets s_i to s_i times the left over the right side; with the hyper-prior of weight HOLD it is

    s_i <- (s_i d_i (K d)_i + HOLD) / (1 - (C K)_ii + HOLD)

so that without evidence each scale is 1, the stated prior. P may be full, and is diagonal in the papers.

The mean stays: what was believed before any answer, and what a principle says, is no matter of scale. STEPS steps from scales of 1, on the newest
NEWEST answers and the head alone: no state, no tolerance, float64. The same log and prior give the same bits.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.posterior import newton
from weal_node.reward.prior import Prior

Array = npt.NDArray[np.float64]
STEPS = 4  # chosen: so that the bits depend on no tolerance
HOLD = 1.0  # tuned by the study `queries` on seeds 101 to 110: less serves sparse tastes and costs dense ones (simulations/LOG.md, 2026-11-30)
LEAST, MOST = 0.2, 5.0  # with this HOLD, that of independent features ends at one half by itself
FIRST_NEWTON, NEXT_NEWTON = 6, 3  # steps of the first fit, and of each that begins where the one before ended
NEWEST = (
    500  # answers; chosen for a page's time: what matters shows in as many, and beyond them answers outweigh any prior
)


def relevant(rows: Rows, prior: Prior) -> Prior:
    """Return the prior with the scales that these answers tell of; the same one where there are none.

    rows: n of them, in the order of time.  prior: of the head, (D,), with a positive definite covariance; so is that of the result."""
    if len(rows.outcome) == 0:
        return prior
    return replace(prior, covariance=_scaled(prior.covariance, scales(rows, prior)))


def scales(rows: Rows, prior: Prior) -> Array:
    """Return by how much the prior variance of each weight is multiplied (D,), from LEAST to MOST; 1 of what no answer is about."""
    newest, scale = rows.newest(NEWEST), np.ones(len(prior.mean))
    if len(newest.outcome) == 0:
        return scale
    precision: Array = np.asarray(np.linalg.inv(prior.covariance), np.float64)
    touched = newest.design.any(axis=0)
    weights, spread, _ = newton(newest, prior.mean, prior.covariance, FIRST_NEWTON)
    for _ in range(STEPS):
        inverse = _scaled(precision, 1.0 / scale)
        away = weights - prior.mean
        # Of correlated features either side may leave its range; of independent ones neither does.
        moved = np.maximum(away * (inverse @ away), 0.0)
        settled = np.clip(1.0 - np.einsum("de,ed->d", spread, inverse), 0.0, 1.0)
        scale = np.where(touched, np.clip((scale * moved + HOLD) / (settled + HOLD), LEAST, MOST), 1.0)
        weights, spread, _ = newton(newest, prior.mean, _scaled(prior.covariance, scale), NEXT_NEWTON, weights)
    return scale


def _scaled(matrix: Array, scale: Array) -> Array:
    """Return S^1/2 M S^1/2 (D, D) for S = diag(scale), symmetric to the bit where M is."""
    root = np.sqrt(scale)
    scaled: Array = np.outer(root, root) * matrix
    return scaled
