"""Several rankings as one."""

from collections.abc import Sequence

K = 60.0  # of the paper; damps what a first place alone is worth


def fused(rankings: Sequence[Sequence[int]], weights: Sequence[float] = ()) -> tuple[tuple[int, float], ...]:
    """Return (id, score), best first, of everything that any ranking holds. weights: of each ranking, 1 unless given.

    Reciprocal rank fusion, the sum over rankings of 1 / (60 + rank): Cormack, Clarke and Büttcher, "Reciprocal Rank
    Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009. It needs no scale common to both.
    """
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, passage in enumerate(dict.fromkeys(ranking), start=1):
            scores[passage] = scores.get(passage, 0.0) + weight / (K + rank)
    return tuple(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
