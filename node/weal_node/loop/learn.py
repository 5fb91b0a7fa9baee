"""Learn: from the whole log, a prior and the states, everything the node believes. Pure, and always from scratch."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from weal_node.features.featurize import featurize
from weal_node.records import Label, State
from weal_node.reward import bias as community
from weal_node.reward.head import Rows, rows
from weal_node.reward.judge import scores
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prior import Prior, from_representation
from weal_protocol.representation import Representation

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """What does not depend on labels: states (m), components (m, 24), phi (m, 30), bias (m,), prior, text map."""

    states: tuple[State, ...]
    components: Array
    phi: Array
    bias: Array
    representation: Representation
    prior: Prior
    text: community.TextMap
    index: dict[str, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Belief:
    """Posterior and prior, and the scores of all states under either: mean (m,) and variance (m,)."""

    ground: Ground
    labels: tuple[Label, ...]
    posterior: Posterior
    before: Posterior
    mean: Array
    variance: Array
    mean_before: Array
    variance_before: Array


def ground(states: Sequence[State], components: Array, representation: Representation) -> Ground:
    """Lay out the states under a release; components (m, 24) in their order."""
    by_item = {state.id: row for state, row in zip(states, components, strict=True)}
    text = community.fit_map(representation, by_item)
    return Ground(
        tuple(states),
        components,
        featurize(states, components, representation),
        community.bias(states, components, representation, text),
        representation,
        from_representation(representation),
        text,
        {state.id: row for row, state in enumerate(states)},
    )


def learn(on: Ground, labels: Sequence[Label]) -> Belief:
    """Fit the head to the whole log and score every state."""
    known: Rows = rows(labels, on.index, on.phi, on.bias)
    posterior = fit(known, on.prior)
    before = Posterior(on.prior.mean, on.prior.covariance, 0)
    mean, variance = scores(posterior, on.phi, on.bias)
    mean_before, variance_before = scores(before, on.phi, on.bias)
    return Belief(on, tuple(labels), posterior, before, mean, variance, mean_before, variance_before)
