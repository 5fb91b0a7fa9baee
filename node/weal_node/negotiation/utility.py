"""One's own utilities over a space, and what of them is disclosed: coarse values of single issues, scores of single outcomes.

Utilities are gains over the status quo, which is zero. They never leave; what is disclosed is quantised, and counted in bits.
"""

import bisect

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
IMPORTANCE_BITS = 3  # of how much an issue matters (node/decisions/0013)


def contributions(utilities: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Return per issue the mean utility of each of its values: exact for additive utilities, up to a constant."""
    box, axes = utilities.reshape(sizes), set(range(len(sizes)))
    return [box.mean(axis=tuple(sorted(axes - {issue}))) for issue in axes]


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
    """Return how much each issue matters, on IMPORTANCE_BITS levels of the widest, then every value of every issue on
    2^bits levels from the worst of its issue to the best."""
    spans = list(map(float, map(np.ptp, parts)))
    widest, levels = max(spans) or 1.0, 2**bits - 1
    steps = [round((span / widest) ** 0.5 * (2**IMPORTANCE_BITS - 1)) for span in spans]
    for part, span in zip(parts, spans, strict=True):
        steps += np.rint((part - part.min()) / (span or 1.0) * levels).astype(np.int64).tolist()
    return tuple(steps)


def importance(level: int) -> float:
    """Return the share of the widest issue's range that a level of `coarse` means; at least a little."""
    share = max(float(level), 0.5) / float(2**IMPORTANCE_BITS - 1)
    return share * share


def shares(utilities: Array, candidates: tuple[int, ...], reservation: float) -> tuple[float, ...]:
    """Return each candidate's gain as a share of the best one's; 0 where it is none, or less than this side settles for."""
    best = float(utilities.max())
    kept = []
    for outcome in candidates:
        share = float(utilities[outcome]) / best if best > 0 else 0.0
        kept.append(share if share > 0 and share >= reservation else 0.0)
    return tuple(kept)


def score(
    utilities: Array, candidates: tuple[int, ...], scales: tuple[tuple[float, ...], ...], reservation: float = 0.0
) -> tuple[int, ...]:
    """Return each candidate's score: 0 when it is no better than no deal, else the number of the part of its scale (edges)
    that its share of the best gain lies in, from 1."""
    scores = []
    for share, edges in zip(shares(utilities, candidates, reservation), scales, strict=True):
        part = min(max(bisect.bisect_left(edges, share), 1), len(edges) - 1)
        scores.append(part if share else 0)
    return tuple(scores)
