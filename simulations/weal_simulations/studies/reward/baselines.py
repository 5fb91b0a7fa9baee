"""What the private model is compared with: one reward for all, each person alone, FedRep, LoRe, and everything in one place."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.reward.posterior import newton
from weal_protocol.representation import AXES, COMPONENTS
from weal_simulations.studies.reward.heads import difference, heads, moments, pulls, rows, steps
from weal_simulations.worlds.choices import ChoicePerson

Array = npt.NDArray[np.float64]
ROUNDS = 40
RATE = 0.5
GROUPS = 6  # LoRe's basis rewards
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


class Linear:
    """A reward that is linear in item features: offset and phi (items,), (items, D), prior N(mean, covariance) of heads.

    plugged: predict by the mode alone, as FedRep does, instead of with the head's uncertainty averaged out.
    """

    def __init__(self, offset: Array, phi: Array, mean: Array, covariance: Array, plugged: bool = False) -> None:
        self.offset, self.phi, self.mean, self.covariance, self.plugged = offset, phi, mean, covariance, plugged

    def predict(self, known: ChoicePerson, asked: ChoicePerson) -> tuple[Array, Array]:
        """Return mean and variance (n,) of what is asked, after what is known."""
        mode, covariance, _ = newton(rows(known, self.phi, self.offset), self.mean, self.covariance)
        x = difference(asked, self.phi)
        variance = np.zeros(len(x)) if self.plugged else np.einsum("nd,nd->n", x @ covariance, x)
        return difference(asked, self.offset) + x @ mode, variance


def one_for_all(people: Sequence[ChoicePerson], seen: npt.NDArray[np.bool_], components: Array) -> Linear:
    """Return what everyone says of each item, on average; for items nobody saw, by a ridge map of their text."""
    items = len(components)
    offset, nothing = np.zeros(items), np.zeros((items, 1))
    for _ in range(ROUNDS):
        pull, _, bent, _ = pulls(people, nothing, offset, np.zeros((len(people), 1)))
        offset += RATE * (pull - 0.5 * (offset - offset[seen].mean())) / (bent + 0.5)
    return Linear(extended(offset[:, None], seen, components)[:, 0], nothing, np.zeros(1), np.eye(1), plugged=True)


def alone(components: Array) -> Linear:
    """Return a model that knows no one else: the text's components, and this person's answers."""
    items = len(components)
    prior = np.diag([2.0, *[0.5] * COMPONENTS])
    return Linear(np.zeros(items), np.hstack([np.ones((items, 1)), components]), np.zeros(1 + COMPONENTS), prior)


def fedrep(people: Sequence[ChoicePerson], seen: npt.NDArray[np.bool_], components: Array, seed: int) -> Linear:
    """Return shared item factors with heads of one's own, shrunk to nothing (Collins et al. 2021)."""
    offset, axes = _factors(people, components, seed, learn_prior=False, from_text=False)[:2]
    table = extended(np.column_stack([offset, axes]), seen, components)
    phi = np.column_stack([np.ones(len(table)), table[:, 1:]])
    return Linear(table[:, 0], phi, np.zeros(1 + AXES), np.eye(1 + AXES), plugged=True)


def centralised(people: Sequence[ChoicePerson], seen: npt.NDArray[np.bool_], components: Array, seed: int) -> Linear:
    """Return hierarchical logistic matrix factorisation with all choices and texts in one place (Salakhutdinov and Mnih 2008; Agarwal and Chen 2009).

    The upper bound: item factors have a prior by their text, heads one by the population, and nothing stays with anyone.
    """
    offset, axes, mean, covariance = _factors(people, components, seed, learn_prior=True, from_text=True)
    table = extended(np.column_stack([offset, axes]), seen, components)
    phi = np.column_stack([np.ones(len(table)), table[:, 1:]])
    return Linear(table[:, 0], phi, mean, covariance)


def _factors(
    people: Sequence[ChoicePerson], components: Array, seed: int, *, learn_prior: bool, from_text: bool
) -> tuple[Array, Array, Array, Array]:
    items, width = len(components), 1 + AXES
    draw = np.random.default_rng([seed, 78])
    offset, axes = np.zeros(items), 0.3 * draw.standard_normal((items, AXES))
    mean, covariance, weights = np.zeros(width), np.eye(width), np.zeros((len(people), width))
    # Axes and heads can grow at each other's expense without end where texts tell nothing: the axes' spread stays below its start.
    most = np.array([2.0, *[0.5] * AXES])
    expected, spread = np.zeros((items, width)), most
    for number in range(ROUNDS if not from_text else 2 * ROUNDS):
        phi = np.column_stack([np.ones(items), axes])
        weights = steps(people, phi, offset, weights, np.asarray(np.linalg.inv(covariance), float), mean)
        pull, to_phi, bent, of_phi = pulls(people, phi, offset, weights)
        offset = offset + RATE * (pull - (offset - expected[:, 0]) / spread[0]) / (bent + 1 / spread[0])
        wanted = to_phi[:, 1:] - (axes - expected[:, 1:]) / spread[1:]
        axes = axes + RATE * wanted / (of_phi[:, 1:] + 1 / spread[1:])
        if learn_prior and number % 8 == 7:
            phi = np.column_stack([np.ones(items), axes])
            mean, covariance = moments(heads(people, phi, offset, mean, covariance))
        if from_text and number % 8 == 7:
            judged = bent > 0.5
            table = np.column_stack([offset, axes])
            expected = ridge(components[judged], table[judged], components)
            spread = np.clip(((table - expected)[judged] ** 2).mean(0), 0.05, most)
    return offset, axes, mean, covariance


class Mixture:
    """LoRe: a few basis rewards shared by all, and for each person a point of the simplex (Bose et al. 2025)."""

    def __init__(self, basis: Array) -> None:
        self.basis = basis

    def predict(self, known: ChoicePerson, asked: ChoicePerson) -> tuple[Array, Array]:
        """Return mean (n,) of what is asked after what is known; there is no variance."""
        logits = mixed(known, self.basis, np.zeros(GROUPS), count=60, shrink=0.5)
        return difference(asked, self.basis) @ softmax(logits), np.zeros(len(asked.yes))


def lore(people: Sequence[ChoicePerson], seen: npt.NDArray[np.bool_], components: Array, seed: int) -> Mixture:
    """Fit the basis by turns with everyone's mixture."""
    draw = np.random.default_rng([seed, 79])
    basis = one_for_all(people, seen, components).offset[:, None] + 0.5 * draw.standard_normal(
        (len(components), GROUPS)
    )
    logits = 0.3 * draw.standard_normal((len(people), GROUPS))
    for _ in range(ROUNDS):
        logits = np.array([mixed(one, basis, at, count=3, shrink=0.1) for one, at in zip(people, logits, strict=True)])
        weights = np.array([softmax(at) for at in logits])
        _, pull, _, bent = pulls(people, basis, np.zeros(len(basis)), weights)
        middle = basis.mean(1, keepdims=True)
        basis = basis + RATE * (pull - 0.5 * (basis - middle) - 0.1 * basis) / (bent + 0.6)
    return Mixture(extended(basis, seen, components))


def mixed(person: ChoicePerson, basis: Array, logits: Array, count: int, shrink: float) -> Array:
    """Return logits (GROUPS,) of a person's mixture after so many gradient steps."""
    x = difference(person, basis)
    if len(x) == 0:
        return logits
    for _ in range(count):
        share = softmax(logits)
        z = x @ share
        pull = person.yes - 1.0 / (1.0 + np.exp(-np.clip(z, -30, 30)))
        gradient = share * (pull @ (x - z[:, None])) - shrink * logits
        logits = logits + gradient / (0.25 * len(x) + shrink + 1.0)
    return logits


def softmax(logits: Array) -> Array:
    """Return shares that sum to one."""
    raised = np.exp(logits - logits.max())
    shares: Array = raised / raised.sum()
    return shares


def extended(table: Array, seen: npt.NDArray[np.bool_], components: Array) -> Array:
    """Return the table (items, k) with lines of items that nobody saw filled in by a ridge map of their text."""
    found = table.copy()
    if (~seen).any():
        found[~seen] = ridge(components[seen], table[seen], components[~seen])
    return found


def ridge(x: Array, y: Array, at: Array) -> Array:
    """Return the ridge regression of y (n, k) on x (n, 24), read at `at` (m, 24), its strength by generalised cross-validation (Golub et al. 1979)."""
    middle, centre = x.mean(0), y.mean(0)
    u, s, vt = np.linalg.svd(x - middle, full_matrices=False)
    turned = u.T @ (y - centre)
    best, chosen = np.inf, RIDGES[-1]
    for strength in RIDGES:
        kept = s**2 / (s**2 + strength)
        error = float(((y - centre - u @ (kept[:, None] * turned)) ** 2).sum()) / (1.0 - (kept.sum() + 1) / len(x)) ** 2
        if error < best:
            best, chosen = error, strength
    found: Array = centre + (at - middle) @ (vt.T @ ((s / (s**2 + chosen))[:, None] * turned))
    return found
