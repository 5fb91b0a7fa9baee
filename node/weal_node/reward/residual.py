"""r(x): what this person's own answers say of things alike, beyond any concept.

A Gaussian process over embeddings (Rasmussen and Williams 2006, ch. 2) with the kernel

    k(x, y) = VARIANCE exp((cos(x, y) - 1) / WIDTH)

A head of few dimensions saturates: it cannot say that somebody liked exactly this. While answers are few the process is used as it is; beyond,
it is seen through fixed public landmarks (Nystroem; Williams and Seeger 2001), which no answer is about, so that a deleted answer leaves no trace.
"""

import functools
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

Array = npt.NDArray[np.float64]
VARIANCE = 0.1  # log-odds squared; tuned on seeds 101 to 110: from .3, log-loss at 5 answers .4393 to .4381 (simulations/LOG.md, 2026-11-24)
WIDTH = 0.3  # of cosine; chosen
FILE = "landmarks.safetensors"
JITTER = 1e-6  # on the kernel's diagonal, so that its factor exists


def kernel(first: Array, second: Array) -> Array:
    """Return k (n, m) between embeddings (n, d) and (m, d) of about unit length."""
    values: Array = VARIANCE * np.exp((np.clip(first @ second.T, -1.0, 1.0) - 1.0) / WIDTH)
    return values


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Fixed public texts through which the process is seen.

    vectors: (L, d).  factor: (L, L), the inverse of the kernel's Cholesky factor."""

    vectors: Array
    factor: Array

    def features(self, embeddings: Array) -> Array:
        """Return R (n, L) with R(x) . R(y) about k(x, y): exactly so for landmarks."""
        seen: Array = kernel(embeddings, self.vectors) @ self.factor.T
        return seen


def landmarks(vectors: Array) -> Landmarks:
    """Return landmarks at these embeddings (L, d), which must differ."""
    lower = np.linalg.cholesky(kernel(vectors, vectors) + JITTER * np.eye(len(vectors)))
    return Landmarks(vectors, np.linalg.inv(lower))


@dataclass(frozen=True, slots=True)
class ResidualSpace:
    """Items as the residual sees them: vectors (m, d) and what landmarks say of each (m, L)."""

    vectors: Array
    seen: Array

    def at(self, rows: npt.NDArray[np.int64]) -> "ResidualSpace":
        """Return these items alone."""
        return ResidualSpace(self.vectors[rows], self.seen[rows])


def space(vectors: Array, through: Landmarks) -> ResidualSpace:
    """Return the space of these embeddings (m, d)."""
    return ResidualSpace(vectors, through.features(vectors))


@functools.cache
def shipped() -> Landmarks:
    """Return the landmarks that come with the program: public statements."""
    raw = resources.files("weal_node.features").joinpath(FILE).read_bytes()
    return landmarks(load(raw)["vectors"].astype(np.float64))
