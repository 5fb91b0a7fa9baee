"""A shared representation learnt from people who vote: item biases, item axes, and the population's prior over heads.

Rounds alternate (FedRep; Collins et al. 2021): every person moves their own head a step, under the population's prior; then items move by the sum of what all heads ask of them
(diagonal Newton with a Gaussian prior on items). No one's votes are needed for that, only sums over people: what noise does to those is the business of the federation's studies.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from weal_protocol.representation import AXES, SHARED, Representation
from weal_simulations.studies.reward.heads import heads, moments, pulls, steps
from weal_simulations.worlds.choices import ChoicePerson

Array = npt.NDArray[np.float64]
ROUNDS = 80  # after 40 the axes of one split in nine were still on their way (simulations/LOG.md, 2026-11-30, "Named concepts")
RATE = 0.5
BIAS_PRECISION = 0.5  # of an item's bias around the mean item's
AXIS_PRECISION = 4.0  # of an item's place on an axis
EM_STEPS = 4
PSEUDO = 1.0  # votes for and against, that stand before the first; chosen
FEWEST = 10  # judges that an item needs to be in a release


def learn(
    people: Sequence[ChoicePerson],
    ids: Sequence[str],
    seed: int,
    *,
    rounds: int = ROUNDS,
    number: int = 1,
) -> Representation:
    """Return the representation of these people's choices over items."""
    items = len(ids)
    draw = np.random.default_rng([seed, 77])
    judges = np.zeros(items)
    for person in people:
        judges += np.bincount(person.item, minlength=items)
        judges += np.bincount(person.other[person.other >= 0], minlength=items)
    of_bias = np.zeros(items)
    bias, axes = np.zeros(items), 0.3 * draw.standard_normal((items, AXES))
    phi = np.hstack([np.ones((items, 1)), axes])
    mean, covariance = np.zeros(SHARED), np.eye(SHARED)
    weights = np.zeros((len(people), SHARED))
    columns = slice(1, 1 + AXES)
    for round_number in range(rounds):
        phi[:, columns] = axes
        weights = steps(people, phi, bias, weights, np.asarray(np.linalg.inv(covariance), np.float64), mean)
        to_bias, to_phi, of_bias, of_phi = pulls(people, phi, bias, weights)
        bias = bias + RATE * (to_bias - BIAS_PRECISION * bias) / (of_bias + BIAS_PRECISION)
        wanted, bent = to_phi[:, columns] - AXIS_PRECISION * axes, of_phi[:, columns] + AXIS_PRECISION
        axes = axes + RATE * wanted / bent
        if round_number % 8 == 7:
            phi[:, columns] = axes
            mean, covariance = moments(heads(people, phi, bias, mean, covariance))
    phi[:, columns] = axes
    for _ in range(EM_STEPS):
        mean, covariance = moments(heads(people, phi, bias, mean, covariance))
    error = 1.0 / np.sqrt(of_bias + BIAS_PRECISION)
    margin = margins(people, items)
    known = sorted(np.flatnonzero(judges >= FEWEST).tolist(), key=lambda row: ids[row])
    return Representation(
        tuple(ids[row] for row in known),
        bias[known],
        error[known],
        axes[known],
        mean,
        (covariance + covariance.T) / 2,
        number,
        margin=None if margin is None else margin[known],
    )


def margins(people: Sequence[ChoicePerson], items: int) -> Array | None:
    """Return the log-odds of yes (items,) among everyone's votes; None where some compared two items."""
    yes, no = np.full(items, PSEUDO), np.full(items, PSEUDO)
    for person in people:
        if (person.other >= 0).any():
            return None
        yes += np.bincount(person.item, person.yes, items)
        no += np.bincount(person.item, 1.0 - person.yes, items)
    found: Array = np.log(yes / no)
    return found
