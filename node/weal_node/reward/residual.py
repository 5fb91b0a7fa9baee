"""r(x): what this person's own answers say of things alike, beyond any concept.

A Gaussian process over embeddings (Rasmussen and Williams 2006, ch. 2) whose kernel is a mixture over a small grid (weal_protocol/kernels.py). How large and how smooth a taste is differs from person to person and from votes to music: the shares are the person's own evidence times
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
from weal_protocol.kernels import BESIDE_RELEASE, GRID, shares
from weal_protocol.representation import Representation

Array = npt.NDArray[np.float64]
FILE = "landmarks.safetensors"
JITTER = 1e-6  # on the kernel's diagonal, so that its factor exists


# Alone, all that is known of an item is its text: large kernels, as logistic regression on the embedding has one. With smaller ones it
# stayed .006 to .014 behind that at 20 answers on tastes, with these .000; on votes accuracy is as before (ibid.).
ALONE = shares(0.01, 0.01, 0.02, 0.03, 0.05, 0.01, 0.02, 0.02, 0.05, 0.02, 0.06, 0.20, 0.30, 0.20)


def before_answers(representation: Representation) -> Array:
    """Return the shares of the grid (G,) that are believed before any answer: the community's, where its release tells them."""
    if not representation.number:
        return ALONE
    return BESIDE_RELEASE if representation.kernel_shares is None else representation.kernel_shares


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
