"""What was believed of each concept as answers came in. Nothing of it is kept: each point is learnt anew from the answers up to it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.mind.fitted_model import FittedModel, fit

Array = npt.NDArray[np.float64]
POINTS = 8


@dataclass(frozen=True, slots=True)
class Course:
    """counts: (p,), how many answers there were at each point, from none to all.  mean, sd: (p, D), of each concept's weight as labels taught it.

    Prior, release, concepts and edits are today's: what is shown is what answers did."""

    counts: tuple[int, ...]
    mean: Array
    sd: Array


def course(fitted: FittedModel, points: int = POINTS) -> Course:
    """Return the course in so many even steps, fewer where there are fewer answers."""
    answers = fitted.model.rows.answers
    counts = sorted({round(number * len(answers) / points) for number in range(points + 1)})
    heads = [fit(fitted.features, answers[:count], fitted.drift.blocks)[2].head for count in counts]
    mean = np.array([head.mean for head in heads])
    sd = np.sqrt(np.maximum(np.array([np.diag(head.covariance) for head in heads]), 0.0))
    return Course(tuple(counts), mean, sd)


def most_moved(of: Course, most: int) -> list[int]:
    """Return the concepts (columns) that went furthest, against how unsure they were before any answer, the furthest first."""
    far = (of.mean.max(0) - of.mean.min(0)) / np.maximum(of.sd[0], 1e-9)
    return [int(column) for column in np.argsort(-far, kind="stable")[:most] if far[column] > 1e-6]
