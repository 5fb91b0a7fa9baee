"""What a person alone could have: logistic regression and a Gaussian process on their own answers; and what a crowd could: latent classes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.reward.model import climbed
from weal_node.reward.posterior import slopes
from weal_simulations.studies.reward import baselines
from weal_simulations.studies.reward.heads import difference, rows
from weal_simulations.worlds.choices import ChoicePerson

Array = npt.NDArray[np.float64]
CONSTANT = 2.0  # variance of how readily a person says yes, of all peers that know no one else
LINEAR = 3.0  # variance of logistic regression on embeddings of length one: C = 3 where features have it
MIXED = (1.0, 1.0, 0.3)  # of the process: linear variance, RBF variance and width
CLASSES, ROUNDS, PULL, RATE = 12, 25, 1.5, 0.7  # of latent classes


class Process:
    """Scores that are jointly normal a priori: mean 0, covariance (items, items)."""

    def __init__(self, covariance: Array) -> None:
        self.covariance = covariance

    def predict(self, known: ChoicePerson, asked: ChoicePerson) -> tuple[Array, Array]:
        """Return mean and variance (n,) of what is asked, after what is known."""
        of_known = difference(known, self.covariance)  # (k, items)
        gram = difference(known, of_known.T)
        between = difference(asked, of_known.T)
        own = np.array([difference(one, difference(one, self.covariance).T)[0, 0] for one in _each(asked)])
        said = rows(known, np.zeros((len(self.covariance), 1)), np.zeros(len(self.covariance)))
        pull = climbed(said, np.zeros(len(gram)), gram)
        root = np.sqrt(slopes(said, gram @ pull)[1])
        inner = np.eye(len(gram)) + root[:, None] * gram * root
        learnt = np.linalg.solve(np.linalg.cholesky(inner), root[:, None] * between.T)
        return between @ pull, np.maximum(own - np.einsum("kn,kn->n", learnt, learnt), 0.0)


def _each(asked: ChoicePerson) -> list[ChoicePerson]:
    return [asked.at(np.array([row])) for row in range(len(asked.yes))]


def centred(vectors: npt.NDArray[np.float32]) -> Array:
    """Return directions (items, d) of length one from the collection's own middle."""
    away = vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64)
    directions: Array = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12)
    return directions


def logistic_regression(vectors: npt.NDArray[np.float32]) -> Process:
    """Return logistic regression on the embeddings with an intercept, its uncertainty averaged out."""
    directions = centred(vectors)
    return Process(CONSTANT + LINEAR * directions @ directions.T)


def gaussian_process(vectors: npt.NDArray[np.float32]) -> Process:
    """Return a process of an intercept, a linear kernel and an RBF."""
    directions = centred(vectors)
    cosine = directions @ directions.T
    linear, radial, width = MIXED
    return Process(CONSTANT + linear * cosine + radial * np.exp((np.clip(cosine, -1.0, 1.0) - 1.0) / width))


class LatentClasses:
    """Everyone is of one of a few kinds, each with its own score of each item (Lazarsfeld and Henry 1968)."""

    def __init__(self, scores: Array, shares: Array) -> None:
        self.scores, self.shares = scores, shares

    def predict(self, known: ChoicePerson, asked: ChoicePerson) -> tuple[Array, Array]:
        """Return the logit of the mean probability (n,) of what is asked; there is no variance."""
        kinds = of_kinds(known, self.scores, self.shares)
        p = np.clip(_logistic(difference(asked, self.scores)) @ kinds, 1e-6, 1.0 - 1e-6)
        return np.log(p / (1.0 - p)), np.zeros(len(p))


def mixture(people: Sequence[ChoicePerson], seen: npt.NDArray[np.bool_], components: Array, seed: int) -> LatentClasses:
    """Fit latent classes by EM (Dempster, Laird and Rubin 1977), each drawn to what everyone says."""
    offset = baselines.one_for_all(people, seen, components).offset[:, None]
    draw = np.random.default_rng([seed, 5])
    scores, shares = offset + 0.5 * draw.standard_normal((len(components), CLASSES)), np.full(CLASSES, 1.0 / CLASSES)
    for _ in range(ROUNDS):
        pull, bent, counted = np.zeros(scores.shape), np.zeros(scores.shape), np.ones(CLASSES)
        for one in people:
            kinds = of_kinds(one, scores, shares)
            p = _logistic(difference(one, scores))
            counted += kinds
            for ends, sign in ((one.item, 1.0), (one.other, -1.0)):
                there = ends >= 0
                np.add.at(pull, ends[there], sign * ((one.yes[:, None] - p) * kinds)[there])
                np.add.at(bent, ends[there], (p * (1.0 - p) * kinds)[there])
        shares = counted / counted.sum()
        scores = scores + RATE * (pull - PULL * (scores - offset)) / (bent + PULL)
    return LatentClasses(baselines.extended(scores, seen, components), shares)


def of_kinds(person: ChoicePerson, scores: Array, shares: Array) -> Array:
    """Return how likely a person is of each kind (CLASSES,)."""
    z = difference(person, scores)
    said = -(np.logaddexp(0, -z) * person.yes[:, None] + np.logaddexp(0, z) * (1 - person.yes[:, None])).sum(0)
    weighted = np.log(shares) + said
    raised = np.exp(weighted - weighted.max())
    kinds: Array = raised / raised.sum()
    return kinds


def _logistic(z: Array) -> Array:
    values: Array = 1.0 / (1.0 + np.exp(-np.clip(z, -30, 30)))
    return values
