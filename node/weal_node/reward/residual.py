"""r(x): what this person's own answers say of things alike, beyond any concept.

A Gaussian process over embeddings (Rasmussen and Williams 2006, ch. 2) whose kernel is a mixture over a small grid,

    k(x, y) = sum_g share_g k_g(x, y),   k_g = variance cos(x, y)   or   variance exp((cos(x, y) - 1) / width)

How large and how smooth a taste is differs from person to person and from votes to music: the shares are the person's own evidence times
what is believed of the grid before (reward/kernels.py). A head of few dimensions saturates: it cannot say that somebody liked exactly
this. While answers are few the process is used as it is; beyond, it is seen through fixed public landmarks (Nystroem; Williams and Seeger
2001), which no answer is about, so that a deleted answer leaves no trace.
"""

import functools
from collections import defaultdict
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from weal_node.features import projection

Array = npt.NDArray[np.float64]
FILE = "landmarks.safetensors"
JITTER = 1e-6  # on the kernel's diagonal, so that its factor exists


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel of the grid. variance: log-odds squared, of any one item.  width: of cosine, None where the kernel is linear."""

    variance: float
    width: float | None = None


GRID = (
    Kernel(0.0),
    Kernel(0.1, 0.3),
    Kernel(0.5, 0.3),
    Kernel(1.5, 0.3),
    Kernel(4.0, 0.3),
    Kernel(0.5, 0.1),
    Kernel(2.0, 0.1),
    Kernel(0.5, 1.0),
    Kernel(2.0, 1.0),
    Kernel(0.5),
    Kernel(1.5),
    Kernel(4.0),
    Kernel(10.0),
    Kernel(25.0),
)


def shares(*of_grid: float) -> Array:
    """Return shares of the grid (G,) that sum to one."""
    given = np.array(of_grid)
    normal: Array = given / given.sum()
    return normal


# Beside a community's release: near what 100 people's first twenty answers say of the grid on Bowling Green, German votes and tastes (seed
# 101; .39 to .47 on "none"), and a little flatter, for pairs among few things: .967 of them right after 20 answers for .927. Flat shares
# cost .003 to .006 of log-loss on votes (simulations/LOG.md, 2026-11-30).
BESIDE_RELEASE = shares(0.45, 0.22, 0.07, 0.03, 0.01, 0.04, 0.02, 0.04, 0.015, 0.065, 0.025, 0.012, 0.005, 0.001)
# Alone, all that is known of an item is its text: large kernels, as logistic regression on the embedding has one. With smaller ones it
# stayed .006 to .014 behind that at 20 answers on tastes, with these .000; on votes accuracy is as before (ibid.).
ALONE = shares(0.01, 0.01, 0.02, 0.03, 0.05, 0.01, 0.02, 0.02, 0.05, 0.02, 0.06, 0.20, 0.30, 0.20)


def of_cosine(cosine: Array, mixture: Array) -> Array:
    """Return the mixture's covariances of two items by the cosine between them, of any shape. mixture: (G,) shares."""
    by_width: dict[float | None, float] = defaultdict(float)
    for share, one in zip(mixture.tolist(), GRID, strict=True):
        by_width[one.width] += share * one.variance
    found = by_width.pop(None, 0.0) * cosine
    for width, variance in by_width.items():
        if width is not None and variance:
            found = found + variance * np.exp((cosine - 1.0) / width)
    return found


def cosines(first: Array, second: Array) -> Array:
    """Return cosines (n, m) between directions (n, d) and (m, d) of length one, or none."""
    between: Array = np.clip(first @ second.T, -1.0, 1.0)
    return between


def total(mixture: Array) -> float:
    """Return the mixture's variance of one item, log-odds squared."""
    return float(of_cosine(np.ones(1), mixture)[0])


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Fixed public texts through which the process is seen.

    directions: (L, d), from the centre of public text, of length one.  among: (L, L), the cosines between them."""

    directions: Array
    among: Array

    def factor(self, mixture: Array) -> Array:
        """Return (L, L), the inverse of the Cholesky factor of the mixture's kernel at the landmarks."""
        inverse: Array = np.linalg.inv(
            np.linalg.cholesky(of_cosine(self.among, mixture) + JITTER * np.eye(len(self.among)))
        )
        return inverse


def landmarks(directions: Array) -> Landmarks:
    """Return landmarks in these directions (L, d), which must differ."""
    return Landmarks(directions, cosines(directions, directions))


@dataclass(frozen=True, slots=True)
class ResidualSpace:
    """Items as the residual sees them.

    directions: (m, WIDTH), from the centre of public text, of length one.  beside: (m, L), cosines to the landmarks.
    through: these.  mixture: (G,), the shares of the grid before any answer."""

    directions: Array
    beside: Array
    through: Landmarks
    mixture: Array

    def at(self, rows: npt.NDArray[np.int64]) -> "ResidualSpace":
        """Return these items alone."""
        return ResidualSpace(self.directions[rows], self.beside[rows], self.through, self.mixture)

    def own(self, mixture: Array) -> Array:
        """Return the mixture's variance of each item (m,)."""
        return of_cosine(np.minimum(np.einsum("nd,nd->n", self.directions, self.directions), 1.0), mixture)


def space(offsets: Array, through: Landmarks, mixture: Array = BESIDE_RELEASE) -> ResidualSpace:
    """Return the space of items whose embeddings lie at these offsets (m, d) from the centre of public text."""
    directions = of_length_one(offsets)
    return ResidualSpace(directions, cosines(directions, through.directions), through, mixture)


def of_length_one(offsets: Array) -> Array:
    """Return directions (m, d) of length one; of nothing, nothing."""
    length = np.sqrt(np.einsum("nd,nd->n", offsets, offsets))[:, None]
    scaled: Array = np.where(length > 1e-9, offsets / np.maximum(length, 1e-9), 0.0)
    return scaled


@functools.cache
def shipped() -> Landmarks:
    """Return the landmarks that come with the program: public statements."""
    raw = resources.files("weal_node.features").joinpath(FILE).read_bytes()
    return landmarks(of_length_one(load(raw)["vectors"].astype(np.float64) - projection.shipped().centre))
