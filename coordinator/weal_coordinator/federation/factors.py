"""Shared axes, moved on by every round of layout `factors`: federated averaging of item factors and of a text map.

Each person asks items to move along the axes of their own taste (McMahan et al. 2017; the head stays with the person:
Collins et al. 2021, FedRep). The server takes a diagonal Newton step: what is asked of an item, over the curvature that its
noisy number of judges stands for. The noise's size is added to the curvature, so that an item hardly moves where noise is
most of what is heard. All of it is a function of released sums: post-processing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_protocol.contribution import ITEMS_NORM, ITEMS_PART, MAP_NORM, MAP_PART, Blocks
from weal_protocol.representation import AXES, COMPONENTS, Matrix, Vector

BENT = 0.18  # mean of p (1 - p) over answers: the curvature of one answer's log-likelihood
PRECISION = 4.0  # of an item's place around what its text says, an answer each
CAUTION = 2.0  # standard deviations of noise that are added to the curvature
SPREAD = (0.3, 3.0)  # variance of the population's heads along an axis, as far as it is believed
POWER = 3.0  # mean squared norm of a statement's components
SEED = 77  # of the first text map; public, the same everywhere
AT_FIRST = 0.3  # its standard deviation: axes that are all zero would never move


@dataclass(frozen=True, slots=True)
class Axes:
    """items: (n, AXES).  text_map: (COMPONENTS, AXES). See Representation."""

    items: Matrix
    text_map: Matrix

    @classmethod
    def still(cls, items: int) -> "Axes":
        """Return the axes of a community that learns none."""
        return cls(np.zeros((items, AXES)), np.zeros((COMPONENTS, AXES)))

    @classmethod
    def at_first(cls, items: int) -> "Axes":
        """Return where everyone starts."""
        drawn = np.random.default_rng(SEED).standard_normal((COMPONENTS, AXES))
        return cls(np.zeros((items, AXES)), AT_FIRST * drawn)

    def moved(
        self, asked: Blocks, rows: npt.NDArray[np.int64], judges: Vector, spread: float, rate: float, sigma: float
    ) -> "Axes":
        """Return the axes after one round.

        asked: the round's noisy sum.  rows: (m,) where the round's catalogue stands in `items`.  judges: (m,) answers a
        round, noisy.  spread: variance of heads along an axis.  rate: q.  sigma: noise multiplier.
        """
        bent = BENT * float(np.clip(spread, *SPREAD))
        here, pull = self.items[rows], PRECISION * rate
        curvature = bent * judges[:, None] + pull + CAUTION * sigma * ITEMS_NORM / ITEMS_PART
        items = self.items.copy()
        items[rows] += (asked.items - pull * here) / curvature
        of_map = bent * float(judges.sum()) * POWER / COMPONENTS + CAUTION * sigma * MAP_NORM / MAP_PART
        return Axes(items, self.text_map + asked.text_map / of_map)
