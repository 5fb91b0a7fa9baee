"""Synthetic people: hidden rewards of known form, for studies without data of real ones.

    P(person i says yes to x) = s(b(x) + g_i [v . c(x)] + [w_i . c(x)])

c(x): the 24 public components of the statement's embedding; b(x): how popular it is with everyone; g_i = +-1 and v:
two groups and the direction along which they pull apart; w_i: the person's own direction; s: the logistic function;
[.]: scaled to a standard deviation of its own (below) over the statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_simulations.worlds.opinions import Opinions, named

POPULARITY = 0.9  # standard deviation of b(x), log-odds, around LEANING
LEANING = 0.7  # most statements that people write down are agreeable: 2 of 3 votes are yes in real conversations
GROUP_STRENGTH = 1.1  # log-odds by which the groups pull apart, per standard deviation of their direction
OWN_STRENGTH = 0.8  # the same of a person's own direction


@dataclass(frozen=True, slots=True)
class Population:
    """How many, and which share of the statements each of them answers."""

    people: int = 300
    share: float = 0.75


def make(statements: Sequence[str], components: npt.NDArray[np.float64], seed: int, population: Population) -> Opinions:
    """Return synthetic votes on `statements`, all different, whose public components are (n, 24). The seed decides all."""
    texts = named(tuple(statements))
    if len(texts) != len(statements) or len(statements) != len(components):
        raise ValueError("statements must differ from each other, and each needs its components")
    generator = np.random.default_rng([seed, 2_001])
    n, width = components.shape
    popularity = LEANING + POPULARITY * generator.standard_normal(n)
    direction = generator.standard_normal(width)
    groups = generator.choice([-1.0, 1.0], population.people)
    own = generator.standard_normal((population.people, width))
    score = (
        popularity
        + GROUP_STRENGTH * groups[:, None] * _standard(components @ direction)[None, :]
        + OWN_STRENGTH * _standard((own @ components.T).T).T
    )  # (people, n), log-odds of yes
    says_yes = generator.random(score.shape) < 1.0 / (1.0 + np.exp(-score))
    answers = generator.random(score.shape) < population.share
    ids = list(texts)
    people = tuple(
        {ids[item]: 1 if says_yes[person, item] else -1 for item in np.flatnonzero(answers[person])}
        for person in range(population.people)
    )
    return Opinions("synthetic people", texts, people)


def _standard(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return values with mean 0 and standard deviation 1 along the first axis."""
    centred = values - values.mean(0)
    scaled: npt.NDArray[np.float64] = centred / np.maximum(centred.std(0), 1e-12)
    return scaled
