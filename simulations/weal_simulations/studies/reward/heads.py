"""Many people's heads at once, each by the product's own Newton steps on its own rows; and what items get from all heads."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, newton
from weal_simulations.worlds.choices import ChoicePerson

Array = npt.NDArray[np.float64]


def difference(person: ChoicePerson, table: Array) -> Array:
    """Return (n, ...) of a table's line (items, ...) of each choice's item, less that of the other."""
    found: Array = table[person.item]
    paired = person.other >= 0
    found[paired] -= table[person.other[paired]]
    return found


def rows(person: ChoicePerson, phi: Array, offset: Array) -> Rows:
    """Return a person's likelihood rows over item features (items, D) and offsets (items,)."""
    return Rows(difference(person, phi), difference(person, offset), person.yes, ())


def heads(people: Sequence[ChoicePerson], phi: Array, offset: Array, mean: Array, covariance: Array) -> list[Posterior]:
    """Return everyone's posterior under one prior N(mean, covariance)."""
    found = []
    for person in people:
        known = rows(person, phi, offset)
        found.append(Posterior(*newton(known, mean, covariance)[:2], len(person.yes)))
    return found


def steps(
    people: Sequence[ChoicePerson], phi: Array, offset: Array, weights: Array, precision: Array, mean: Array
) -> Array:
    """Return heads (people, D) after one Newton step each from `weights` under the prior N(mean, precision^-1)."""
    found = weights.copy()
    for number, person in enumerate(people):
        x = difference(person, phi)
        p = 1.0 / (1.0 + np.exp(-np.clip(difference(person, offset) + x @ weights[number], -30, 30)))
        hessian = (x * (p * (1.0 - p))[:, None]).T @ x + precision
        step = np.linalg.solve(hessian, x.T @ (person.yes - p) - precision @ (weights[number] - mean))
        found[number] += step * min(1.0, 4.0 / max(float(np.sqrt(step @ step)), 1e-12))
    return found


def pulls(
    people: Sequence[ChoicePerson], phi: Array, offset: Array, weights: Array
) -> tuple[Array, Array, Array, Array]:
    """Return what everyone's choices ask of items: gradients of the log-likelihood with respect to offsets (items,) and to features
    (items, D), and the curvature of both (items,), (items, D), summed over people."""
    items, width = phi.shape
    to_offset, to_phi, of_offset, of_phi = (
        np.zeros(items),
        np.zeros((items, width)),
        np.zeros(items),
        np.zeros((items, width)),
    )
    for number, person in enumerate(people):
        z = difference(person, offset) + difference(person, phi) @ weights[number]
        p = 1.0 / (1.0 + np.exp(-np.clip(z, -30, 30)))
        pull, curvature, w = person.yes - p, p * (1.0 - p), weights[number]
        for ends, sign in ((person.item, 1.0), (person.other, -1.0)):
            there = ends >= 0
            by_item = np.bincount(ends[there], sign * pull[there], items)
            bent = np.bincount(ends[there], curvature[there], items)
            to_offset += by_item
            of_offset += bent
            to_phi += by_item[:, None] * w
            of_phi += bent[:, None] * w**2
    return to_offset, to_phi, of_offset, of_phi


def moments(posteriors: Sequence[Posterior]) -> tuple[Array, Array]:
    """Return the mean (D,) and covariance (D, D) of the population that these posteriors were drawn from (one EM step; Gelman et al. 2013, ch. 5)."""
    means = np.array([one.mean for one in posteriors])
    middle = means.mean(0)
    within = np.mean([one.covariance for one in posteriors], axis=0)
    covariance: Array = within + (means - middle).T @ (means - middle) / len(means)
    return middle, covariance + 1e-3 * np.eye(len(middle))
