"""Exact discrete Gaussian noise from the operating system's randomness.

Canonne, Kamath and Steinke, The Discrete Gaussian for Differential Privacy (2020), algorithms 1 to 3. Integers
only: floating-point noise leaks through its low bits (Mironov 2012), and a seeded generator can be guessed.
"""

import math
import secrets

import numpy as np
import numpy.typing as npt

GRID_BITS = 30  # the grid is clip / 2^30


def quantised(flat: npt.NDArray[np.float64], clip: float) -> npt.NDArray[np.int64]:
    """Return the array in grid steps, each number rounded towards zero, so that the norm never grows."""
    steps: npt.NDArray[np.int64] = np.trunc(flat * (2**GRID_BITS / clip)).astype(np.int64)
    return steps


def noisy(total: npt.NDArray[np.int64], sigma: float, clip: float) -> npt.NDArray[np.float64]:
    """Return the sum (grid steps) with noise of standard deviation sigma * clip, in the array's own units."""
    deviation = math.ceil(sigma * 2**GRID_BITS)  # rounded up: never less noise than was accounted for
    noise = [discrete_gaussian(deviation) for _ in range(len(total))]
    summed = np.array([int(step) + drawn for step, drawn in zip(total, noise, strict=True)], np.float64)
    scaled: npt.NDArray[np.float64] = summed * (clip / 2**GRID_BITS)
    return scaled


def discrete_gaussian(deviation: int) -> int:
    """Draw an integer z with probability proportional to exp(-z^2 / (2 deviation^2)) (algorithm 3)."""
    t = deviation + 1
    while True:
        y = _discrete_laplace(t)
        # accept with exp(-(|y| - deviation^2 / t)^2 / (2 deviation^2))
        if _bernoulli_exp((abs(y) * t - deviation**2) ** 2, 2 * deviation**2 * t**2):
            return y


def _discrete_laplace(t: int) -> int:
    """Draw an integer with probability proportional to exp(-|z| / t) (algorithm 2)."""
    while True:
        u = secrets.randbelow(t)
        if not _bernoulli_exp(u, t):
            continue
        v = 0
        while _bernoulli_exp(1, 1):
            v += 1
        x = u + t * v
        negative = secrets.randbits(1)
        if not (negative and x == 0):
            return -x if negative else x


def _bernoulli_exp(numerator: int, denominator: int) -> bool:
    """Return True with probability exp(-numerator / denominator), numerator >= 0 (algorithm 1)."""
    whole, rest = divmod(numerator, denominator)
    return all(_bernoulli_exp_below_one(1, 1) for _ in range(whole)) and _bernoulli_exp_below_one(rest, denominator)


def _bernoulli_exp_below_one(numerator: int, denominator: int) -> bool:
    k = 1
    while secrets.randbelow(denominator * k) < numerator:
        k += 1
    return k % 2 == 1
