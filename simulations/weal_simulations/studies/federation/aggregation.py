"""A community's rounds of private aggregation, without a network: contributions as nodes make them, summed, noised and built as the coordinator does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from weal_coordinator.federation.build import Sum, accuracy, build
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import learn
from weal_node.records import Item
from weal_node.reward import private_head
from weal_node.reward.prior import from_representation
from weal_protocol import accounting
from weal_protocol.contribution import FACTORS, LIGHT, length
from weal_protocol.representation import SHARED, Representation, empty
from weal_simulations.studies.federation import batch
from weal_simulations.studies.federation.batch import Group, GroupReports
from weal_simulations.studies.reward import learning
from weal_simulations.worlds.choices import ChoicePerson, Choices

Array = npt.NDArray[np.float64]
CLIP, JUDGES = 1.0, 10
KNOWN = (5, 20)
FIFTH = 5
REPORTED = 10  # rounds of which reported accuracies are averaged
LABEL_PRIVATE = "label-private"


@dataclass(frozen=True, slots=True)
class Rules:
    """How rounds run. rounds: how many.  rate: chance of each person to be in one.  delta: of (epsilon, delta)."""

    rounds: int
    rate: float
    delta: float

    def sigma(self, budget: float | None) -> float:
        """Return the noise multiplier at which all rounds cost at most this epsilon; 0 without a budget."""
        if budget is None:
            return 0.0
        low, high = 0.3, 64.0
        while high - low > 1e-3 * low:
            middle = (low + high) / 2
            spent = accounting.epsilon(self.rounds, self.rate, middle, self.delta)
            low, high = (middle, high) if spent > budget else (low, middle)
        return high


@dataclass(frozen=True, slots=True)
class Town:
    """A collection laid out once: its states, their embeddings (items, WIDTH), and the rows of items in the catalogue's order."""

    found: Choices
    states: tuple[Item, ...]
    vectors: npt.NDArray[np.float32]
    catalogue: tuple[str, ...]

    def feature_space(self, release: Representation) -> FeatureSpace:
        """Lay out the states under a release."""
        return feature_space(self.states, self.vectors, release)


@dataclass(slots=True)
class StudyCrowd:
    """The members. hidden: (people, SHARED), everyone's head by DP-SGD, trained when first asked for: no round changes it."""

    people: tuple[ChoicePerson, ...]
    groups: tuple[Group, ...]
    hidden: Array | None = field(default=None)


def aggregate(
    here: Town,
    crowd: StudyCrowd,
    tier: str,
    rules: Rules,
    sigma: float,
    copies: int,
    draw: np.random.Generator,
    step: Callable[[float], None] = lambda _: None,
) -> tuple[Representation, tuple[float, float]]:
    """Return the release after all rounds, and the accuracy that members reported through the noise, with its error.

    copies: so many people answer like each member, and flip coins of their own.  step: told which share of the rounds is over.
    """
    layout = FACTORS if tier == FACTORS else LIGHT
    release, sums = empty(), list[Sum]()
    start = np.zeros((len(crowd.people), SHARED))
    step(0.0)
    if tier == LABEL_PRIVATE and crowd.hidden is None:
        crowd.hidden = _hidden(here, crowd.people)
    for number in range(rules.rounds):
        on = here.feature_space(release)
        times = draw.binomial(copies, rules.rate, len(crowd.people))
        if tier == LABEL_PRIVATE:
            said = _hiding(crowd, times)
        else:
            said = _telling(crowd, times, on, start, report=number >= rules.rounds - REPORTED)
        total = batch.total(on, layout, CLIP, said, answers=tier != LABEL_PRIVATE)
        if sigma:
            total += draw.normal(0.0, sigma * CLIP, length(len(here.catalogue), layout))
        population = copies * len(crowd.people)
        sums.append(Sum(here.catalogue, population, total, rules.rate, sigma or 1e-9, CLIP, layout))
        release = build(sums, minimum_judges=JUDGES, number=number + 1)
        step((number + 1) / rules.rounds)
    return release, accuracy(sums[-REPORTED:])


def _telling(
    crowd: StudyCrowd, times: npt.NDArray[np.int64], on: FeatureSpace, start: Array, *, report: bool
) -> Iterator[tuple[Group, Array, GroupReports]]:
    """Yield what those who are drawn say under this ground; keeps their heads in `start` (people, SHARED), from where they go on."""
    prior = from_representation(on.representation)
    phi, mean, covariance = on.phi[:, :SHARED], prior.mean[:SHARED], prior.covariance[:SHARED, :SHARED]
    for everyone in crowd.groups:
        drawn = np.flatnonzero(times[everyone.number])
        if not len(drawn):
            continue
        group = everyone.at(drawn)
        w, variance = batch.heads(group, phi, on.bias, mean, covariance, start[group.number])
        start[group.number] = w
        told = batch.guessed(group, phi, on.bias, mean, covariance, FIFTH) if report else None
        yield group, times[group.number].astype(float), GroupReports(w, variance, told)


def _hiding(crowd: StudyCrowd, times: npt.NDArray[np.int64]) -> Iterator[tuple[Group, Array, GroupReports]]:
    assert crowd.hidden is not None
    variance = np.diag(from_representation(empty()).covariance)[:SHARED]
    for group in crowd.groups:
        mean = crowd.hidden[group.number]
        yield group, times[group.number].astype(float), GroupReports(mean, np.tile(variance, (len(mean), 1)))


def _hidden(here: Town, people: tuple[ChoicePerson, ...]) -> Array:
    """Return everyone's head by DP-SGD, trained once under the built-in prior."""
    phi = here.feature_space(empty()).phi[:, :SHARED]
    mean = from_representation(empty()).mean[:SHARED]
    found = np.zeros((len(people), SHARED))
    for number, person in enumerate(people):
        ends = np.zeros((len(person.yes), 2, SHARED))
        ends[:, 0] = phi[person.item]
        paired = person.other >= 0
        ends[paired, 1] = phi[person.other[paired]]
        found[number] = private_head.train(ends, np.zeros(len(ends)), person.yes, mean.copy()).weights
    return found


def predicted(here: Town, split: learning.Split, release: Representation) -> list[tuple[int, int, tuple[float, float]]]:
    """Return (k, person, (accuracy, log-loss)) on seen statements, of people whom nobody met, from k of their answers."""
    on, found = here.feature_space(learning.within(release, here.found, split)), []
    for subject in split.subjects:
        for k in KNOWN:
            some = subject.known.at(np.arange(min(k, len(subject.known.yes))))
            fitted = learn(on, learning.answers(here.found, some))
            ask: Callable[[ChoicePerson], tuple[Array, Array]] = partial(learning.believed, fitted)
            for _, _, regime, number, (p, score, yes) in learning.predicted("", k, subject, ask):
                if regime == "seen":
                    right = float(((score > 0) == (yes > 0.5)).mean())
                    found.append((k, number, (right, learning.log_loss(p, yes))))
    return found
