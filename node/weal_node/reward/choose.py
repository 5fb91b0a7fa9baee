"""Choosing for the person, without being fooled by one's own model.

The best of many by a learnt score is best in its errors too (Goodhart; Gao et al. 2023), and more answers do not cure it. So what is picked without asking is
picked by a score that counts its own doubt, mean - 1 sd, and only where the person's answers have been: within the 99th percentile of the
answered items' own Mahalanobis distance (Mahalanobis 1936). Everything outside is asked, never done.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PERCENTILE = 99.0  # 97, 95 and 90 change little: node/decisions/0004
# The rest was chosen, and is measured as a whole by the study `goodhart` (simulations/LOG.md, 2026-11-24).
RIDGE = 1e-3  # of the mean variance: directions that no answered item has used are far away at once
ASK = 5  # shown against what the person has now
FEWEST = 5  # answered items below which nothing is inside


@dataclass(frozen=True, slots=True)
class Support:
    """Where answers have been.

    centre: (D,).  inverse: (D, D) of their covariance.
    radius: squared distance of the farthest but one in a hundred."""

    centre: Array
    inverse: Array
    radius: float

    def distance(self, phi: Array) -> Array:
        """Return squared Mahalanobis distances (n,) of items phi (n, D)."""
        away = phi - self.centre
        squared: Array = np.einsum("nd,nd->n", away @ self.inverse, away)
        return squared

    def inside(self, phi: Array) -> npt.NDArray[np.bool_]:
        """Return which items (n,), phi (n, D), are no farther out than the radius."""
        return self.distance(phi) <= self.radius


def support(answered: Array) -> Support:
    """Return the support of the items that were answered about, phi (m, D); with fewer than FEWEST of them nothing is inside."""
    width = answered.shape[1]
    if len(answered) < FEWEST:
        return Support(np.zeros(width), np.eye(width), -1.0)
    centre = answered.mean(0)
    away = answered - centre
    covariance = away.T @ away / (len(answered) - 1)
    floor = RIDGE * max(float(np.trace(covariance)) / width, 1e-9)
    everywhere = Support(centre, np.linalg.inv(covariance + floor * np.eye(width)), np.inf)
    return replace(everywhere, radius=float(np.percentile(everywhere.distance(answered), PERCENTILE)))


@dataclass(frozen=True, slots=True)
class Pick:
    """done: the row to take without asking, None where none is safe.  ask: rows to put to the person instead, best first."""

    done: int | None
    ask: tuple[int, ...]


def choose(mean: Array, variance: Array, inside: npt.NDArray[np.bool_], incumbent: float) -> Pick:
    """Return what to choose among items (n,) by mean - 1 sd, and what to ask about. incumbent: the score of what the person has now, which a pick must surely beat.

    What is outside, or not surely better, and better by its mean, is asked. A limit on how many are looked at would add nothing: see node/decisions/0004.
    """
    careful = mean - np.sqrt(np.maximum(variance, 0.0))
    known = np.flatnonzero(inside)
    done = int(known[np.argmax(careful[known])]) if len(known) else None
    if done is not None and careful[done] <= incumbent:
        done = None
    bar = incumbent if done is None else max(incumbent, float(careful[done]))
    open_rows = np.flatnonzero((mean > bar) & (np.arange(len(mean)) != (-1 if done is None else done)))
    ask = open_rows[np.argsort(-careful[open_rows], kind="stable")][:ASK]
    return Pick(done, tuple(ask.tolist()))
