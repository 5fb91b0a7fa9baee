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
# What is accounted for at all. Below this noise one round alone costs more than any cap, and working that out takes minutes and gigabytes.
LEAST_SIGMA, MOST_SIGMA = 0.3, 1e3
MOST_ROUNDS = 100_000
MOST_KINDS = 16  # of rules in one history: each takes up to seconds
PARTS = (4_096, 512, 64, 8)  # of a history that may be far beyond a cap, this part is looked at first


@dataclass(frozen=True, slots=True, order=True)
class Spent:
    """So many rounds of this sampling rate and noise multiplier."""

    sampling_rate: float
    sigma: float
    rounds: int


def epsilon(rounds: int, sampling_rate: float, sigma: float, delta: float) -> float:
    """Return epsilon after this many rounds; 0 for none. Takes a fraction of a second when it was not asked before."""
    return composed((Spent(sampling_rate, sigma, rounds),), delta)


def unfit(rounds: int, sampling_rate: float, sigma: float, delta: float) -> str:
    """Return in words which of these cannot be accounted for, "" where all can. To be asked before the accountant, of what others say."""
    if not 1 <= rounds <= MOST_ROUNDS:
        return f"its number of rounds is not from 1 to {MOST_ROUNDS}"
    if not 0.0 < sampling_rate <= 1.0:
        return "its sampling rate is not above 0 and at most 1"
    if not LEAST_SIGMA <= sigma <= MOST_SIGMA:
        return f"its noise multiplier is not from {LEAST_SIGMA:g} to {MOST_SIGMA:g}"
    if not 0.0 < delta < 1.0:
        return "its delta is not above 0 and below 1"
    return ""


def within(history: tuple[Spent, ...], delta: float, cap: float) -> float:
    """Return epsilon after all of these rounds; where it is above the cap, perhaps only of a part that is above the cap already.

    Never above the cap where the whole is not, since a part costs no more than the whole. Far beyond the cap the work would grow without bound.
    """
    for part in PARTS:
        few = tuple(Spent(one.sampling_rate, one.sigma, -(-one.rounds // part)) for one in history)
        if few != history and (found := composed(few, delta)) > cap:
            return found
    return composed(history, delta)


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
