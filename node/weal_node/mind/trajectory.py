"""What was believed of each concept as answers came in. Nothing of it is kept: each point is learnt anew from the answers up to it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.mind.fitted_model import FittedModel, fit

Array = npt.NDArray[np.float64]
POINTS = 8  # chosen: what a small chart shows; each costs a fit
STILL = 1e-6  # prior sd: what moved less has not moved


@dataclass(frozen=True, slots=True)
class Trajectory:
    """counts: (p,), how many answers there were at each point, from none to all.
    mean, sd: (p, D), of each concept's weight as answers taught it, log-odds.

    Prior, release, concepts and edits are today's: what is shown is what answers did."""

    counts: tuple[int, ...]
    mean: Array
    sd: Array


def learn_trajectory(fitted: FittedModel, points: int = POINTS) -> Trajectory:
    """Return the trajectory in so many even steps, fewer where there are fewer answers."""
    answers = fitted.model.rows.answers
    counts = sorted({round(number * len(answers) / points) for number in range(points + 1)})
    means, variances = [], []
    for count in counts:
        _, _, model = fit(fitted.features, answers[:count], fitted.drift.blocks)
        means.append(model.head.mean)
        variances.append(np.diag(model.head.covariance))
    return Trajectory(tuple(counts), np.array(means), np.sqrt(np.maximum(np.array(variances), 0.0)))


def most_moved(trajectory: Trajectory, most: int) -> list[int]:
    """Return the concepts (columns) that went furthest, against how unsure they were before any answer, the furthest first."""
    span = trajectory.mean.max(0) - trajectory.mean.min(0)
    far = span / np.maximum(trajectory.sd[0], 1e-9)
    order = np.argsort(-far, kind="stable")[:most]
    columns: list[int] = order[far[order] > STILL].tolist()
    return columns
