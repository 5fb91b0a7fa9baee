"""From what is believed and answered, the one flat array that a round is given, by the person's tier.

light          counts of answers, moments of the head
factors        also what the answers ask of the community's axes
label-private  only moments of a head in which each single label is hidden (DP-SGD): no answers
local          as factors, with noise of one's own over all of it
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.mind.feature_space import FeatureSpace
from weal_node.reward import axes, local
from weal_node.reward.axes import AnsweredItems
from weal_protocol.contribution import FACTORS, contribute
from weal_protocol.representation import AXES, SHARED

Array = npt.NDArray[np.float64]
TIERS = ("none", "light", "factors", "label-private", "local")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a round asks for. catalogue: item ids, sorted.  base: number of the release that contributions move on from."""

    layout: str
    catalogue: tuple[str, ...]
    clip: float
    base: int


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """What one person has. answers: (item id, +1 or -1).  mean, variance: (SHARED,) of their head under `ground`.
    report: share of answers that were predicted right, None where too few were.
    kernels: (KERNELS,), what the answers leave of the residual's shares under the release, None where they say nothing."""

    features: FeatureSpace
    answers: Sequence[tuple[str, int]]
    mean: Array
    variance: Array
    report: float | None = None
    kernels: Array | None = None


def statistics(own: OwnAnswers, ask: Ask, tier: str) -> Array:
    """Return the flat array, within the clip."""
    if tier == "label-private":
        return contribute(ask.catalogue, (), own.mean, own.variance, ask.clip, layout=ask.layout)
    pull = moves(own, ask) if tier in ("factors", "local") and ask.layout == FACTORS else None
    flat = contribute(
        ask.catalogue,
        own.answers,
        own.mean,
        own.variance,
        ask.clip,
        report=own.report,
        kernels=own.kernels if _judges_by(own.features, ask) else None,
        layout=ask.layout,
        asked=pull,
    )
    return local.randomised(flat, ask.clip) if tier == "local" else flat


def _judges_by(on: FeatureSpace, ask: Ask) -> bool:
    """Return whether this node judges by the release that the round moves on from: what answers ask for is a step from there."""
    return on.representation.number == ask.base


def moves(own: OwnAnswers, ask: Ask) -> tuple[Array, Array] | None:
    """Return what the answers ask of the catalogue's axes (n, AXES) and of the text map; None where this node judges by another release."""
    on = own.features
    if not _judges_by(on, ask):
        return None
    place = {item: row for row, item in enumerate(ask.catalogue)}
    own_rows, asked_rows, votes = list[int](), list[int](), list[float]()
    for item, vote in own.answers:
        if item in on.index and item in place:
            own_rows.append(on.index[item])
            asked_rows.append(place[item])
            votes.append(float(vote > 0))
    items = np.zeros((len(ask.catalogue), AXES))
    rows = np.array(own_rows, np.int64)
    phi = on.phi[rows, :SHARED]
    components = on.components[rows]
    weights = own.mean[1 : 1 + AXES]
    judged = AnsweredItems(
        on.bias[rows] + phi @ own.mean - phi[:, 1 : 1 + AXES] @ weights,
        components,
        phi[:, 1 : 1 + AXES] - components @ on.representation.text_map,
        np.array(votes),
        weights,
    )
    places, text_map = axes.ask(judged, on.representation.text_map)
    items[asked_rows] = places
    return items, text_map
