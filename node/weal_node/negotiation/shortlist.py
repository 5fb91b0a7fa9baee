"""Which outcomes to score next, and what is on the menu: computed alike by all from what everyone was told.

Candidates are drawn from what is believed of everyone (opponent_model.py; Thompson 1933), by the product of gains (Nash 1950). Twelve
messages come within one percent of the full-information product where issues are independent (simulations/LOG.md, 2026-11-25, Negotiation:
deals of many, strangers, liars, chains: `bargaining`). Constants: tuned there too, on seeds 101 to 104 (node/decisions/0013).
"""

import functools
import math
from dataclasses import dataclass, field, replace

import numpy as np

from weal_node.negotiation import opponent_model, utility
from weal_node.negotiation.ballots import GRID
from weal_node.negotiation.opponent_model import Array, OpponentModel, Places, Scale, Window
from weal_node.negotiation.seed import normals
from weal_node.negotiation.transcript import Values

Gains = tuple[float, ...]  # by party
Told = tuple[Window | None, ...]  # by party: between what its gain of an outcome lies, None where it is none
ROUGH = 0.06  # width from which a gain is known but roughly
OFF = 0.03  # sd of what issues add together, for each sd of surprise beyond the first
TRUST = 4  # scores' worth of trust in one's own doubt
LEAST_SURPRISE = 0.25


@dataclass(frozen=True, slots=True)
class Shortlist:
    """What all know after the seed.

    bits: of a score.
    count: candidates a round.
    left: rounds to come, the open one included.
    seed: the joint draw.
    beliefs: by party.
    surprise: by party, the mean square of its scores' distances from what was believed, in sds.
    disclosed: by outcome, what was told of it.
    asked: the open round's candidates.
    scales: by party and candidate, what its score means (opponent_model.scale).
    ranked: once all rounds are over, the scored outcomes that everyone gains from, the best first, with everyone's gains.
    """

    sizes: Values
    bits: int
    count: int
    left: int
    seed: bytes
    beliefs: tuple[OpponentModel, ...]
    surprise: tuple[float, ...]
    disclosed: dict[int, Told]
    asked: Values = ()
    scales: tuple[tuple[Scale, ...], ...] = ()
    ranked: dict[int, Gains] = field(default_factory=dict)

    def after(self, scores: tuple[Values, ...]) -> "Shortlist":
        """Return the knowledge after a round. scores: by party, of `asked`."""
        beliefs, surprises, columns = [], [], []
        for party, of_party in enumerate(scores):
            windows = self._windows(party, of_party)
            belief, surprise = self._learnt(party, windows)
            beliefs.append(belief)
            surprises.append(surprise)
            columns.append(windows)
        disclosed = self.disclosed | dict(zip(self.asked, zip(*columns, strict=True), strict=True))
        heard = replace(self, beliefs=tuple(beliefs), surprise=tuple(surprises), disclosed=disclosed)
        return replace(heard, left=self.left - 1).asking()

    def _windows(self, party: int, scores: Values) -> list[Window | None]:
        """Return what a party's scores say of its gains, by candidate."""
        windows = list[Window | None]()
        for score, edges in zip(scores, self.scales[party], strict=True):
            windows.append((edges[score - 1], edges[score]) if score else None)
        return windows

    def _learnt(self, party: int, windows: list[Window | None]) -> tuple[OpponentModel, float]:
        """Return what is believed of a party after a round, and how much its scores have surprised so far."""
        before, heard = self.beliefs[party], len(self.disclosed) + TRUST
        far, doubt = self.surprise[party] * heard, math.sqrt(self.surprise[party])
        misfit = OFF * (doubt - 1.0 if doubt > 1 else 0.0)
        belief = before
        for outcome, window in zip(self.asked, windows, strict=True):
            at = places(outcome, self.sizes)
            sd, mean = before.sd(at), before.gain(at)
            far += ((sum(window) / 2 if window else min(mean, 0.0)) - mean) ** 2 / sd**2
            belief = belief.learnt(at, window, sd * doubt, misfit)
        return belief, max(far / (heard + len(self.asked)), LEAST_SURPRISE)

    def asking(self) -> "Shortlist":
        """Return it with the candidates of the round that is open."""
        if not self.left:
            return replace(self, asked=(), scales=(), ranked=self._ranked())
        asked, scales = self._candidates(), list[tuple[Scale, ...]]()
        for party in range(len(self.beliefs)):
            scales.append(tuple(map(functools.partial(self._scale, party), asked)))
        return replace(self, asked=asked, scales=tuple(scales))

    def _scale(self, party: int, outcome: int) -> Scale:
        known, belief, at = self.disclosed.get(outcome), self.beliefs[party], places(outcome, self.sizes)
        if known and (window := known[party]):
            return opponent_model.finer(window, self.bits)
        return opponent_model.scale(belief.gain(at), belief.sd(at) * math.sqrt(self.surprise[party]), self.bits)

    def menu(self, count: int) -> Values:
        """Return the best scored outcomes by the product of gains, each better than no deal for everyone by their scores."""
        return tuple(self.ranked)[:count]

    def gains(self, outcome: int) -> Gains:
        """Return everyone's gain of an outcome on the menu: what is believed, as far as what was told allows."""
        return self.ranked[outcome]

    def _ranked(self) -> dict[int, Gains]:
        better = []
        for outcome in sorted(self.disclosed):
            gains = self._gains(outcome)
            if min(gains) > 0:
                better.append((-round(math.prod(gains) / GRID), outcome, gains))
        return {outcome: gains for _, outcome, gains in sorted(better)}

    def _gains(self, outcome: int) -> Gains:
        at, gains = places(outcome, self.sizes), list[float]()
        for belief, window in zip(self.beliefs, self.disclosed[outcome], strict=True):
            if window is None:
                gains.append(0.0)
            else:
                gains.append(min(max((belief.gain(at) + sum(window) / 2) / 2, window[0]), window[1]))
        return tuple(gains)

    def _candidates(self) -> Values:
        """Return `count` outcomes: the believed best first, then the best of draws. One that was scored before comes again
        where it could be best and its gains are known but roughly, or where nothing else is left."""
        chosen: list[int] = []
        roots = []
        for belief, far in zip(self.beliefs, self.surprise, strict=True):
            roots.append(belief.root() * math.sqrt(far))
        rough = {outcome: known for outcome, known in self.disclosed.items() if is_rough(known)}
        for turn in range(self.count):
            value = product(self._drawn_gains(turn, roots))
            value[[*self.disclosed, *chosen]] = -np.inf
            for number, (outcome, known) in enumerate(rough.items()):
                if outcome not in chosen:
                    value[outcome] = self._again(turn, number, known)
            best = int(np.round(value / GRID).argmax())
            if value[best] == -np.inf:
                break
            chosen.append(best)
        return tuple(chosen)

    def _drawn_gains(self, turn: int, roots: list[Array]) -> list[Array]:
        """Return everyone's gains of all outcomes (n,): as believed in the first turn, drawn in the others."""
        gains = []
        for party, (belief, root) in enumerate(zip(self.beliefs, roots, strict=True)):
            losses = belief.drawn(root, self.seed, f"{self.left}/{turn}/{party}") if turn else belief.mean
            gains.append(1.0 - over_all(losses, self.sizes))
        return gains

    def _again(self, turn: int, number: int, known: Told) -> float:
        """Return what an outcome that is known but roughly could be worth: its middle in the first turn, drawn in the others."""
        doubts = np.zeros(len(known))
        if turn:
            doubts = normals(self.seed, f"{self.left}/{turn}/again/{number}", len(known))
        return math.prod(within(window, far) for window, far in zip(known, doubts, strict=True) if window)


def is_rough(known: Told) -> bool:
    """Whether everyone gains, and somebody's gain could still be told much better."""
    return None not in known and max(window[1] - window[0] for window in known if window) > ROUGH


def within(window: Window, far: float) -> float:
    """Return a gain in a window, so many quarters of its width from its middle."""
    low, high = window
    return min(max((low + high) / 2 + far * (high - low) / 4, low), high)


def open_with(
    seeds: tuple[Values, ...], sizes: Values, bits: tuple[int, int], plan: tuple[int, int], seed: bytes
) -> Shortlist:
    """Return the knowledge after the seed. seeds: by party.  bits: of a seed's value, of a score.  plan: rounds, candidates."""
    beliefs = tuple(opponent_model.believed(values, sizes, bits[0]) for values in seeds)
    return Shortlist(sizes, bits[1], plan[1], plan[0], seed, beliefs, (1.0,) * len(seeds), {}).asking()


def over_all(parts: Array, sizes: Values) -> Array:
    """Return the sum of one value per issue for every outcome (n,). parts: (f,), all values of all issues."""
    return utility.sum_over(np.split(parts, np.cumsum(sizes)[:-1]))


def places(outcome: int, sizes: Values) -> Places:
    """Return where the values of one outcome are among all values of all issues (issues,)."""
    chosen: Places = np.array(np.unravel_index(outcome, sizes), np.int64)
    chosen += np.cumsum([0, *sizes[:-1]])
    return chosen


def product(gains: list[Array]) -> Array:
    """Product of gains (n,) where all are positive; elsewhere below any of these, by the worst one's."""
    worst = functools.reduce(np.minimum, gains)
    together = functools.reduce(np.multiply, [np.maximum(of_party, 0.0) for of_party in gains])
    value: Array = np.where(worst > 0, together, -1 + np.minimum(worst, 0))
    return value
