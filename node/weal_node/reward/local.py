"""Noise of one's own, for those who trust no coordinator: the whole contribution is a Gaussian mechanism at the node.

Local differential privacy of one person against everybody (Duchi, Jordan and Wainwright 2013), by exact discrete noise. Any
two contributions lie at most twice the clip apart. What is sent must still be within the clip, so it is scaled down to where
the noise's expected norm fits: what is left of the signal is `weight`, and a person pays for their caution with it.
"""

import math

from weal_protocol.accounting import gaussian
from weal_protocol.contribution import clipped
from weal_protocol.noise import noisy, quantised
from weal_protocol.representation import Vector

# Chosen, not tuned. DELTA is that of every budget of a community (coordinator/decisions/0008).
SIGMA = 2.0  # standard deviation over the clip
DELTA = 1e-5
ROOM = 1.05  # so that few draws have to be clipped


def randomised(flat: Vector, clip: float, sigma: float = SIGMA) -> Vector:
    """Return the contribution with noise, within the clip. flat: within the clip."""
    return clipped(noisy(quantised(clipped(flat, clip), clip), sigma, clip) * weight(len(flat), sigma), clip)


def weight(numbers: int, sigma: float = SIGMA) -> float:
    """Return how much of a contribution of so many numbers counts: 1 would be all of it."""
    return 1.0 / (ROOM * math.sqrt(1.0 + sigma**2 * numbers))


def epsilon(rounds: int, sigma: float = SIGMA, delta: float = DELTA) -> float:
    """Return what so many rounds cost, against anyone."""
    return gaussian(2.0 * math.sqrt(rounds) / sigma, delta)
