"""Which ideas come next: likely ones, not the same thing over and over, and more like what was accepted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.proposals.evidence import diverse
from weal_node.today.interruption import Moment, bar, budget, silence

CARDS = 3  # on a page
# Both chosen, and looked at on seeds 101 and 102 of the study `today` (simulations/LOG.md, 2026-11-30, "Today speaks").
RELEVANCE = 0.9  # of maximal marginal relevance, against likeness to what is on the page already or was shown lately
VARIED = 0.05  # chance that being near something accepted is worth

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where ideas lie: unit vectors (n, WIDTH) of those that wait, of cards accepted lately, and of those shown lately and not accepted."""

    ideas: Matrix
    accepted: Matrix
    shown: Matrix


def pick(moment: Moment, ground: Ground, still: int) -> list[int]:
    """Return the places of what is brought at this moment among the ideas that wait, the next one first. still: cards that stand on the page."""
    if silence(moment):
        return []
    likely = [place for place, chance in enumerate(moment.promise.chances) if chance > bar(moment, moment.cost)]
    room = min(CARDS - still, budget(moment.outcomes, len(moment.promise.chances)))
    chances = [moment.promise.chances[place] for place in likely]
    near = Ground(ground.ideas[likely], ground.accepted, ground.shown)
    picked: list[int] = []
    for place in spread(chances, near, room):
        if chances[place] > bar(moment, moment.cost, len(moment.outcomes) + len(picked)):
            picked.append(likely[place])
    return picked


def spread(chances: Sequence[float], ground: Ground, room: int) -> list[int]:
    """Return the places of at most `room` ideas with these chances (n,), the next one first."""
    if not chances or room <= 0:
        return []
    worth = np.asarray(chances) + VARIED * _nearest(ground.ideas, ground.accepted)
    return diverse(worth.tolist(), list(ground.ideas), _nearest(ground.ideas, ground.shown).tolist(), room, RELEVANCE)


def _nearest(vectors: Matrix, others: Matrix) -> npt.NDArray[np.float64]:
    """Return the largest cosine (n,) with any of the others, 0 where none is near."""
    if not len(others):
        return np.zeros(len(vectors))
    nearest: npt.NDArray[np.float64] = np.maximum((vectors @ others.T).max(1), 0.0).astype(np.float64)
    return nearest
