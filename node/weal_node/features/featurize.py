"""phi(x): what a head sees of an item, but for named concepts (concepts.py, vocabulary.py)."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.features.layout import CONSTANT, DIMENSIONS, HOURS_GIVEN, HOURS_RECEIVED
from weal_node.records import Item
from weal_protocol.representation import AXES, Representation

STATEMENTS = frozenset({"statement", "proposal"})  # kinds of items that a community answers about


def featurize(
    items: Sequence[Item],
    components: npt.NDArray[np.float64],
    representation: Representation,
    expected: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float64]:
    """Return (n, 6): constant, shared axes, hours given, log(1 + hours received).

    components: (n, 24), what the release's text map reads axes from, see projection.py.  expected: (n, AXES), where a statement that the release does not name is expected to lie
    over and above the release's text map, None for nowhere. A statement's axes are what that map makes of its text, and what the release
    names for the item over and above that; options of deals and notes have none. Receiving has diminishing
    returns, hence the logarithm; giving costs the same every hour.
    """
    phi = np.zeros((len(items), DIMENSIONS))
    phi[:, CONSTANT] = 1.0
    # Bits do not depend on n, as BLAS's do.
    axes = np.einsum("nc,ca->na", components, representation.text_map)
    for row, item in enumerate(items):
        released = representation.index.get(item.id)
        if item.kind in STATEMENTS:
            phi[row, 1 : 1 + AXES] = axes[row]
            if released is None and expected is not None:
                phi[row, 1 : 1 + AXES] += expected[row]
        if released is not None:
            phi[row, 1 : 1 + AXES] += representation.axes[released]
        phi[row, HOURS_GIVEN] = item.hours_given
        phi[row, HOURS_RECEIVED] = math.log1p(item.hours_received)
    return phi
