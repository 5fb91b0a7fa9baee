"""Which question would tell most about a few items: what a card that waits asks for."""

from collections.abc import Sequence, Set

import numpy as np
import numpy.typing as npt

from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.questions import Question
from weal_node.reward import model

Array = npt.NDArray[np.float64]
CONSIDERED = 60  # items of which two are compared: 1,770 pairs, some ms
ANSWER_VARIANCE = 4.0  # of an answer about two things alike, in log-odds: 1 / (p (1 - p)) at one half


def helpful(fitted: FittedModel, about: Sequence[str], refused: Set[frozenset[str]] = frozenset()) -> Question | None:
    """Return the comparison whose answer would lower the doubt about these items most; None where there are not two that were not compared yet.

    about: ids of items, most wanted first. Both sides are of these: the person compares what waits, and nothing else is needed.
    refused: pairs that are never to be asked."""
    features = fitted.features
    rows = [features.index[item] for item in about if item in features.index][:CONSIDERED]
    if len(rows) < 2:
        return None
    free, _ = fitted.change.apply(features.phi[rows], features.names)
    gained = gains(model.joint(fitted.model, free, features.space.at(np.array(rows))))
    place = {features.items[row].id: number for number, row in enumerate(rows)}
    for answer in fitted.answers:
        if answer.item in place and answer.other in place:
            first, second = place[answer.item], place[answer.other]
            gained[first, second] = gained[second, first] = 0.0
    for pair in refused:
        if len(pair) == 2 and pair <= place.keys():
            first, second = map(place.__getitem__, pair)
            gained[first, second] = gained[second, first] = 0.0
    best = divmod(int(np.argmax(gained)), len(rows))
    if gained[best] <= 0:
        return None
    items = features.items
    return Question("pair", items[rows[best[0]]], items[rows[best[1]]], "learn")


def gains(covariance: Array) -> Array:
    """Return for each pair (n, n) by how much an answer about both lowers the variances of all n together. covariance: (n, n)."""
    variance = np.diag(covariance)
    between = variance[:, None] + variance[None, :] - 2 * covariance
    moved = covariance[:, None, :] - covariance[None, :, :]
    gained: Array = (moved**2).sum(2) / (np.maximum(between, 0.0) + ANSWER_VARIANCE)
    np.fill_diagonal(gained, 0.0)
    return gained


def named(fitted: FittedModel, first: str, other: str) -> Question | None:
    """Return the question about these two items, where both are known and were not compared yet; else None."""
    index, items = fitted.features.index, fitted.features.items
    if first == other or first not in index or other not in index:
        return None
    for answer in fitted.answers:
        if {answer.item, answer.other} == {first, other}:
            return None
    return Question("pair", items[index[first]], items[index[other]], "learn")
