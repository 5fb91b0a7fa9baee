"""Named concepts: directions in the space of meaning that have a word of the person's own.

A concept is what its examples have in common: the notes under a tag or in a folder, or one phrase. How much an item is about it is read
off the cosine between their embeddings, both taken relative to public text, so that what all sentences share counts nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
# Chosen, not tuned.
UNRELATED = 0.15  # cosine up to which an item is not about a concept at all
SAME = 0.55  # cosine from which it is about nothing else
MOST = 24  # of a person's own concepts, the most used first: each is one more thing to learn


@dataclass(frozen=True, slots=True)
class Concept:
    """A direction that has a name.

    name: as the person reads it.  kind: "tag", "folder", "link", "title", "phrase" or "public" (vocabulary.py).  vector: (WIDTH,), of length one."""

    name: str
    kind: str
    vector: Array


def concept(name: str, kind: str, examples: npt.ArrayLike, centre: Array) -> Concept:
    """Return the concept of these examples: embeddings (n, WIDTH). centre: (WIDTH,), the mean of public text."""
    middle = np.asarray(examples, np.float64).mean(0) - centre
    return Concept(name, kind, middle / max(float(np.linalg.norm(middle)), 1e-12))


def activation(embeddings: npt.NDArray[np.floating], concepts: Sequence[Concept], centre: Array) -> Array:
    """Return (n, C): 0 where an item (n, WIDTH) is not about a concept, 1 where it is about nothing else."""
    if not concepts:
        return np.zeros((len(embeddings), 0))
    centred = embeddings.astype(np.float64) - centre
    length = np.maximum(np.sqrt(np.einsum("nd,nd->n", centred, centred)), 1e-12)
    directions = np.array([own.vector for own in concepts])
    # Not by BLAS: the last bit of a row would depend on how many rows there are (see projection.py).
    cosine = np.einsum("nd,cd->nc", centred, directions) / length[:, None]
    about: Array = np.clip((cosine - UNRELATED) / (SAME - UNRELATED), 0.0, 1.0)
    return about


def without(embeddings: npt.NDArray[np.floating], directions: Sequence[Array]) -> Array:
    """Return the embeddings (n, WIDTH) with these directions (WIDTH,) projected out: what is left says nothing along them."""
    rest = embeddings.astype(np.float64)
    for direction in orthonormal(directions):
        rest = rest - np.einsum("nd,d->n", rest, direction)[:, None] * direction
    return rest


def orthonormal(directions: Sequence[Array]) -> list[Array]:
    """Return an orthonormal basis of what the directions span (Gram and Schmidt); those of no length are left out."""
    basis: list[Array] = []
    for direction in directions:
        rest = direction.astype(np.float64)
        for known in basis:
            rest = rest - float(rest @ known) * known
        if (length := float(np.linalg.norm(rest))) > 1e-9:
            basis.append(rest / length)
    return basis
