"""One person's contribution to a round of tier `light`: one flat array whose L2 norm never exceeds the clip.

For a catalogue of n items, sorted by id:

    [ yes (n) | no (n) | head (SHARED) | head squared plus its variance (SHARED) ]

An answer is one unit in `yes` or `no` (one coordinate an answer: the norm grows with the root of the number of answers).
Each block is clipped to its own share of the clip, so that a person with many answers does not drown what their head
says; the shares' squares sum to one, so the whole is within the clip. The receiver divides by the same units.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from weal_protocol.errors import MalformedError
from weal_protocol.representation import MAX_ITEMS, SHARED, Vector

ANSWERS_SHARE = 0.96  # of the clip
HEAD_SHARE = 0.2
SQUARE_SHARE = math.sqrt(1.0 - ANSWERS_SHARE**2 - HEAD_SHARE**2)
FULL_ANSWERS = 36  # answers that count in full; k > 36 of them count sqrt(36 / k) each
HEAD_NORM = 2.0  # norm of a head that fills its share
SQUARE_NORM = 3.0  # the same of its squares


@dataclass(frozen=True, slots=True)
class Units:
    """What one answer, one unit of a head's weight and one of its square are worth in the flat array."""

    answer: float
    head: float
    square: float


def units(clip: float) -> Units:
    """Return the units for this clip."""
    return Units(
        clip * ANSWERS_SHARE / math.sqrt(FULL_ANSWERS), clip * HEAD_SHARE / HEAD_NORM, clip * SQUARE_SHARE / SQUARE_NORM
    )


def length(items: int) -> int:
    """Return how many numbers a contribution to a catalogue of this many items has."""
    return 2 * items + 2 * SHARED


def contribute(
    catalogue: Sequence[str], answers: Iterable[tuple[str, int]], mean: Vector, variance: Vector, clip: float
) -> Vector:
    """Return the flat array. answers: (item id, +1 or -1); those on items outside the catalogue are left out.

    mean, variance: (SHARED,) of the person's head. Raises MalformedError for NaN, infinity or a wrong shape.
    """
    if len(catalogue) > MAX_ITEMS or mean.shape != (SHARED,) or variance.shape != (SHARED,):
        raise MalformedError("a contribution's catalogue or head has the wrong size")
    index = {item: row for row, item in enumerate(catalogue)}
    n, scale = len(catalogue), units(clip)
    votes = np.zeros(2 * n)
    for item, vote in answers:
        if (row := index.get(item)) is not None:
            votes[row if vote > 0 else n + row] = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        squares = mean**2 + variance
    if not (np.isfinite(mean).all() and np.isfinite(squares).all()):
        raise MalformedError("a contribution holds NaN or infinity")
    blocks = (
        _within(votes * scale.answer, clip * ANSWERS_SHARE),
        _within(mean * scale.head, clip * HEAD_SHARE),
        _within(squares * scale.square, clip * SQUARE_SHARE),
    )
    return clipped(np.concatenate(blocks), clip)


def clipped(flat: Vector, clip: float) -> Vector:
    """Return the array scaled down so that its L2 norm is at most the clip."""
    return _within(flat, clip)


def _within(block: Vector, bound: float) -> Vector:
    largest = float(np.max(np.abs(block), initial=0.0))
    if largest == 0.0:
        return block
    unit = block / largest  # first, so that no square overflows
    norm = float(np.linalg.norm(unit))
    # A hair below the bound, so that rounding never lifts the norm above it.
    return block if norm * largest <= bound else unit * (bound * (1.0 - 1e-12) / norm)
