"""b(x): what a person of average taste says of a state, from the community's release.

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

RIDGE = 10.0
FEWEST_ITEMS = 50  # below that a map would be noise
SPREAD = 0.7  # of true biases around the map's, in log-odds: added to each bias's own error


@dataclass(frozen=True, slots=True)
class TextMap:
    """b = constant + components . slopes"""

    constant: float
    slopes: npt.NDArray[np.float64]


def fit_map(representation: Representation, components: Mapping[str, npt.NDArray[np.float64]]) -> TextMap:
    """Fit the map on those released items whose components (24,) this node knows."""
    known = [item for item in representation.items if item in components]
    if len(known) < FEWEST_ITEMS:
        return TextMap(0.0, np.zeros(COMPONENTS))
    rows = [representation.index[item] for item in known]
    design = np.column_stack([np.ones(len(known)), np.array([components[item] for item in known])])
    weight = 1.0 / (representation.bias_sd[rows] ** 2 + SPREAD**2)
    penalty = np.diag([0.0, *[RIDGE] * COMPONENTS])
    solution = np.linalg.solve(
        (design * weight[:, None]).T @ design + penalty, design.T @ (weight * representation.bias[rows])
    )
    return TextMap(float(solution[0]), solution[1:])


def bias(
    states: Sequence[Item], components: npt.NDArray[np.float64], representation: Representation, text: TextMap
) -> npt.NDArray[np.float64]:
    """Return b (n,): the map's for statements, drawn to the table's; options of deals and notes have none of their own."""
    found = np.array([text.constant if state.kind in {"statement", "proposal"} else 0.0 for state in states])
    mapped = np.array([state.kind in {"statement", "proposal"} for state in states], dtype=bool)
    if mapped.any():
        found[mapped] += np.einsum("nd,d->n", components[mapped], text.slopes)  # bits do not depend on n, as BLAS's do
    for row, state in enumerate(states):
        if (known := representation.index.get(state.id)) is not None:
            trust = SPREAD**2 / (SPREAD**2 + representation.bias_sd[known] ** 2)
            found[row] += trust * (representation.bias[known] - found[row])
    return found
