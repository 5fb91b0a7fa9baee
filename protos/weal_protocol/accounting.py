"""What rounds of private aggregation cost: user-level (epsilon, delta), add/remove adjacency.

Each round is one Gaussian mechanism of L2 sensitivity `clip` and standard deviation `sigma * clip`, over a Poisson sample of
the registered persons with rate q. Rounds are composed numerically as privacy loss distributions (Koskela et
al. 2020; Google's dp-accounting library). A round in which no one answered counts like any other.
"""

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

INTERVAL = 1e-4  # of privacy loss: the library's own


@dataclass(frozen=True, slots=True, order=True)
class Spent:
    """So many rounds of this sampling rate and noise multiplier."""

    sampling_rate: float
    sigma: float
    rounds: int


def epsilon(rounds: int, sampling_rate: float, sigma: float, delta: float) -> float:
    """Return epsilon after this many rounds; 0 for none. Takes a fraction of a second when it was not asked before."""
    return composed((Spent(sampling_rate, sigma, rounds),), delta)


@functools.lru_cache(maxsize=512)
def composed(history: tuple[Spent, ...], delta: float) -> float:
    """Return epsilon after all of these rounds, whose rules may differ: a charter may be amended, the past may not."""
    counted = [spent for spent in history if spent.rounds]
    if not counted:
        return 0.0
    first, *others = (_one_round(spent.sampling_rate, spent.sigma).self_compose(spent.rounds) for spent in counted)
    for other in others:
        first = first.compose(other)
    return float(first.get_epsilon_for_delta(delta))


@functools.lru_cache(maxsize=32)
def _one_round(sampling_rate: float, sigma: float) -> Any:
    """Return the privacy loss distribution of one round, what takes most of the time: as PLDAccountant makes it anew each time."""
    from dp_accounting.pld import privacy_loss_distribution as pld  # two seconds to import, and only rounds need it

    return pld.from_gaussian_mechanism(sigma, sampling_prob=sampling_rate, value_discretization_interval=INTERVAL)


def gaussian(mu: float, delta: float) -> float:
    """Return epsilon of Gaussian mechanisms whose sensitivities over standard deviations have the root sum of squares `mu`.

    delta(epsilon) = Phi(mu/2 - epsilon/mu) - exp(epsilon) Phi(-mu/2 - epsilon/mu) (Balle and Wang 2018, theorem 8), solved by
    bisection from above, so that epsilon is never told too small.
    """
    if mu <= 0.0:
        return 0.0
    normal = NormalDist()

    def spent(epsilon: float) -> float:
        tail = normal.cdf(-mu / 2 - epsilon / mu)
        return normal.cdf(mu / 2 - epsilon / mu) - (math.exp(epsilon) * tail if tail > 0.0 else 0.0)

    low, high = 0.0, 1.0
    while spent(high) > delta:
        if high > 600.0:
            return math.inf
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(middle) > delta else (low, middle)
    return high
