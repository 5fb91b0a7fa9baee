"""b(x): what a person of average taste says of an item, from the community's release.

A map from texts (item_map.py) says what to expect of an item; for items of the release the expectation and the released value are averaged by
their precisions (Efron and Morris 1975), since the value holds privacy noise. All of it is a function of the release alone, so it costs no
privacy.

Before a person's first answer, the best that can be said of an item is how many said yes to it: the release's margin, in log-odds. The
population's heads, averaged, need not come back to it, so until there is an answer b is what makes them:

    b(x) = margin(x) sqrt(1 + pi v(x) / 8) - m . phi(x),   m, v: mean and variance of the population's score (MacKay 1992, eq. 12)

As good as one reward for all there, and worse than the released bias from three answers on (-.005 of accuracy on German votes at 3 and 5;
simulations/LOG.md, 2026-11-30).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.records import Item
from weal_node.reward import item_map
from weal_node.reward.item_map import ItemMap
from weal_protocol.representation import AXES, Representation

Array = npt.NDArray[np.float64]
SPREAD = 0.7  # of true biases around the map's, in log-odds: added to each bias's own error. Chosen.
AXIS_ERROR = 0.22  # of a place on an axis, whose noise a release does not say. Chosen.
WITH_BIAS = frozenset({"statement", "proposal"})  # kinds of items that a community answers about


@dataclass(frozen=True, slots=True)
class ReleasedItems:
    """What a release says of its items, and by their texts of any. unanswered: (n,), what stands for the bias of each of the release's
    items until there is an answer.  scale: (n,), how far that moves with a bias that is drawn to the map.
    text: maps directions (m, WIDTH) to biases and places on the axes (m, 1 + AXES).  expected: (n,), the biases it says of the release's items.
    heard: rows of the release whose texts the map knows, (k,)."""

    unanswered: Array
    scale: Array
    text: ItemMap
    expected: Array
    heard: tuple[int, ...]


def released_items(
    representation: Representation, heard: Sequence[int], shared: Array, directions: Array, residual: float
) -> ReleasedItems:
    """Return what a release says.

    heard: rows of the release whose texts this node knows; of those shared features (k, SHARED) and directions (k, WIDTH).
    residual: variance of what no feature says, log-odds squared."""
    rows, unanswered = np.array(heard, np.int64), representation.bias.copy()
    scale = np.ones(len(unanswered))
    if representation.margin is not None:
        mean = np.einsum("nd,d->n", shared, representation.prior_mean)
        variance = np.einsum("nd,de,ne->n", shared, representation.prior_covariance, shared) + residual
        scale[rows] = np.sqrt(1.0 + math.pi * variance / 8.0)
        unanswered[rows] = representation.margin[rows] * scale[rows] - mean
    values = np.column_stack([representation.bias[rows], representation.axes[rows]])
    error = np.column_stack([representation.bias_sd[rows], np.full((len(rows), AXES), AXIS_ERROR)])
    text, expected = item_map.fit(directions, values, error), np.zeros(len(unanswered))
    expected[rows] = text.at(directions)[:, 0]
    return ReleasedItems(unanswered, scale, text, expected, tuple(heard))


def expectations(
    items: Sequence[Item], directions: Array, representation: Representation, released: ReleasedItems
) -> Array:
    """Return bias and places on the axes (n, 1 + AXES) that texts make expect: of the release's items the bias alone, of options and notes nothing.

    directions: (n, WIDTH) of the items' texts. Only a statement that the release does not name is read, which takes a millisecond."""
    expected = np.zeros((len(items), 1 + AXES))
    unread = []
    for row, item in enumerate(items):
        place = representation.index.get(item.id)
        if place is not None:
            expected[row, 0] = released.expected[place]
        elif item.kind in WITH_BIAS:
            unread.append(row)
    if unread:
        expected[unread] = released.text.at(directions[unread])
    return expected


def bias(items: Sequence[Item], expected: Array, representation: Representation) -> Array:
    """Return b (n,), log-odds: the map's for statements, drawn to the table's; options of deals and notes have none of their own.

    expected: (n,), what the map says of the items' texts."""
    mapped = np.array([item.kind in WITH_BIAS for item in items], dtype=bool)
    biases = np.where(mapped, expected, 0.0)
    for row, item in enumerate(items):
        place = representation.index.get(item.id)
        if place is not None:
            trust = SPREAD**2 / (SPREAD**2 + representation.bias_sd[place] ** 2)
            biases[row] += trust * (representation.bias[place] - biases[row])
    return biases


def before_answers(
    items: Sequence[Item], biases: Array, representation: Representation, released: ReleasedItems
) -> Array:
    """Return what stands for b (n,) until there is an answer. biases: (n,), b."""
    unanswered = biases.copy()
    if representation.margin is not None:
        for row, item in enumerate(items):
            place = representation.index.get(item.id)
            if place is not None:
                drawn = biases[row] - representation.bias[place]  # by the noise that is in it
                unanswered[row] = released.unanswered[place] + released.scale[place] * drawn
    return unanswered
