"""Which kernels a person's taste wants: shares of the grid by the evidence of their own answers, times what is believed of it before.

    share_g  ~  before_g  p(answers | k_g),   p by Laplace's approximation (Rasmussen and Williams 2006, eq. 3.32)

The process is then fitted once, under the mean of the kernels by these shares, which is the covariance of the mixture: as good as the
mixture of all fits (within .001 of its accuracy and log-loss on three collections; simulations/LOG.md, 2026-11-30), and every score still
splits exactly by concept and by answer. A pure function of the log: a fixed number of Newton steps, float64, nothing kept.
"""

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.posterior import LONGEST_STEP, NEWTON_STEPS, log_likelihood, shortened, slopes
from weal_node.reward.prior import Prior
from weal_node.reward.residual import ResidualSpace, cosines
from weal_protocol.kernels import GRID

Array = npt.NDArray[np.float64]
# Chosen: the newest answers that are asked for their evidence. A fit of the whole grid for a hundred takes longer than the fit itself.
HEARD = 64


def mixture(rows: Rows, prior: Prior, space: ResidualSpace) -> Array:
    """Return the shares of the grid (G,) after these answers; those before any, where there are none or items have no embedding."""
    heard = rows.newest(HEARD)
    if len(heard.outcome) == 0 or heard.first is None:
        return space.mixture
    said = evidence(heard, heard.offset + heard.design @ prior.mean, grams(heard, prior, space))
    weighted = np.log(np.maximum(space.mixture, 1e-300)) + said
    raised = np.exp(weighted - weighted.max())
    normal: Array = raised / raised.sum()
    return normal


def grams(rows: Rows, prior: Prior, space: ResidualSpace) -> Array:
    """Return the covariances (G, n, n) of the answers' differences a priori, head and residual, one for each kernel of the grid."""
    head = rows.design @ prior.covariance @ rows.design.T
    named, short = rows.renamed()
    cosine = cosines(space.directions[named], space.directions[named])
    by_width = {}
    for width in {one.width for one in GRID}:
        shape = cosine if width is None else np.exp((cosine - 1.0) / width)
        by_width[width] = short.difference(short.difference(shape).T)
    return np.array([head + one.variance * by_width[one.width] for one in GRID])


def evidence(rows: Rows, start: Array, covariances: Array) -> Array:
    """Return log p(answers | g) for each covariance (G, n, n) of the answers' scores, whose mean is `start` (n,)."""
    pull = np.zeros(covariances.shape[:2])
    for _ in range(NEWTON_STEPS):
        score = _applied(covariances, pull)
        slope, curvature = slopes(rows, start + score)
        target = curvature * score + slope
        inner, root = _inner(covariances, curvature)
        solved = np.linalg.solve(inner, (root * _applied(covariances, target))[..., None])[..., 0]
        step = target - root * solved - pull
        pull = pull + step * length(rows, start, pull, score, step, _applied(covariances, step))[:, None]
    score = _applied(covariances, pull)
    inner, _ = _inner(covariances, slopes(rows, start + score)[1])
    _, volume = np.linalg.slogdet(inner)
    said: Array = log_likelihood(rows, start + score) - 0.5 * np.einsum("gn,gn->g", pull, score) - 0.5 * volume
    return said


def length(rows: Rows, start: Array, pull: Array, score: Array, step: Array, moved: Array) -> Array:
    """Return how much (G,) of Newton's steps (G, n) to go from pulls (G, n). score, moved: (G, n), the covariances applied to pulls and steps."""
    longest = np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(moved).max(1, initial=0.0), 1e-12))
    before = _height(rows, start, pull, score)
    return shortened(
        lambda part: _height(rows, start, pull + part[:, None] * step, score + part[:, None] * moved) - before, longest
    )


def _height(rows: Rows, start: Array, pull: Array, score: Array) -> Array:
    """Return the log posterior (G,) at pulls (G, n), less a constant."""
    height: Array = log_likelihood(rows, start + score) - 0.5 * np.einsum("gn,gn->g", pull, score)
    return height


def _applied(covariances: Array, to: Array) -> Array:
    applied: Array = np.einsum("gnm,gm->gn", covariances, to)
    return applied


def _inner(covariances: Array, curvature: Array) -> tuple[Array, Array]:
    """Return I + R K R (G, n, n) and the roots R (G, n) of the curvatures."""
    root = np.sqrt(curvature)
    inner = np.eye(covariances.shape[1]) + root[:, :, None] * covariances * root[:, None, :]
    return inner, root
