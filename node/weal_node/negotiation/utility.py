"""One's own utilities over a space, and what of them is told: coarse values of single issues, scores of single outcomes.

Utilities are gains over the status quo, which is zero. They never leave; what is told is quantised, and counted in bits.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def contributions(utilities: Array, outcomes: npt.NDArray[np.int64], sizes: tuple[int, ...]) -> list[Array]:
    """Return per issue the mean utility of each of its values: exact for additive utilities, up to a constant."""
    return [
        np.array([utilities[outcomes[:, issue] == value].mean() for value in range(size)])
        for issue, size in enumerate(sizes)
    ]


def coarse(parts: list[Array], bits: int) -> tuple[int, ...]:
    """Return every value of every issue on 2^bits levels, from the worst of its issue up; the widest issue uses them all."""
    widest = max(float(part.max() - part.min()) for part in parts) or 1.0
    levels = 2**bits - 1
    return tuple(round(float((value - part.min()) / widest * levels)) for part in parts for value in part)


def score(utilities: Array, candidates: tuple[int, ...], bits: int) -> tuple[int, ...]:
    """Return each candidate's score: 0 when it is no better than no deal, else 1 to 2^bits - 1 of the best one's gain."""
    best, levels = float(utilities.max()), 2**bits - 1
    if best <= 0:
        return (0,) * len(candidates)
    gains = (float(utilities[candidate]) / best for candidate in candidates)
    return tuple(0 if gain <= 0 else min(max(math.ceil(gain * levels), 1), levels) for gain in gains)
