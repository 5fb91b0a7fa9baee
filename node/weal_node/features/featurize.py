"""phi(x): what a head sees of a state."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.features.layout import CONSTANT, DIMENSIONS, FIRST_COMPONENT, HOURS_GIVEN, HOURS_RECEIVED
from weal_node.records import Item
from weal_protocol.representation import AXES, COMPONENTS, Representation

STATEMENTS = frozenset({"statement", "proposal"})  # kinds of states that a community judges


def featurize(
    states: Sequence[Item], components: npt.NDArray[np.float64], representation: Representation
) -> npt.NDArray[np.float64]:
    """Return (n, 30): constant, shared axes, 24 components, hours given, log(1 + hours received).

    components: (n, 24), see projection.py. A statement's axes are what the release's text map makes of its text, and
    what it names for the item over and above that; options of deals and notes have none. Receiving has diminishing
    returns, hence the logarithm; giving costs the same every hour.
    """
    phi = np.zeros((len(states), DIMENSIONS))
    phi[:, CONSTANT] = 1.0
    phi[:, FIRST_COMPONENT : FIRST_COMPONENT + COMPONENTS] = components
    # Bits do not depend on n, as BLAS's do.
    axes = np.einsum("nc,ca->na", components, representation.text_map)
    for row, state in enumerate(states):
        if state.kind in STATEMENTS:
            phi[row, 1 : 1 + AXES] = axes[row]
        if (known := representation.index.get(state.id)) is not None:
            phi[row, 1 : 1 + AXES] += representation.axes[known]
        phi[row, HOURS_GIVEN] = state.hours_given
        phi[row, HOURS_RECEIVED] = math.log1p(state.hours_received)
    return phi
