"""From noisy sums to a representation: post-processing, so whatever is done here costs no privacy.

Each round's noisy sum estimates the population's sum of contributions, divided by the fixed expected sample size q N.
Counts are averaged over rounds; axes move on from round to round. The noise's size is known, and every estimate says how
well it is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from weal_coordinator.federation.factors import Axes
from weal_coordinator.federation.kernel_shares import estimated
from weal_protocol.contribution import FACTORS, LIGHT, Blocks, asks_for_kernels, blocks, units
from weal_protocol.kernels import KERNELS
from weal_protocol.representation import AXES, FEATURES, SHARED, Representation, Vector

VARIANCE_FLOOR = 0.02
VARIANCE_CEILING = 4.0
LARGEST_BIAS = 4.0
FEWEST_REPORTS = 5.0  # noisy number of reports below which no accuracy is told


@dataclass(frozen=True, slots=True)
class Sum:
    """One round: its catalogue, how many persons were registered, the noisy sum (see `layout` and `features`), and its rules."""

    catalogue: tuple[str, ...]
    population: int
    total: Vector
    sampling_rate: float
    sigma: float
    clip: float
    layout: str = LIGHT
    features: str = FEATURES

    def blocks(self) -> Blocks:
        """Return the sum by its parts."""
        return blocks(self.total, len(self.catalogue), self.layout, self.clip, self.features)


def build(sums: Sequence[Sum], *, minimum_judges: int, number: int) -> Representation:
    """Return the representation of these rounds, oldest first.

    An item is in it when its noisy number of judges is at least `minimum_judges`, and `_known` of it too. Its bias is one Newton step away
    from the overall share p of yes, b = (yes - p n) / (n p (1 - p)), and its standard error holds the noise. The overall
    log-odds are not in it: the mean head's constant already says them, and they must not count twice.
    """
    yes, no, variance = _answers(sums)
    judges = yes + no
    p = _share(yes, no)
    items = sorted({item for one in sums for item in one.catalogue})
    known = _known(judges, 2.0 * variance)
    chosen = np.flatnonzero(np.minimum(judges, known) >= minimum_judges)
    n, surplus = known[chosen], yes[chosen] - p * judges[chosen]
    weight = np.maximum(n, 1.0) * p * (1 - p)
    # surplus = (1-p) yes - p no: sampling spread n p (1-p), noise spread ((1-p)^2 + p^2) times the noise's variance
    spread = weight + ((1 - p) ** 2 + p**2) * variance[chosen]
    bias = np.clip(surplus / weight, -LARGEST_BIAS, LARGEST_BIAS)
    *_, (mean, covariance) = _moments(sums)
    axes = _axes(sums, items)
    return Representation(
        tuple(items[row] for row in chosen),
        bias,
        np.sqrt(spread) / weight,
        axes.items[chosen],
        mean,
        covariance,
        number=number,
        text_map=axes.text_map,
        margin=bias + overall(sums),
        kernel_shares=kernel_shares(sums),
    )


def overall(sums: Sequence[Sum]) -> float:
    """Return the log-odds of yes over all answers of these rounds."""
    yes, no, _ = _answers(sums)
    p = _share(yes, no)
    return float(np.log(p / (1.0 - p)))


def _share(yes: Vector, no: Vector) -> float:
    """Return the share of yes, kept away from none and all: what noise makes of few answers is no share."""
    return float(np.clip(yes.sum() / max((yes + no).sum(), 1.0), 0.05, 0.95))


def accuracy(sums: Sequence[Sum]) -> tuple[float, float]:
    """Return the share of answers predicted right, as members reported it in the last rounds, and its standard error; (0, 0): too few."""
    reports = sum((one.blocks().report for one in sums), np.zeros(2))
    noise = sum((one.sigma * one.clip / units(one.clip, one.layout, one.features).report) ** 2 for one in sums)
    if reports[0] < max(FEWEST_REPORTS, 3.0 * noise**0.5):
        return 0.0, 0.0
    share = float(np.clip(reports[1] / reports[0], 0.0, 1.0))
    # Delta method: d(right / reports) = (d right - share d reports) / reports
    return share, float((noise * (1.0 + share**2)) ** 0.5 / reports[0])


def kernel_shares(sums: Sequence[Sum]) -> Vector | None:
    """Return what answers say of the residual's kernels (KERNELS,), None where no round asked or noise is most of it."""
    asked = [one for one in sums if asks_for_kernels(one.features)]
    heard = sum((one.blocks().kernels for one in asked), np.zeros(KERNELS))
    return estimated(heard, sum((one.sigma * one.clip / units(one.clip, one.layout).kernels) ** 2 for one in asked))


def _axes(sums: Sequence[Sum], items: Sequence[str]) -> Axes:
    """Return where the rounds of layout `factors` have moved the axes of these items to."""
    if not any(one.layout == FACTORS for one in sums):
        return Axes.still(len(items))
    found, index = Axes.at_first(len(items)), {item: row for row, item in enumerate(items)}
    judged, spread = np.zeros(len(items)), 1.0
    for number, (one, (_, covariance)) in enumerate(zip(sums, _moments(sums), strict=True), start=1):
        rows, asked = np.array([index[item] for item in one.catalogue], np.int64), one.blocks()
        judged[rows] += asked.yes + asked.no
        if one.layout == FACTORS:
            found = found.moved(
                asked, rows, np.maximum(judged[rows], 0.0) / number, spread, one.sampling_rate, one.sigma
            )
        spread = float(np.diag(covariance)[1 : 1 + AXES].mean())
    return found


def _answers(sums: Sequence[Sum]) -> tuple[Vector, Vector, Vector]:
    """Return per item, over the union of catalogues: answers yes and no counted so far, and the noise's variance."""
    index = {item: row for row, item in enumerate(sorted({item for one in sums for item in one.catalogue}))}
    yes, no, variance = (np.zeros(len(index)) for _ in range(3))
    for one in sums:
        rows, found = [index[item] for item in one.catalogue], one.blocks()
        yes[rows] += found.yes
        no[rows] += found.no
        variance[rows] += (one.sigma * one.clip / units(one.clip, one.layout, one.features).answer) ** 2
    return yes, no, variance


def _known(judges: Vector, variance: Vector) -> Vector:
    """Return numbers of judges (n,) drawn to their mean by how much of their spread is noise of this variance (n,) (Efron and Morris 1975).

    By the noisy numbers alone, items are chosen that noise speaks for: where nobody answers all of them are noise, and their biases have one sign.
    """
    if not len(judges):
        return judges
    middle, spread = float(judges.mean()), max(float(judges.var() - variance.mean()), 0.0)
    return np.maximum(middle + spread / np.maximum(spread + variance, 1e-12) * (judges - middle), 0.0)


def _moments(sums: Sequence[Sum]) -> Iterator[tuple[Vector, Vector]]:
    """Yield after each round the population's mean head (SHARED,) and a diagonal covariance (SHARED, SHARED) within sane bounds."""
    expected, heads, squares = 0.0, np.zeros(SHARED), np.zeros(SHARED)
    for one in sums:
        found, expected = one.blocks(), expected + one.sampling_rate * one.population
        heads, squares = heads + found.head, squares + found.square
        mean, square = heads / max(expected, 1.0), squares / max(expected, 1.0)
        yield mean, np.diag(np.clip(square - mean**2, VARIANCE_FLOOR, VARIANCE_CEILING))
