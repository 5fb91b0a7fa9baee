"""What does privacy cost a community? Accuracy for people nobody has met, after rounds of private aggregation.

Everyone of the training people stands at a node: in each round a Poisson sample of them computes its statistics by the
node's own code, they are clipped and summed, noise is added, and the release is built by the coordinator's own code from all
rounds so far. Then unseen people are predicted from k of their answers, as in `learning`. `people` says how many stand behind a
release: `as given`, or `times ten (simulated)`, where ten people answer alike but flip coins of their own.

The last rows hold the product's strategy, fed with real messages of Flower's, against the plain sum of this study (`flower`): the
largest difference of any number, in units of the clip, without noise. Tuned on seeds 101 to 110, reported on seed 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_coordinator.federation.build import Sum, accuracy, build
from weal_node.features.encoder import Encoder
from weal_node.loop.contribute import Ask, Own, statistics
from weal_node.loop.learn import Ground, ground, learn
from weal_node.records import State
from weal_node.reward import private_head
from weal_node.reward.prior import from_representation
from weal_protocol import accounting
from weal_protocol.contribution import FACTORS, LIGHT, length
from weal_protocol.representation import SHARED, Representation, empty
from weal_simulations import choices, town
from weal_simulations.choices import Choices, Person
from weal_simulations.studies import heads, learning
from weal_simulations.studies.flower import largest_difference
from weal_simulations.study import Floor, Progress, Row, Study, row

Array = npt.NDArray[np.float64]
PEOPLE = 1_000_000  # all there are
ROUNDS = 20
RATE = 0.2
DELTA = 1e-5
CLIP = 1.0
JUDGES = 10
KNOWN = (5, 20)
BUDGETS: tuple[float | None, ...] = (None, 8.0, 3.0, 1.0)
TIERS = (LIGHT, FACTORS, "label-private")
TENFOLD = 10
FIFTH = 5
FLOORS = {  # accuracy at k = 5 and 20, people as given, by tier and epsilon
    (LIGHT, None): (0.780, 0.795),
    (LIGHT, 3.0): (0.777, 0.792),
    (LIGHT, 1.0): (0.767, 0.781),
    (FACTORS, None): (0.799, 0.822),
    (FACTORS, 8.0): (0.785, 0.805),
    (FACTORS, 3.0): (0.774, 0.791),
}
TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Town:
    """A collection laid out once: its states, their embeddings (items, 384), and the rows of items in the catalogue's order."""

    found: Choices
    states: tuple[State, ...]
    vectors: npt.NDArray[np.float32]
    catalogue: tuple[str, ...]


def run(
    seed: int,
    people: int,
    progress: Progress,
    data: Path | None = None,
    epsilons: Sequence[float | None] = BUDGETS,
    splits: int = 1,
) -> Study:
    """Run every tier under every budget; epsilon None is without noise."""
    progress(0.0, "reading")
    found = choices.read(data) if data else choices.of_opinions(town.opinions(seed))
    vectors = Encoder.load().embed(list(found.texts))
    states = tuple(State(name, text) for name, text in zip(found.ids, found.texts, strict=True))
    here = Town(found, states, vectors, tuple(sorted(found.ids)))
    plan = [
        (tier, budget, copies)
        for tier in TIERS
        for budget in epsilons
        for copies in ((1, TENFOLD) if tier == FACTORS and budget is not None else (1,))
    ]
    kept: dict[tuple[str, float | None, int, int], dict[int, list[tuple[float, float]]]] = {}
    reports: dict[tuple[str, float | None, int], list[tuple[float, float]]] = {}
    for one in range(splits):
        split = learning.divide(found, [seed, one], people)
        for step, (tier, budget, copies) in enumerate(plan):
            share = (one + step / len(plan)) / splits
            progress(share, f"split {one + 1}: {tier}, epsilon {budget or 'none'}")
            draw = np.random.default_rng([seed, one, step])
            release, told = aggregate(here, split.others, tier, budget, copies, draw)
            reports.setdefault((tier, budget, copies), []).append(told)
            for k, number, measured in _predicted(here, split, release):
                kept.setdefault((tier, budget, copies, k), {}).setdefault(number, []).append(measured)
    rows = [_row(key, measured, reports[key[:3]]) for key, measured in kept.items()]
    rows += [
        row("flower", {"layout": layout}, {"largest_difference": [largest_difference(layout, seed)]})
        for layout in (LIGHT, FACTORS)
    ]
    real = found.source.endswith("bowling-green")
    return Study("federation", seed, tuple(rows), tuple(_floors(rows)) if real else ())


def sigma_of(budget: float | None, rounds: int = ROUNDS, rate: float = RATE) -> float:
    """Return the noise multiplier at which so many rounds cost at most this epsilon; 0 without a budget."""
    if budget is None:
        return 0.0
    low, high = 0.3, 64.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if accounting.epsilon(rounds, rate, middle, DELTA) > budget else (low, middle)
    return high


def aggregate(
    here: Town,
    people: Sequence[Person],
    tier: str,
    budget: float | None,
    copies: int,
    draw: np.random.Generator,
) -> tuple[Representation, tuple[float, float]]:
    """Return the release after ROUNDS rounds, and the accuracy that members reported through the noise, with its error."""
    sigma, layout = sigma_of(budget), FACTORS if tier != LIGHT else LIGHT
    release, sums = empty(), list[Sum]()
    hidden = _hidden(here, people) if tier == "label-private" else None
    for number in range(ROUNDS):
        on = ground(here.states, here.vectors, release)
        ask = Ask(layout, here.catalogue, CLIP, release.number)
        total = np.zeros(length(len(here.catalogue), layout))
        for place, person in enumerate(people):
            count = int(draw.binomial(copies, RATE))
            if count:
                own = _own(here, on, person) if hidden is None else Own(on, (), *hidden[place])
                total += count * statistics(own, ask, tier)
        if sigma:
            total += draw.normal(0.0, sigma * CLIP, len(total))
        sums.append(Sum(here.catalogue, copies * len(people), total, RATE, sigma or 1e-9, CLIP, layout))
        release = build(sums, minimum_judges=JUDGES, number=number + 1)
    return release, accuracy(sums[-10:])


def _own(here: Town, on: Ground, person: Person) -> Own:
    prior, votes = from_representation(on.representation), _votes(here, person)
    every = np.arange(len(person.yes))
    guessing = heads.heads([person.at(every[every % FIFTH > 0])], on.phi, on.bias, prior.mean, prior.covariance)[0].mean
    asked = person.at(every[every % FIFTH == 0])
    right = ((on.bias[asked.item] + on.phi[asked.item] @ guessing > 0) == (asked.yes > 0.5)).mean()
    fitted = heads.heads([person], on.phi, on.bias, prior.mean, prior.covariance)[0]
    return Own(on, votes, fitted.mean[:SHARED], np.diag(fitted.covariance)[:SHARED].copy(), float(right))


def _votes(here: Town, person: Person) -> list[tuple[str, int]]:
    single = person.other < 0
    return [
        (here.found.ids[item], 1 if yes > 0.5 else -1)
        for item, yes in zip(person.item[single], person.yes[single], strict=True)
    ]


def _hidden(here: Town, people: Sequence[Person]) -> list[tuple[Array, Array]]:
    """Return everyone's head by DP-SGD, trained once under the built-in prior, and the population's variance."""
    on = ground(here.states, here.vectors, empty())
    prior = from_representation(empty())
    variance = np.diag(prior.covariance)[:SHARED].copy()
    found = []
    for person in people:
        ends = np.zeros((len(person.yes), 2, SHARED))
        ends[:, 0] = on.phi[person.item, :SHARED]
        paired = person.other >= 0
        ends[paired, 1] = on.phi[person.other[paired], :SHARED]
        trained = private_head.train(ends, np.zeros(len(ends)), person.yes, prior.mean[:SHARED].copy())
        found.append((trained.weights, variance))
    return found


def _predicted(
    here: Town, split: learning.Split, release: Representation
) -> list[tuple[int, int, tuple[float, float]]]:
    """Return (k, person, (accuracy, log-loss)) on seen statements."""
    on, found = ground(here.states, here.vectors, learning.within(release, here.found, split)), []
    for subject in split.subjects:
        for k in KNOWN:
            some = subject.known.at(np.arange(min(k, len(subject.known.yes))))
            belief = learn(on, learning.labels(here.found, some))
            ask: Callable[[Person], tuple[Array, Array]] = partial(learning.believed, belief)
            for _, _, regime, number, (p, score, yes) in learning.predicted("", k, subject, ask):
                if regime == "seen":
                    right = float(((score > 0) == (yes > 0.5)).mean())
                    found.append((k, number, (right, learning.log_loss(p, yes))))
    return found


def _row(
    key: tuple[str, float | None, int, int],
    measured: dict[int, list[tuple[float, float]]],
    told: Sequence[tuple[float, float]],
) -> Row:
    tier, budget, copies, k = key
    means = np.array([np.mean(one, axis=0) for one in measured.values()])
    people = "as given" if copies == 1 else "times ten (simulated)"
    keys = {"epsilon": budget if budget is not None else "none", "people": people, "k": k}
    reported = [share for share, _ in told if share]
    return row(tier, keys, {"accuracy": means[:, 0], "log_loss": means[:, 1], "reported": reported})


def _floors(rows: Sequence[Row]) -> list[Floor]:
    def at(tier: str, budget: float | None, k: int) -> float:
        said = (tier, budget if budget is not None else "none", "as given", k)
        found = [
            one["accuracy"] for one in rows if tuple(one.get(n) for n in ("method", "epsilon", "people", "k")) == said
        ]
        return float(found[0]) if found else float("nan")

    found = [
        Floor(
            f"federation: {tier}, epsilon {budget or 'none'}, k = {k}",
            at(tier, budget, k),
            floor - TOLERANCE,
            at_least=True,
        )
        for (tier, budget), floors in FLOORS.items()
        for k, floor in zip(KNOWN, floors, strict=True)
        if np.isfinite(at(tier, budget, k))
    ]
    worst = max(float(one["largest_difference"]) for one in rows if one["method"] == "flower")
    return [*found, Floor("federation: the Flower path against the plain sum", worst, 1e-6, at_least=False)]
