"""What to ask next.

Pairs alternate between finding the best (EUBO: Astudillo et al. 2022; Lin et al. 2022) and learning the function (BALD:
Houlsby et al. 2011, in the probit approximation); every third question is drawn at random, so that what
is later said about accuracy is said about questions the model did not choose. Singles take the least certain answer.
"""

import math
from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.reward.judge import moderated

Array = npt.NDArray[np.float64]
CANDIDATES = 400  # pairs looked at for one question
AUDIT_EVERY = 3
_PROBIT = math.sqrt(math.pi / 8)  # logit to probit
_C = math.sqrt(math.pi * math.log(2) / 2)


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows of the states to show, and why: "audit", "best" or "learn"."""

    first: int
    second: int
    why: str


def _cdf(x: Array) -> Array:
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in x])


def _entropy(p: Array) -> Array:
    q = np.clip(p, 1e-12, 1 - 1e-12)
    entropy: Array = -q * np.log2(q) - (1 - q) * np.log2(1 - q)
    return entropy


def bald(mean: Array, variance: Array) -> Array:
    """Expected bits an answer tells about the head (Houlsby et al. 2011, eq. 3), logits scaled to probits."""
    m, v = _PROBIT * mean, _PROBIT**2 * variance
    return _entropy(_cdf(m / np.sqrt(v + 1))) - _C / np.sqrt(v + _C**2) * np.exp(-(m**2) / (2 * (v + _C**2)))


def eubo(first: Array, second: Array, variance: Array) -> Array:
    """Expected utility of the better of two (Lin et al. 2022, eq. 3); variance: of the difference."""
    s = np.sqrt(np.maximum(variance, 1e-12))
    z = (first - second) / s
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    found: Array = first * _cdf(z) + second * _cdf(-z) + s * density
    return found


def pair(
    phi: Array,
    bias: Array,
    mean: Array,
    covariance: Array,
    asked: int,
    rng: np.random.Generator,
    answered: Set[frozenset[int]] = frozenset(),
) -> Asked:
    """Choose two of n >= 2 states (phi (n, 30), bias (n,)) given the head's mean (30,) and covariance (30, 30).

    asked: how many questions were answered so far; it says whose turn it is. answered: pairs of rows that are not
    asked again while there are others.
    """
    n = len(phi)
    first = rng.integers(n, size=CANDIDATES)
    second = (first + rng.integers(1, n, size=CANDIDATES)) % n
    new = np.array([frozenset(rows) not in answered for rows in zip(first.tolist(), second.tolist(), strict=True)])
    if new.any():
        first, second = first[new], second[new]
    if asked % AUDIT_EVERY == AUDIT_EVERY - 1:
        return Asked(int(first[0]), int(second[0]), "audit")
    score = bias + phi @ mean
    difference = phi[first] - phi[second]
    variance = np.einsum("nd,nd->n", difference @ covariance, difference)
    if asked % AUDIT_EVERY == 0:
        best = int(bald(score[first] - score[second], variance).argmax())
        return Asked(int(first[best]), int(second[best]), "learn")
    best = int(eubo(score[first], score[second], variance).argmax())
    return Asked(int(first[best]), int(second[best]), "best")


def single(mean: Array, variance: Array) -> int:
    """Choose the row whose answer is least certain: P(yes) nearest to one half, the wider one first."""
    distance = np.abs(moderated(mean, variance) - 0.5)
    return int(np.lexsort((-variance, np.round(distance, 6)))[0])
