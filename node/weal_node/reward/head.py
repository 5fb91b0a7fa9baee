"""From gestures to likelihood rows: every answer is one logistic observation of a difference of scores.

A pair says that one state is better (Bradley and Terry 1952): P(first) = s(u(first) - u(second)). Accept or reject says
that a state is better than nothing: P(accept) = s(u(x)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.features.layout import DIMENSIONS
from weal_node.records import Choice, Label


@dataclass(frozen=True, slots=True)
class Rows:
    """design: (n, 30).  offset: (n,), the fixed part b(x) of each difference.  outcome: (n,), 0 or 1."""

    design: npt.NDArray[np.float64]
    offset: npt.NDArray[np.float64]
    outcome: npt.NDArray[np.float64]
    labels: tuple[Label, ...]


def rows(
    labels: Sequence[Label],
    index: Mapping[str, int],
    phi: npt.NDArray[np.float64],
    bias: npt.NDArray[np.float64],
) -> Rows:
    """Return the rows in canonical order (by label id), whatever order the labels came in.

    index: state id to row of phi (m, 30) and bias (m,). Labels on states that are no longer there are left out.
    """
    known = [
        label
        for label in sorted(labels, key=lambda one: one.id)
        if label.item in index and (not label.other or label.other in index)
    ]
    design, offset = np.zeros((len(known), DIMENSIONS)), np.zeros(len(known))
    for row, label in enumerate(known):
        item = index[label.item]
        design[row], offset[row] = phi[item], bias[item]
        if label.other:
            other = index[label.other]
            design[row] -= phi[other]
            offset[row] -= bias[other]
    outcome = np.array([float(label.choice in {Choice.FIRST, Choice.ACCEPT}) for label in known])
    return Rows(design, offset, outcome, tuple(known))
