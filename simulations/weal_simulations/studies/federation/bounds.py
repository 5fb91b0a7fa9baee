"""What an audit may conclude about epsilon: estimates and lower bounds from canaries' scores, each from its published source.

A canary is a made-up member whose presence in a sum a fair coin decides. From the scores of those who were in and those who were not:

- `separation`: how many standard deviations lie between them, which is mu when the mechanism is Gaussian, with a one-sided confidence bound (Andrew et
  al. 2023, One-shot Empirical Privacy Estimation for Federated Learning; standard error of a standardised difference: Hedges and Olkin 1985, ch. 5).
- `one_run_epsilon`: a lower bound from right guesses that holds for any (epsilon, delta) mechanism (Steinke, Nasr and Jagielski 2023, Privacy Auditing with One (1) Training Run).
- `one_run_mu`: the same against the family of mu-Gaussian mechanisms, much closer (Mahloujifar, Melis and Chaudhuri 2024, Auditing f-Differential Privacy in One Run).
- `paired_mu`: from many runs with and without one canary, by exact binomial intervals (Clopper and Pearson 1934; Nasr et al. 2021).

mu is turned into epsilon by Dong, Roth and Su 2022, Gaussian Differential Privacy, corollary 2.13.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Coins = npt.NDArray[np.bool_]
MOST = 500.0  # epsilons and mus beyond are not told apart
STEPS = 40  # of a bisection
quantile = NormalDist().inv_cdf


def gaussian_epsilon(mu: float, delta: float) -> float:
    """Return the epsilon of a mu-Gaussian mechanism at this delta, at most MOST."""

    def spent(epsilon: float) -> float:
        # exp(epsilon) and the tail overflow and underflow against each other, so their product is taken in logarithms
        tail = normal(-epsilon / mu - mu / 2)
        return normal(-epsilon / mu + mu / 2) - (math.exp(epsilon + math.log(tail)) if tail > 0 else 0.0)

    if mu <= 0 or spent(0.0) <= delta:
        return 0.0
    return MOST if mu > 25 else _largest(lambda epsilon: spent(epsilon) > delta)


def separation(scores: Array, included: Coins, level: float) -> tuple[float, float]:
    """Return the estimate of mu and its lower bound, which lies above the truth in at most a share `level` of audits.

    scores, included: (m,). The bound takes scores to be normal with one variance, as a Gaussian mechanism makes them.
    """
    ones, others = scores[included], scores[~included]
    degrees = len(scores) - 2
    pooled = math.sqrt((ones.var() * len(ones) + others.var() * len(others)) / degrees)
    mu = min(float(ones.mean() - others.mean()) / max(pooled, 1e-12), MOST)
    error = math.sqrt(1 / len(ones) + 1 / len(others) + mu**2 / (2 * degrees))
    return max(mu, 0.0), max(mu + quantile(level) * error, 0.0)


def guesses(scores: Array, included: Coins, share: float) -> tuple[int, int]:
    """Guess "in" for the highest and "out" for the lowest half of this share of canaries; return how many guesses, and how many are right."""
    half = max(1, int(share * len(scores) / 2))
    order = np.argsort(scores)
    return 2 * half, int(included[order[-half:]].sum() + (~included[order[:half]]).sum())


def one_run_epsilon(canaries: int, guessed: int, right: int, delta: float, level: float) -> float:
    """Return the largest epsilon that so many right guesses refute at this level (Steinke et al. 2023, theorem 5.2 and appendix D); 0 for none."""
    if right == 0:
        return 0.0

    def p_value(epsilon: float) -> float:
        above = at_least(guessed, 1.0 / (1.0 + math.exp(-epsilon)))
        fewer = above[right - 1 :: -1] - above[right]  # Pr[right - i <= Binomial < right], for i = 1 to right
        worst = float(np.max(fewer / np.arange(1, right + 1), initial=0.0))
        return float(above[right]) + worst * delta * 2 * canaries

    return _largest(lambda epsilon: p_value(epsilon) <= level)


def one_run_mu(canaries: int, guessed: int, right: int, level: float) -> float:
    """Return the largest mu that so many right guesses refute at this level (Mahloujifar et al. 2024, algorithm 3); 0 for none."""

    def refuted(mu: float) -> bool:
        r, h = level * right / canaries, level * (guessed - right) / canaries
        for i in range(right - 1, -1, -1):
            higher = max(h, normal(quantile(r) - mu)) if 0 < r < 1 else max(h, float(r >= 1))
            if higher == h:
                break
            r, h = min(r + i / (guessed - i) * (higher - h), 1.0), higher
        return r + h > guessed / canaries

    return _largest(refuted)


def paired_mu(present: Array, absent: Array, threshold: float, level: float) -> float:
    """Return a lower bound of mu from scores of runs with and without one canary, told apart by a threshold fixed beforehand."""
    hits, alarms = int((present > threshold).sum()), int((absent > threshold).sum())
    fewest, most = least(hits, len(present), level / 2), 1.0 - least(len(absent) - alarms, len(absent), level / 2)
    return max(quantile(fewest) - quantile(most), 0.0) if fewest > 0 and most < 1 else 0.0


def least(hits: int, tries: int, level: float) -> float:
    """Return the lower end of the exact one-sided interval of a probability (Clopper and Pearson 1934)."""
    return _largest(lambda p: p < 1 and float(at_least(tries, p)[hits]) <= level) if hits else 0.0


def at_least(tries: int, p: float) -> Array:
    """Return Pr[Binomial(tries, p) >= k] for k = 0 to tries, (tries + 1,)."""
    k = np.arange(tries + 1)
    ways = np.array([math.lgamma(tries + 1) - math.lgamma(one + 1) - math.lgamma(tries - one + 1) for one in k])
    exactly = np.exp(ways + k * math.log(p) + (tries - k) * math.log1p(-p))
    tails: Array = np.cumsum(exactly[::-1])[::-1]
    return tails


def normal(x: float) -> float:
    """Return Pr[N(0, 1) <= x], exact far into the lower tail."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _largest(holds: Callable[[float], bool]) -> float:
    """Return the largest value up to MOST for which this holds, where it holds for all smaller ones; 0 when for none."""
    if not holds(1e-6):
        return 0.0
    low, high = 1e-6, 1.0
    while holds(high):
        low, high = high, 2 * high
        if low >= MOST:
            return MOST
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
