"""Choosing for the person, without being fooled by one's own model.

The best of many by a learnt score is best in its errors too (Goodhart; Gao et al. 2023), and more labels do not cure it. So what is picked without asking is
picked by a score that counts its own doubt, mean - 1 sd, and only where the person's labels have been: within the 99th percentile of the
labelled states' own Mahalanobis distance (Mahalanobis 1936). Everything outside is asked, never done.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PERCENTILE = 99.0
RIDGE = 1e-3  # of the mean variance: directions that no labelled state has used are far away at once
ASK = 5  # shown against what the person has now
FEWEST = 5  # labelled states below which nothing is known ground


@dataclass(frozen=True, slots=True)
class Support:
    """Where labels have been. centre: (D,).  inverse: (D, D) of their covariance.  radius: squared distance of the farthest but one in a hundred."""

    centre: Array
    inverse: Array
    radius: float

    def distance(self, phi: Array) -> Array:
        """Return squared Mahalanobis distances (n,) of states phi (n, D)."""
        away = phi - self.centre
        found: Array = np.einsum("nd,nd->n", away @ self.inverse, away)
        return found

    def inside(self, phi: Array) -> npt.NDArray[np.bool_]:
        """Return which states (n,) are known ground."""
        return self.distance(phi) <= self.radius


def support(answered: Array) -> Support:
    """Return the support of the states that were labelled, phi (m, D); with fewer than FEWEST of them nothing is inside."""
    width = answered.shape[1]
    if len(answered) < FEWEST:
        return Support(np.zeros(width), np.eye(width), -1.0)
    centre = answered.mean(0)
    away = answered - centre
    covariance = away.T @ away / (len(answered) - 1)
    floor = RIDGE * max(float(np.trace(covariance)) / width, 1e-9)
    found = Support(centre, np.linalg.inv(covariance + floor * np.eye(width)), 0.0)
    return Support(centre, found.inverse, float(np.percentile(found.distance(answered), PERCENTILE)))


@dataclass(frozen=True, slots=True)
class Pick:
    """done: the row to take without asking, None where none is safe.  ask: rows to put to the person instead, best first."""

    done: int | None
    ask: tuple[int, ...]


def choose(mean: Array, variance: Array, inside: npt.NDArray[np.bool_], incumbent: float) -> Pick:
    """Choose among states (n,) by mean - 1 sd. incumbent: the score of what the person has now, which a pick must surely beat.

    What is outside, or not surely better, and better by its mean, is asked. A limit on how many are looked at would add nothing: see decisions/0004.
    """
    careful = mean - np.sqrt(np.maximum(variance, 0.0))
    known = np.flatnonzero(inside)
    done = int(known[np.argmax(careful[known])]) if len(known) else None
    if done is not None and careful[done] <= incumbent:
        done = None
    bar = incumbent if done is None else max(incumbent, float(careful[done]))
    open_rows = np.flatnonzero((mean > bar) & (np.arange(len(mean)) != (-1 if done is None else done)))
    ask = open_rows[np.argsort(-careful[open_rows], kind="stable")][:ASK]
    return Pick(done, tuple(int(row) for row in ask))
