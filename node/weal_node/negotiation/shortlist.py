"""Which outcomes to score next, and what stands on the menu: computed alike by all from what everyone was told.

Each party's gain is believed to be g(x) = 1 - sum_k loss_k(x_k), in units of its best gain, with a Gaussian over the
losses: the coarse seed gives their mean, every score is a linear observation (Kalman 1960). Candidates are drawn
from it (Thompson 1933), by the product of gains (Nash 1950). Measured in design: eight to twelve messages come
within two percent of the full-information product.
"""

import functools
import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from weal_node.negotiation import utility
from weal_node.negotiation.seed import normals

Array = npt.NDArray[np.float64]
Values = tuple[int, ...]
Window = tuple[float, float]
Scale = tuple[float, ...]
SPREAD = 1.4  # believed sum of all losses, in best gains: the worst outcome is this much worse than the best
SHARED_DOUBT = 0.25  # relative doubt about that sum
ISSUE_DOUBT = 0.2  # relative doubt about each issue's part of it
FINE = 0.01  # least sd of one value's loss
WIDE = 2.5  # half of what a score divides finely, in sds of what is believed
LEAST_WINDOW = 0.05  # least whole of it
MISFIT = 0.06  # least sd of a gain: issues may depend on each other
ROUGH = 0.06  # width from which a gain is known but roughly
OFF = 0.03  # sd of what issues add together, for each sd of surprise beyond the first
TRUST = 4  # scores' worth of trust in one's own doubt
LEAST_SURPRISE = 0.25
GRID = 1e-6  # values closer than this are equal, so that rounding cannot part the sides
JITTER = 1e-10


@dataclass(frozen=True, slots=True)
class OpponentModel:
    """What is believed of one party's losses: mean (f,), covariance (f, f), f = all values of all issues."""

    mean: Array
    covariance: Array

    def drawn(self, root: Array, seed: bytes, answer: str) -> Array:
        """Return losses (f,) drawn from the belief. root: Cholesky factor of its covariance."""
        losses: Array = self.mean + root @ normals(seed, answer, len(self.mean))
        return losses

    def root(self) -> Array:
        """Return the factor for draws; Cholesky's is unique, so that all sides draw alike."""
        return np.linalg.cholesky(self.covariance + JITTER * np.eye(len(self.mean))).astype(np.float64)

    def observed(self, places: npt.NDArray[np.int64], gain: float, sd: float) -> "OpponentModel":
        """Return the belief after one outcome's gain was told to within sd. places: its values among all (issues,)."""
        along = self.covariance[:, places].sum(1)
        weight = along / (float(along[places].sum()) + sd**2)
        mean = self.mean + weight * ((1.0 - gain) - float(self.mean[places].sum()))
        return OpponentModel(mean, self.covariance - np.outer(weight, along))

    def sd(self, places: npt.NDArray[np.int64]) -> float:
        """Return how uncertain the gain of one outcome is."""
        return math.sqrt(max(float(self.covariance[np.ix_(places, places)].sum()), 0.0) + MISFIT**2)

    def gain(self, places: npt.NDArray[np.int64]) -> float:
        """Return the believed gain of one outcome."""
        return 1.0 - float(self.mean[places].sum())


@dataclass(frozen=True, slots=True)
class Shortlist:
    """What all know after the seed: beliefs by party, what was told of outcomes, and what to score now.

    bits: of a score.  count: candidates a round.  left: rounds to come, the open one included.  seed: the joint draw.
    surprise: by party, the mean square of its scores' distances from what was believed, in sds.  told: by outcome and
    party, between what its gain lies, None where it is none.  asked: the open round's candidates.  scales: by party and
    candidate, what its score means (see `scale`).  found: once all rounds are over, the scored outcomes that everyone gains from,
    the best first, with everyone's gains."""

    sizes: Values
    bits: int
    count: int
    left: int
    seed: bytes
    beliefs: tuple[OpponentModel, ...]
    surprise: tuple[float, ...]
    told: dict[int, tuple[Window | None, ...]]
    asked: Values = ()
    scales: tuple[tuple[Scale, ...], ...] = ()
    found: dict[int, tuple[float, ...]] = field(default_factory=dict)

    def after(self, scores: tuple[Values, ...]) -> "Shortlist":
        """Return the knowledge after a round. scores: by party, of `asked`."""
        heard, surprise = len(self.told) + len(self.asked) + TRUST, []
        beliefs = list(self.beliefs)
        columns: list[list[Window | None]] = []
        for party, of in enumerate(scores):
            doubt = math.sqrt(self.surprise[party])
            far = self.surprise[party] * (heard - len(self.asked))
            columns.append([])
            for outcome, score, edges in zip(self.asked, of, self.scales[party], strict=True):
                at, found = places(outcome, self.sizes), (edges[score - 1], edges[score]) if score else None
                sd, mean = self.beliefs[party].sd(at), self.beliefs[party].gain(at)
                far += ((sum(found) / 2 if found else min(mean, 0.0)) - mean) ** 2 / sd**2
                beliefs[party] = learnt(
                    beliefs[party], at, found, sd * doubt, OFF * (doubt - 1.0 if doubt > 1 else 0.0)
                )
                columns[-1].append(found)
            surprise.append(max(far / heard, LEAST_SURPRISE))
        told = self.told | dict(zip(self.asked, zip(*columns, strict=True), strict=True))
        return replace(self, left=self.left - 1, beliefs=tuple(beliefs), surprise=tuple(surprise), told=told).asking()

    def asking(self) -> "Shortlist":
        """Return it with the candidates of the round that is open."""
        if not self.left:
            return replace(self, asked=(), scales=(), found=self._found())
        asked = self._candidates()
        scales = tuple(tuple(self._scale(party, outcome) for outcome in asked) for party in range(len(self.beliefs)))
        return replace(self, asked=asked, scales=scales)

    def _scale(self, party: int, outcome: int) -> Scale:
        known, belief, at = self.told.get(outcome), self.beliefs[party], places(outcome, self.sizes)
        if known and (within := known[party]):
            return finer(within, self.bits)
        return scale(belief.gain(at), belief.sd(at) * math.sqrt(self.surprise[party]), self.bits)

    def menu(self, count: int) -> Values:
        """Return the best scored outcomes by the product of gains, each better than no deal for everyone by their scores."""
        return tuple(self.found)[:count]

    def gains(self, outcome: int) -> tuple[float, ...]:
        """Return everyone's gain of an outcome on the menu: what is believed, as far as what was told allows."""
        return self.found[outcome]

    def _found(self) -> dict[int, tuple[float, ...]]:
        gains = {outcome: self._gains(outcome) for outcome in sorted(self.told)}
        fine = sorted((-round(math.prod(of) / GRID), outcome) for outcome, of in gains.items() if min(of) > 0)
        return {outcome: gains[outcome] for _, outcome in fine}

    def _gains(self, outcome: int) -> tuple[float, ...]:
        at = places(outcome, self.sizes)
        return tuple(
            min(max((belief.gain(at) + sum(found) / 2) / 2, found[0]), found[1]) if found else 0.0
            for belief, found in zip(self.beliefs, self.told[outcome], strict=True)
        )

    def _candidates(self) -> Values:
        """Return `count` outcomes: the believed best first, then the best of draws. One that was scored before comes again
        where it could be best and its gains are known but roughly, or where nothing else is left."""
        chosen: list[int] = []
        roots = [belief.root() * math.sqrt(far) for belief, far in zip(self.beliefs, self.surprise, strict=True)]
        rough = {one: known for one, known in self.told.items() if self._rough(known)}
        for turn in range(self.count):
            losses = [
                belief.drawn(root, self.seed, f"{self.left}/{turn}/{party}") if turn else belief.mean
                for party, (belief, root) in enumerate(zip(self.beliefs, roots, strict=True))
            ]
            value = product([1.0 - over_all(one, self.sizes) for one in losses])
            value[[*self.told, *chosen]] = -np.inf
            for number, (outcome, known) in enumerate(rough.items()):
                if outcome not in chosen:
                    doubt = (
                        normals(self.seed, f"{self.left}/{turn}/again/{number}", len(known))
                        if turn
                        else np.zeros(len(known))
                    )
                    value[outcome] = math.prod(
                        within(part, far) for part, far in zip(known, doubt, strict=True) if part
                    )
            best = int(np.round(value / GRID).argmax())
            if value[best] == -np.inf:
                break
            chosen.append(best)
        return tuple(chosen)

    def _rough(self, known: tuple[Window | None, ...]) -> bool:
        """Whether everyone gains, and somebody's gain could still be told much better."""
        return None not in known and max(part[1] - part[0] for part in known if part) > ROUGH


def within(part: Window, far: float) -> float:
    """Return a gain in a part that is known, so many quarters of its width from its middle."""
    return min(max((part[0] + part[1]) / 2 + far * (part[1] - part[0]) / 4, part[0]), part[1])


def open_with(
    seeds: tuple[Values, ...], sizes: Values, bits: tuple[int, int], plan: tuple[int, int], seed: bytes
) -> Shortlist:
    """Return the knowledge after the seed. seeds: by party.  bits: of a seed's value, of a score.  plan: rounds, candidates."""
    beliefs = tuple(believed(one, sizes, bits[0]) for one in seeds)
    return Shortlist(sizes, bits[1], plan[1], plan[0], seed, beliefs, (1.0,) * len(seeds), {}).asking()


def believed(seed: Values, sizes: Values, bits: int) -> OpponentModel:
    """Return the belief that a coarse seed gives rise to (see utility.coarse): importances, then each issue's values."""
    levels = 2**bits - 1
    parts = np.split(np.array(seed[len(sizes) :], np.float64) / levels, np.cumsum(sizes)[:-1])
    weights = np.array([utility.importance(level) for level in seed[: len(sizes)]])
    spans = [float(part.max() - part.min()) for part in parts]
    total = float(sum(weight * span for weight, span in zip(weights, spans, strict=True))) or 1.0
    share = SPREAD / total
    mean = np.concatenate([(part.max() - part) * weight * share for part, weight in zip(parts, weights, strict=True)])
    sd = np.concatenate(
        [
            np.full(len(part), weight * share / levels / math.sqrt(12) + FINE)
            for part, weight in zip(parts, weights, strict=True)
        ]
    )
    covariance = np.diag(sd**2) + np.outer(mean, mean) * SHARED_DOUBT**2
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        own = mean[start : start + size]
        covariance[start : start + size, start : start + size] += np.outer(own, own) * ISSUE_DOUBT**2
    return OpponentModel(mean, covariance)


def scale(mean: float, sd: float, bits: int) -> Scale:
    """Return the edges (2^bits,) between which the scores 1, 2, ... of a gain lie: fine where it is expected, coarse elsewhere."""
    low, high = max(mean - WIDE * sd, 0.0), min(mean + WIDE * sd, 1.0)
    low = min(low, 1 - LEAST_WINDOW)
    high = max(high, low + LEAST_WINDOW)
    below = [0.0, low / 2] if low > 0 else []
    above = [1.0] if high < 1 else []
    inside = np.linspace(low, high, 2**bits - len(below) - len(above))
    return (*below, *(float(edge) for edge in inside), *above)


def finer(within: Window, bits: int) -> Scale:
    """Return the edges of a gain that is known to lie between two others."""
    return tuple(float(edge) for edge in np.linspace(*within, 2**bits))


def learnt(
    belief: OpponentModel, at: npt.NDArray[np.int64], found: Window | None, sd: float, misfit: float
) -> OpponentModel:
    """Return the belief after what was told of one outcome. sd: of its gain, as expected.  misfit: of gains from any sum."""
    if found is None:
        return belief.observed(at, min(belief.gain(at), -0.05), 0.15)
    return belief.observed(at, (found[0] + found[1]) / 2, math.hypot(0.3 * min(found[1] - found[0], 2 * sd), misfit))


def over_all(parts: Array, sizes: Values) -> Array:
    """Return the sum of one value per issue for every outcome (n,). parts: (f,), all values of all issues."""
    return utility.sum_over(np.split(parts, np.cumsum(sizes)[:-1]))


def places(outcome: int, sizes: Values) -> npt.NDArray[np.int64]:
    """Return where the values of one outcome stand among all values of all issues (issues,)."""
    chosen: npt.NDArray[np.int64] = np.array(np.unravel_index(outcome, sizes), np.int64)
    chosen += np.cumsum([0, *sizes[:-1]])
    return chosen


def settle(options: Values, ballots: tuple[Values, ...], gains: tuple[tuple[float, ...], ...]) -> int | None:
    """Return the option that people's ballots choose; None when somebody said no to each.

    ballots: per party, the place of each option in the menu's order: 0 is best, the number of options is "no".
    gains: per option, everyone's, as agents told them. Each party's gains are put into the order of its person's ballot, and
    the largest product is chosen: where model and person agree it is the model's choice, where not the person's order
    stands.
    """
    if not options:
        return None
    columns = [in_order(ballot, of) for ballot, of in zip(ballots, zip(*gains, strict=True), strict=True)]
    products = [round(math.prod(row) / GRID) for row in zip(*columns, strict=True)]
    fine = [all(ballot[number] < len(options) for ballot in ballots) for number in range(len(options))]
    best = max(((value, -number) for number, value in enumerate(products) if fine[number]), default=None)
    return None if best is None else options[-best[1]]


def in_order(ballot: Values, gains: tuple[float, ...]) -> list[float]:
    """Return the same gains, the largest for the option that the ballot puts first, and so on."""
    ranked = iter(sorted(gains, reverse=True))
    found = dict(
        zip(sorted(range(len(ballot)), key=lambda number: (ballot[number], -gains[number])), ranked, strict=True)
    )
    return [found[number] for number in range(len(ballot))]


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
