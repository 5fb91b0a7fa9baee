"""Best of n by a learnt score: does choosing harder make the person worse off?

Four worlds (design, reward: "Goodhart"): in `linear` the learnt head is of the true form; in `saturate` too much of a good thing is bad; in `hazard` one proposal in
fifty has a feature that no label has seen and that harms; in `proxy` a feature goes along with utility in labelled life and is pushed apart from it by
proposals. k = 40 labels on pairs of ordinary states, then one of n proposals is taken. `mean`: by the mean alone. `careful`: by mean - 1 sd. `weal`: the
product's rule for what is picked without asking (reward/choose.py: support, then mean - 1 sd). `few, supported`: the same among the first 16 alone. `asked`: at most five are shown against the best ordinary state,
in the order of that rule, and the person decides.

What is measured is the rule, on made-up worlds, not a node at work: Today puts questions and picks nothing, and takes from that module only what is known ground (today/today.py). Where a node picks by it stands in node/decisions.

Utility is in standard deviations over ordinary states, 0 being the average one. Tuned on seeds 101 to 110, reported on seed 1.
"""

import numpy as np
import numpy.typing as npt

from weal_node.reward.choose import choose, support
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prediction import scores
from weal_node.reward.prior import Prior
from weal_simulations.bench.study import Floor, Progress, Row, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "Does choosing harder by a learnt score make the person worse off?"
PEOPLE = 200
LABELS = 40
SIZES = (1, 10, 100, 1_000, 10_000)
WORLDS = ("linear", "saturate", "hazard", "proxy")
SEEN, HIDDEN = 24, 8
FEW = 16
WIDTH = SEEN + HIDDEN
STEEPNESS = 2.0
PRIOR = Prior(np.zeros(WIDTH), np.eye(WIDTH) * STEEPNESS**2 / SEEN, "goodhart study")
METHODS = ("mean", "careful", "few, supported", "weal", "asked")


class World:
    """One person's true utility, what they have met and what may be proposed to them."""

    def __init__(self, name: str, draw: np.random.Generator) -> None:
        self.name, self.draw = name, draw
        self.taste = np.zeros(SEEN)
        self.taste[draw.choice(SEEN, 5, replace=False)] = draw.standard_normal(5)
        sample = self._raw(self._ordinary(4_000))
        self.middle, self.spread = float(sample.mean()), float(sample.std())

    def _raw(self, x: Array) -> Array:
        seen = x[:, :SEEN]
        if self.name == "saturate":
            seen = np.where(np.abs(seen) <= 1.5, seen, np.sign(seen) * (3.0 - np.abs(seen)))
        raw: Array = seen @ self.taste
        return raw

    def utility(self, x: Array) -> Array:
        """Return the true utility (n,) of states (n, WIDTH)."""
        found = (self._raw(x) - self.middle) / self.spread
        if self.name == "hazard":
            found -= 1.5 * (np.linalg.norm(x[:, SEEN:], axis=1) - 0.05 * np.sqrt(HIDDEN))
        if self.name == "proxy":
            found -= np.maximum(0.0, x[:, SEEN] - 2.0)
        return found

    def _ordinary(self, count: int) -> Array:
        x = 0.05 * self.draw.standard_normal((count, WIDTH))
        x[:, :SEEN] = self.draw.standard_normal((count, SEEN))
        return x

    def met(self, count: int) -> Array:
        """Return states of ordinary life (n, WIDTH)."""
        x = self._ordinary(count)
        if self.name == "proxy":
            x[:, SEEN] = 0.8 * (x[:, :SEEN] @ self.taste) / self.spread + 0.6 * self.draw.standard_normal(count)
        return x

    def proposed(self, count: int) -> Array:
        """Return proposals (n, WIDTH), which reach farther than ordinary life."""
        x = self._ordinary(count)
        x[:, :SEEN] *= np.clip(np.sqrt(3.0 / self.draw.chisquare(3, count)), 0, 4)[:, None]
        if self.name == "hazard":
            odd = self.draw.random(count) < 0.02
            x[odd, SEEN:] = 3.0 * self.draw.standard_normal((int(odd.sum()), HIDDEN))
        if self.name == "proxy":
            x[:, SEEN] = 2.0 * self.draw.standard_t(3, count)
        return x


def run(seed: int, people: int, progress: Progress) -> Study:
    """Run all methods on the same people and proposals."""
    rows: list[Row] = []
    floors: list[Floor] = []
    for number, world in enumerate(WORLDS):
        found = []
        for person in range(people):
            progress((number + person / people) / len(WORLDS), world)
            found.append(live(seed, person, world))
        for n in SIZES:
            for method in METHODS:
                gained = np.array([one[method, n] for one in found])
                rows.append(row(method, {"world": world, "n": n}, {"utility": gained, "bad": gained < 0}))
        last = np.array([one["weal", SIZES[-1]] for one in found])
        floors.append(Floor(f"goodhart: utility in {world}, n = {SIZES[-1]}", float(last.mean()), 1.2, at_least=True))
        floors.append(
            Floor(f"goodhart: share worse than average in {world}", float((last < 0).mean()), 0.05, at_least=False)
        )
    return Study("goodhart", seed, tuple(rows), tuple(floors))


def live(seed: int, person: int, world: str) -> dict[tuple[str, int], float]:
    """Return what one person gets by each method and number of proposals."""
    life = World(world, np.random.default_rng([seed, person, WORLDS.index(world)]))
    first, second = life.met(LABELS), life.met(LABELS)
    posterior = _learnt(life, first, second)
    ground = support(np.vstack([first, second]))
    proposals = life.proposed(SIZES[-1])
    true, offset = life.utility(proposals), np.zeros(len(proposals))
    mean, variance = scores(posterior, proposals, offset)
    careful, inside = mean - np.sqrt(variance), ground.inside(proposals)
    met = np.vstack([first, second])
    own = int(np.argmax(met @ posterior.mean))
    found = {}
    for n in SIZES:
        few = slice(0, n)
        found["mean", n] = float(true[np.argmax(mean[few])])
        found["careful", n] = float(true[np.argmax(careful[few])])
        held = np.flatnonzero(inside[: min(n, FEW)])
        found["few, supported", n] = float(true[held[np.argmax(careful[held])]]) if len(held) else 0.0
        # Against an average day, not against the person's best: what is measured is a choice that somebody has to make.
        pick = choose(mean[few], variance[few], inside[few], -np.inf)
        found["weal", n] = float(true[pick.done]) if pick.done is not None else 0.0
        found["asked", n] = _asked(
            life, proposals[few], true[few], mean[few], variance[few], inside[few], met[own], posterior
        )
    return found


def _learnt(life: World, first: Array, second: Array) -> Posterior:
    better = 1 / (1 + np.exp(-STEEPNESS * (life.utility(first) - life.utility(second))))
    said = (life.draw.random(len(first)) < better).astype(float)
    return fit(Rows(first - second, np.zeros(len(said)), said, ()), PRIOR)


def _asked(
    life: World,
    proposals: Array,
    true: Array,
    mean: Array,
    variance: Array,
    inside: npt.NDArray[np.bool_],
    own: Array,
    posterior: Posterior,
) -> float:
    """Return the utility the person ends with when shown what the product would ask about, each against what they have by then."""
    worth = float(life.utility(own[None])[0])
    answers = np.random.default_rng(life.draw.integers(2**32))
    for candidate in choose(mean, variance, inside, float(own @ posterior.mean)).ask:
        if answers.random() < 1 / (1 + np.exp(-STEEPNESS * (true[candidate] - worth))):
            worth = float(true[candidate])
    return worth
