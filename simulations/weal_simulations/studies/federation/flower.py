"""Does the Flower path compute what a plain sum does? The product's strategy, fed with real messages, without noise."""

import numpy as np

from weal_coordinator.federation.gate import gated
from weal_coordinator.federation.strategy import PrivateSum
from weal_protocol.contribution import clipped, length
from weal_simulations.studies.federation.mechanisms import exact, reply

MEMBERS, ITEMS, CLIP = 100, 40, 1.0


def largest_difference(layout: str, seed: int) -> float:
    """Return the largest difference of any number of two sums of 100 members' contributions, in units of the clip.

    One by the strategy, from messages as nodes send them; one of the clipped and gated arrays, added up in float64.
    """
    draw = np.random.default_rng([seed, 12])
    size = length(ITEMS, layout)
    flats = draw.standard_normal((MEMBERS, size)) * draw.exponential(size=(MEMBERS, 1)) / size**0.5
    nodes = {node: str(node) for node in range(1, MEMBERS + 1)}
    strategy = PrivateSum(1, "", ITEMS, CLIP, 1.0, 30.0, nodes, layout=layout, noise=exact)
    strategy.aggregate_train(1, [reply(flat, node) for node, flat in zip(nodes, flats, strict=True)])
    plain = np.sum([gated(clipped(flat, CLIP), ITEMS, layout, CLIP) for flat in flats], axis=0)
    return float(np.abs(strategy.total - plain).max() / CLIP)
