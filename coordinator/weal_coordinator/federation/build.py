"""From noisy sums to a representation: post-processing, so whatever is done here costs no privacy.

Each round's noisy sum estimates the population's sum of contributions, divided by the fixed expected sample size q N.
Rounds are averaged; the noise's size is known, and every estimate says how well it is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weal_protocol.contribution import units
from weal_protocol.representation import AXES, SHARED, Representation, Vector

VARIANCE_FLOOR = 0.02
VARIANCE_CEILING = 4.0
LARGEST_BIAS = 4.0


@dataclass(frozen=True, slots=True)
class Sum:
    """One round: its catalogue, how many persons were registered, the noisy sum (contribution layout), and its rules."""

    catalogue: tuple[str, ...]
    population: int
    total: Vector
    sampling_rate: float
    sigma: float
    clip: float


def build(sums: Sequence[Sum], *, minimum_judges: int, number: int) -> Representation:
    """Return the representation of these rounds.

    An item is in it when its noisy number of judges is at least `minimum_judges`. Its bias is one Newton step away
    from the overall share p of yes, b = (yes - p n) / (n p (1 - p)), and its standard error holds the noise. The overall
    log-odds are not in it: the mean head's constant already says them, and they must not count twice.
    """
    yes, no, variance = _answers(sums)
    judges = yes + no
    p = float(np.clip(yes.sum() / max(judges.sum(), 1.0), 0.05, 0.95))
    items = sorted({item for one in sums for item in one.catalogue})
    chosen = np.flatnonzero(judges >= minimum_judges)
    n, surplus = judges[chosen], yes[chosen] - p * judges[chosen]
    weight = np.maximum(n, 1.0) * p * (1 - p)
    # surplus = (1-p) yes - p no: sampling spread n p (1-p), noise spread ((1-p)^2 + p^2) times the noise's variance
    spread = weight + ((1 - p) ** 2 + p**2) * variance[chosen]
    bias = np.clip(surplus / weight, -LARGEST_BIAS, LARGEST_BIAS)
    mean, covariance = _moments(sums)
    return Representation(
        tuple(items[row] for row in chosen),
        bias,
        np.sqrt(spread) / weight,
        np.zeros((len(chosen), AXES)),
        mean,
        covariance,
        number=number,
    )


def _answers(sums: Sequence[Sum]) -> tuple[Vector, Vector, Vector]:
    """Return per item, over the union of catalogues: answers yes and no counted so far, and the noise's variance."""
    index = {item: row for row, item in enumerate(sorted({item for one in sums for item in one.catalogue}))}
    yes, no, variance = (np.zeros(len(index)) for _ in range(3))
    for one in sums:
        n, unit = len(one.catalogue), units(one.clip).answer
        rows = [index[item] for item in one.catalogue]
        yes[rows] += one.total[:n] / unit
        no[rows] += one.total[n : 2 * n] / unit
        variance[rows] += (one.sigma * one.clip / unit) ** 2
    return yes, no, variance


def _moments(sums: Sequence[Sum]) -> tuple[Vector, Vector]:
    """Return the population's mean head (SHARED,) and a diagonal covariance (SHARED, SHARED) within sane bounds."""
    expected = max(sum(one.sampling_rate * one.population for one in sums), 1.0)
    heads = (one.total[-2 * SHARED : -SHARED] / units(one.clip).head for one in sums)
    squares = (one.total[-SHARED:] / units(one.clip).square for one in sums)
    mean = sum(heads, np.zeros(SHARED)) / expected
    square = sum(squares, np.zeros(SHARED)) / expected
    return mean, np.diag(np.clip(square - mean**2, VARIANCE_FLOOR, VARIANCE_CEILING))
