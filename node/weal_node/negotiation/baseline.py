"""What a deal should bring this side if the others are honest, from nothing but what this side knows itself.

The others are drawn from a prior: whoever is given hours gains by them, ever less by each further hour; whoever gives hours
pays for them, ever more; what nobody gives is valued by everyone in their own way, or against ours. How dear an hour is to them
is guessed half from how dear it is to us, half from people at large. Each draw has a best product of gains (Nash 1950), and
that leaves this side a share of its best gain: their mean and sd are the baseline. Nobody's claims come into it. The prior's constants:
node/decisions/0014; simulations/LOG.md, 2026-11-28, A floor from one's own baseline.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.negotiation import utility
from weal_node.negotiation.space import Issue, OptionSpace

Array = npt.NDArray[np.float64]
DRAWS = 96  # of the others
FEWEST = 8  # draws in which everyone gains by something, below which nothing is expected
MOST_OUTCOMES = 4_096  # looked at; of more, so many are sampled
DEARNESS = 0.5  # what hours cost whoever gives them, of what hours bring whoever gets them: people at large
PERSONAL = 0.5  # sd of a logarithm: how much one person's worths and costs differ from another's
CONTESTED = 0.5  # chance that two sides want the contrary of what nobody gives
OWN_PART = 0.2  # of a contested issue that is still one's own taste
MOST_RESERVED = 0.5  # of the way from their worst to their best: what others have without a deal, where no hours say so


@dataclass(frozen=True, slots=True)
class Baseline:
    """mean, sd: of this side's gain, as a share of its best, over others who might be sitting there."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class _Prior:
    """What others are drawn from.

    options: the space.
    parts: what each value of each issue adds to this side's own gain.
    looked: (k, issues) the outcomes looked at, as the value of each issue.
    dearness: what giving costs others, of what getting brings them.
    """

    options: OptionSpace
    parts: list[Array]
    looked: npt.NDArray[np.int64]
    dearness: float


def baseline(utilities: Array, options: OptionSpace, party: int) -> Baseline | None:
    """Return what honest others would leave this side; None where too few of those drawn would make any deal.
    utilities: this side's gains over no deal (n,), in the order of `space.outcomes`.  The same for the same arguments."""
    best = float(utilities.max())
    if best <= 0:
        return None
    generator = np.random.default_rng(len(utilities))
    looked = np.arange(len(utilities))
    if len(looked) > MOST_OUTCOMES:
        looked = np.append(generator.choice(looked, MOST_OUTCOMES, replace=False), utilities.argmax())
    values = np.stack(np.unravel_index(looked, options.sizes), 1)
    own, parts = utilities[looked], utility.contributions(utilities, options.sizes)
    prior = _Prior(options, parts, values, _dearness(parts, options, party))
    left = []
    for _ in range(DRAWS):
        product = np.maximum(own, 0.0)
        for other in range(len(options.parties)):
            if other != party:
                product = product * np.maximum(_drawn(generator, prior, other), 0.0)
        if product.max() > 0:
            left.append(float(own[product.argmax()]) / best)
    return Baseline(float(np.mean(left)), float(np.std(left))) if len(left) >= FEWEST else None


def _dearness(parts: list[Array], options: OptionSpace, party: int) -> float:
    """Return what giving costs others, of what getting brings them: the geometric mean of one's own and people's at large."""
    gets, gives = list[float](), list[float]()
    for part, issue in zip(parts, options.issues, strict=True):
        if _gets(issue, party):
            gets.append(float(np.ptp(part)))
        if issue.giver == party:
            gives.append(float(np.ptp(part)))
    own = np.mean(gives) / np.mean(gets) if gives and gets and min(np.mean(gives), np.mean(gets)) > 0 else DEARNESS
    return float(np.sqrt(own * DEARNESS))


def _gets(issue: Issue, party: int) -> bool:
    return issue.giver not in {None, party} and issue.taker in {None, party}


def _drawn(generator: np.random.Generator, prior: _Prior, other: int) -> Array:
    """Return one other's gains over no deal of the outcomes looked at (k,), drawn from the prior."""
    issues, parts = prior.options.issues, prior.parts
    spans = list(map(float, map(np.ptp, parts)))
    plain = [number for number, issue in enumerate(issues) if issue.giver is None]
    matters = dict(zip(plain, generator.dirichlet(np.ones(len(plain))), strict=True)) if plain else {}
    total, typical = sum(spans[number] for number in plain), float(np.mean(spans))
    gains = np.zeros(len(prior.looked))
    for number, issue in enumerate(issues):
        if issue.giver is None:
            values = _taste(generator, parts[number], spans[number]) * matters[number] * total
        else:
            values = _hours(generator, issue, other, prior.dearness) * typical
        gains += values[prior.looked[:, number]]
    if len(plain) < len(issues):
        return gains
    return np.asarray(gains - gains.min() - generator.uniform(0.0, MOST_RESERVED) * np.ptp(gains))


def _hours(generator: np.random.Generator, issue: Issue, other: int, dearness: float) -> Array:
    """Return what each number of hours adds to an other's gain: what they give costs them, what they get is worth something."""
    hours = np.array(list(map(float, issue.values)))
    portion, differs = hours / (hours.max() or 1.0), float(np.exp(generator.normal(0.0, PERSONAL)))
    if issue.giver == other:
        return np.asarray(-dearness * differs * portion ** generator.uniform(1.0, 1.5))
    return np.asarray(differs * portion ** generator.uniform(0.4, 1.0) * _gets(issue, other))


def _taste(generator: np.random.Generator, part: Array, span: float) -> Array:
    """Return how an other values what nobody gives, around 0 and within 1: in their own way, or against ours."""
    values = generator.random(len(part))
    if generator.random() < CONTESTED and span > 0:
        values = (1 - OWN_PART) * (part.max() - part) / span + OWN_PART * values
    values /= float(np.ptp(values)) or 1.0
    return np.asarray(values - values.mean())
