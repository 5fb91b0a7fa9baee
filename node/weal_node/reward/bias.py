"""b(x): what a person of average taste says of an item, from the community's release.

A ridge map from the 24 components to the released biases (Hoerl and Kennard 1970), weighted by how well each is known,
says what to expect of a text; for items of the release the expectation and the released value are averaged by their
precisions (Efron and Morris 1975), since the value holds privacy noise. All of it is a function of the release alone, so
it costs no privacy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.records import Item
from weal_protocol.representation import COMPONENTS, Representation

# Chosen, not tuned: the studies `learning` and `federation` measure the whole with them (simulations/LOG.md, 2026-11-24 and 2026-11-25).
RIDGE = 10.0  # of the map's slopes, in units of 1 / variance
FEWEST_ITEMS = 50  # below that a map would be noise
SPREAD = 0.7  # of true biases around the map's, in log-odds: added to each bias's own error
WITH_BIAS = frozenset({"statement", "proposal"})  # kinds of items that a community answers about


@dataclass(frozen=True, slots=True)
class TextMap:
    """b = constant + components . slopes, in log-odds. slopes: (24,)."""

    constant: float
    slopes: npt.NDArray[np.float64]


def fit_map(representation: Representation, components: Mapping[str, npt.NDArray[np.float64]]) -> TextMap:
    """Return the map, fitted on those released items whose components (24,) this node knows; zero with fewer than FEWEST_ITEMS."""
    known = [item for item in representation.items if item in components]
    if len(known) < FEWEST_ITEMS:
        return TextMap(0.0, np.zeros(COMPONENTS))
    rows = [representation.index[item] for item in known]
    seen = np.array([components[item] for item in known])
    design = np.column_stack([np.ones(len(known)), seen])
    weight = 1.0 / (representation.bias_sd[rows] ** 2 + SPREAD**2)
    penalty = np.diag([0.0, *[RIDGE] * COMPONENTS])
    solution = np.linalg.solve(
        (design * weight[:, None]).T @ design + penalty, design.T @ (weight * representation.bias[rows])
    )
    return TextMap(float(solution[0]), solution[1:])


def bias(
    items: Sequence[Item], components: npt.NDArray[np.float64], representation: Representation, text: TextMap
) -> npt.NDArray[np.float64]:
    """Return b (n,), log-odds: the map's for statements, drawn to the table's; options of deals and notes have none of their own.

    components: (n, 24) of the items."""
    mapped = np.array([item.kind in WITH_BIAS for item in items], dtype=bool)
    biases = np.where(mapped, text.constant, 0.0)
    if mapped.any():
        biases[mapped] += np.einsum("nd,d->n", components[mapped], text.slopes)  # bits do not depend on n, as BLAS's do
    for row, item in enumerate(items):
        released = representation.index.get(item.id)
        if released is not None:
            trust = SPREAD**2 / (SPREAD**2 + representation.bias_sd[released] ** 2)
            biases[row] += trust * (representation.bias[released] - biases[row])
    return biases
