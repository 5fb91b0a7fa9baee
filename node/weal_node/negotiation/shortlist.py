"""Which outcomes to score next, and what stands on the menu: computed alike by all from what everyone was told.

Each party's gain is believed to be g(x) = 1 - sum_k loss_k(x_k), in units of its best gain, with a Gaussian over the
losses: the coarse seed gives their mean, every score is a linear observation (Kalman 1960). Candidates are drawn
from it (Thompson 1933), by the product of gains (Nash 1950). Measured in design: eight to twelve messages come
within two percent of the full-information product.
"""

import functools
import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from weal_node.negotiation import utility
from weal_node.negotiation.seed import normals

Array = npt.NDArray[np.float64]
Values = tuple[int, ...]
SPREAD = 1.25  # believed sum of all losses: the worst outcome is a quarter worse than no deal
SHARED_DOUBT = 0.15  # relative doubt about that sum
GRID = 1e-6  # values closer than this are equal, so that rounding cannot part the sides
JITTER = 1e-10


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one party's losses: mean (f,), covariance (f, f), f = all values of all issues."""

    mean: Array
    covariance: Array

    def drawn(self, root: Array, seed: bytes, label: str) -> Array:
        """Return losses (f,) drawn from the belief. root: Cholesky factor of its covariance."""
        losses: Array = self.mean + root @ normals(seed, label, len(self.mean))
        return losses

    def root(self) -> Array:
        """Return the factor for draws; Cholesky's is unique, so that all sides draw alike."""
        return np.linalg.cholesky(self.covariance + JITTER * np.eye(len(self.mean))).astype(np.float64)

    def observed(self, places: npt.NDArray[np.int64], gain: float, sd: float) -> "Belief":
        """Return the belief after one outcome's gain was told to within sd. places: its values among all (issues,)."""
        along = self.covariance[:, places].sum(1)
        weight = along / (float(along[places].sum()) + sd**2)
        mean = self.mean + weight * ((1.0 - gain) - float(self.mean[places].sum()))
        return Belief(mean, self.covariance - np.outer(weight, along))

    def gain(self, places: npt.NDArray[np.int64]) -> float:
        """Return the believed gain of one outcome."""
        return 1.0 - float(self.mean[places].sum())


@dataclass(frozen=True, slots=True)
class Shortlist:
    """What all know after the seed: beliefs by party, everyone's scores by outcome, and what to score now (`asked`).

    bits: of a score.  count: candidates a round.  seed: the joint draw.  left: rounds to come, the open one included."""

    sizes: Values
    bits: int
    count: int
    left: int
    seed: bytes
    beliefs: tuple[Belief, ...]
    scores: dict[int, Values]
    asked: Values = ()

    def told(self, scores: tuple[Values, ...]) -> "Shortlist":
        """Return the knowledge after a round. scores: by party, of `asked`."""
        known, beliefs = dict(self.scores), list(self.beliefs)
        for number, outcome in enumerate(self.asked):
            known[outcome] = tuple(of[number] for of in scores)
            at = places(outcome, self.sizes)
            beliefs = [told(one, at, known[outcome][party], self.bits) for party, one in enumerate(beliefs)]
        return replace(self, left=self.left - 1, beliefs=tuple(beliefs), scores=known).asking()

    def asking(self) -> "Shortlist":
        """Return it with the candidates of the round that is open."""
        return replace(self, asked=self._candidates() if self.left else ())

    def menu(self, count: int) -> Values:
        """Return the best scored outcomes by the product of gains, each better than no deal for everyone by their scores."""
        levels = 2**self.bits - 1
        found = []
        for outcome in sorted(self.scores):
            if min(self.scores[outcome]) <= 0:
                continue
            product, at = 1.0, places(outcome, self.sizes)
            for belief, score in zip(self.beliefs, self.scores[outcome], strict=True):
                blend = 0.5 * (score - 0.5) / levels + 0.5 * belief.gain(at)
                product *= min(max(blend, (score - 1) / levels), score / levels)
            found.append((-round(product / GRID), outcome))
        return tuple(outcome for _, outcome in sorted(found)[:count])

    def _candidates(self) -> Values:
        """Return up to `count` outcomes: the believed best first, then the best of draws."""
        chosen: list[int] = []
        roots = [belief.root() for belief in self.beliefs]
        for turn in range(min(self.count, math.prod(self.sizes) - len(self.scores))):
            losses = [
                belief.drawn(root, self.seed, f"{self.left}/{turn}/{party}") if turn else belief.mean
                for party, (belief, root) in enumerate(zip(self.beliefs, roots, strict=True))
            ]
            value = product([1.0 - over_all(one, self.sizes) for one in losses])
            value[[*self.scores, *chosen]] = -np.inf
            chosen.append(int(np.round(value / GRID).argmax()))
        return tuple(chosen)


def open_with(
    seeds: tuple[Values, ...], sizes: Values, bits: tuple[int, int], plan: tuple[int, int], seed: bytes
) -> Shortlist:
    """Return the knowledge after the seed. seeds: by party.  bits: of a seed's value, of a score.  plan: rounds, candidates."""
    beliefs = tuple(believed(one, sizes, bits[0]) for one in seeds)
    return Shortlist(sizes, bits[1], plan[1], plan[0], seed, beliefs, {}).asking()


def believed(seed: Values, sizes: Values, bits: int) -> Belief:
    """Return the belief that a coarse seed gives rise to."""
    levels = 2**bits - 1
    parts = np.split(np.array(seed, np.float64) / levels, np.cumsum(sizes)[:-1])
    total = sum(float(part.max() - part.min()) for part in parts) or 1.0
    mean = np.concatenate([(part.max() - part) / total * SPREAD for part in parts])
    step = SPREAD / levels / total
    sd = step / math.sqrt(12) + 0.02
    return Belief(mean, np.eye(len(mean)) * sd**2 + np.outer(mean, mean) * SHARED_DOUBT**2)


def told(belief: Belief, at: npt.NDArray[np.int64], score: int, bits: int) -> Belief:
    """Return the belief after a score (see utility.score)."""
    levels = 2**bits - 1
    if score == 0:
        return belief.observed(at, min(belief.gain(at), -0.05), 0.15)
    return belief.observed(at, (score - 0.5) / levels, 0.3 / levels)


def over_all(parts: Array, sizes: Values) -> Array:
    """Return the sum of one value per issue for every outcome (n,). parts: (f,), all values of all issues."""
    return utility.sum_over(np.split(parts, np.cumsum(sizes)[:-1]))


def places(outcome: int, sizes: Values) -> npt.NDArray[np.int64]:
    """Return where the values of one outcome stand among all values of all issues (issues,)."""
    chosen: npt.NDArray[np.int64] = np.array(np.unravel_index(outcome, sizes), np.int64)
    chosen += np.cumsum([0, *sizes[:-1]])
    return chosen


def settle(options: Values, ballots: tuple[Values, ...]) -> int | None:
    """Return the option that people's ballots choose: least sum of places (Borda 1770), ties by the menu's order; None
    when somebody said no to each.

    ballots: per party, the place of each option in the menu's order: 0 is best, the number of options is "no".
    """
    sums = [
        (sum(ballot[number] for ballot in ballots), number)
        for number in range(len(options))
        if all(ballot[number] < len(options) for ballot in ballots)
    ]
    return options[min(sums)[1]] if sums else None


def is_ballot(places: Values) -> bool:
    """Whether the options that are not refused have the places from 0 on, each once."""
    given = sorted(place for place in places if place != len(places))
    return given == list(range(len(given)))


def ballots(options: int) -> int:
    """How many different ballots there are."""
    return sum(math.perm(options, ranked) for ranked in range(options + 1))


def product(gains: list[Array]) -> Array:
    """Product of gains (n,) where all are positive; elsewhere below any of these, by the worst one's."""
    worst = functools.reduce(np.minimum, gains)
    of_all = functools.reduce(np.multiply, [np.maximum(one, 0.0) for one in gains])
    value: Array = np.where(worst > 0, of_all, -1 + np.minimum(worst, 0))
    return value
