"""One's own utilities over a space, and what of them is told: coarse values of single issues, scores of single outcomes.

Utilities are gains over the status quo, which is zero. They never leave; what is told is quantised, and counted in bits.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def contributions(utilities: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Return per issue the mean utility of each of its values: exact for additive utilities, up to a constant."""
    box, axes = utilities.reshape(sizes), range(len(sizes))
    return [box.mean(axis=tuple(axis for axis in axes if axis != issue)) for issue in axes]


def additive(utilities: Array, sizes: tuple[int, ...], within: float = 0.02) -> bool:
    """Whether these utilities value each issue by itself: the sum of contributions explains all but a share of their variance."""
    mean = float(utilities.mean())
    fitted = sum_over(contributions(utilities - mean, sizes))
    spread = float(utilities.var())
    return spread == 0.0 or float(((utilities - mean - fitted) ** 2).mean()) <= within * spread


def sum_over(parts: list[Array]) -> Array:
    """Return the sum of one value per issue for every outcome (n,), in the order of `space.outcomes`."""
    total = parts[0]
    for part in parts[1:]:
        total = np.add.outer(total, part).ravel()
    return total


def coarse(parts: list[Array], bits: int) -> tuple[int, ...]:
    """Return every value of every issue on 2^bits levels, from the worst of its issue up; the widest issue uses them all."""
    widest = max(float(part.max() - part.min()) for part in parts) or 1.0
    levels = 2**bits - 1
    return tuple(round(float((value - part.min()) / widest * levels)) for part in parts for value in part)


def shares(utilities: Array, candidates: tuple[int, ...], floor: float) -> tuple[float, ...]:
    """Return each candidate's gain as a share of the best one's; 0 where it is none, or less than this side settles for."""
    best = float(utilities.max())
    found = ((float(utilities[one]) / best if best > 0 else 0.0) for one in candidates)
    return tuple(share if share > 0 and share >= floor else 0.0 for share in found)


def score(utilities: Array, candidates: tuple[int, ...], bits: int, floor: float = 0.0) -> tuple[int, ...]:
    """Return each candidate's score: 0 when it is no better than no deal, else 1 to 2^bits - 1 of the best one's gain."""
    levels = 2**bits - 1
    return tuple(
        min(max(math.ceil(share * levels), 1), levels) if share else 0 for share in shares(utilities, candidates, floor)
    )
