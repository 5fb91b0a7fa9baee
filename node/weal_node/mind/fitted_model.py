"""What the node believes, fitted from the whole log of answers, a prior and the items. Pure, and always from scratch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from weal_node.mind.feature_space import FeatureSpace
from weal_node.records import Answer
from weal_node.reward import drift, edit, model, relevance
from weal_node.reward.edit import ModelEdit
from weal_node.reward.head import Rows, rows
from weal_node.reward.model import Model
from weal_node.reward.posterior import Posterior
from weal_node.reward.prior import CONCEPT_VARIANCE, Prior, extended
from weal_protocol.representation import SHARED

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What is believed: the model, the person's changes to it, and the scores of all m items, in log-odds.

    drift: how the person was seen to change.
    mean, variance: (m,).  residual: (m,), the part of the mean that no concept has.
    mean_before, variance_before: (m,), before any answer.
    gone: how many answers are about items that are not there.
    """

    features: FeatureSpace
    answers: tuple[Answer, ...]
    model: Model
    change: ModelEdit
    drift: drift.Drift
    mean: Array
    variance: Array
    residual: Array
    mean_before: Array
    variance_before: Array
    gone: int

    @property
    def posterior(self) -> Posterior:
        """What is believed of the head's weights."""
        return self.model.head

    @property
    def bias(self) -> Array:
        """What the community says of each item (m,), log-odds: something else until there is an answer."""
        return self.features.bias_after(self.posterior.answers)


def learn(features: FeatureSpace, answers: Sequence[Answer], before: FittedModel | None = None) -> FittedModel:
    """Return the model fitted to the whole log, and the score of every item, over the public concepts that the log is about.

    before: an earlier fit, which saves time where its log begins alike, and changes no bit."""
    features = features.seeing(features.heard(_answered(features, answers)))
    known, followed, fitted = fit(features, answers, before.drift.blocks if before else ())
    change = edit.now(features.edits)
    free, added = change.apply(features.phi, features.names)
    head, alike, variance = model.predict(fitted, free, features.space)
    unheard = features.seeing(features.heard(()))
    phi, prior = unheard.phi, unheard.prior
    return FittedModel(
        features,
        tuple(answers),
        fitted,
        change,
        followed,
        features.bias_after(fitted.head.answers) + added + head + alike,
        variance,
        alike,
        features.unanswered + phi @ prior.mean,
        np.einsum("nd,nd->n", phi @ prior.covariance, phi) + features.space.own(features.space.mixture),
        len(answers) - len(known.answers),
    )


def _answered(features: FeatureSpace, answers: Sequence[Answer]) -> list[int]:
    """Return the rows of the items that answers are about, in the order of time; those that are gone have none."""
    items = chain.from_iterable((answer.item, answer.other) for answer in answers)
    return [features.index[item] for item in items if item in features.index]


def fit(
    features: FeatureSpace, answers: Sequence[Answer], before: tuple[drift.Block, ...] = ()
) -> tuple[Rows, drift.Drift, Model]:
    """Return the rows of a log, how much each still counts, and the model fitted to them. before: an earlier fit's blocks.

    The columns are those of the features as they are, whatever the log is about. The model's prior is that of the features with the scales that the answers tell of; its mean is the same."""
    known = read(features, answers)
    followed = drift.follow(*_with_texts(known, features), before)
    weighted = replace(known, weight=known.weights() * followed.weight)
    return known, followed, model.train(weighted, relevance.relevant(weighted, features.prior), features.space)


def _with_texts(known: Rows, features: FeatureSpace) -> tuple[Rows, Prior]:
    """Return what a change is looked for in: the head, and in which directions texts differ, since most have no concept of their own."""
    assert known.first is not None
    assert known.second is not None
    texts, paired = features.components[known.first], known.second >= 0
    texts[paired] -= features.components[known.second[paired]]
    width = texts.shape[1]
    prior = extended(features.prior, np.zeros(width), np.full(width, CONCEPT_VARIANCE))
    return replace(known, design=np.hstack([known.design, texts])), prior


@dataclass(frozen=True, slots=True)
class SharedBelief:
    """What a round is given of a model. mean: (SHARED,) and covariance: (SHARED, SHARED), of the head's shared dimensions.
    kernels: (KERNELS,), the shares of the residual's kernels after the answers; None without answers or without a release, whose shares they began from."""

    mean: Array
    covariance: Array
    kernels: Array | None


def shared_belief(fitted: FittedModel) -> SharedBelief:
    """Return what is believed under the release's own prior, fitted anew.

    A round estimates the population's moments from posteriors under that prior; one whose scales are the person's own would
    count them twice (node/decisions/0042)."""
    stated = model.train(fitted.model.rows, fitted.features.prior, fitted.features.space)
    head, says = stated.head, fitted.features.representation.number and stated.head.answers
    return SharedBelief(
        head.mean[:SHARED].copy(), head.covariance[:SHARED, :SHARED].copy(), stated.mixture.copy() if says else None
    )


def read(features: FeatureSpace, answers: Sequence[Answer]) -> Rows:
    """Return the likelihood rows, each read with the person's changes that stood when it was given."""
    known = rows(answers, features.index, features.phi, features.bias)
    changes = edit.changes(features.edits)
    if len(changes) == 1:
        return known
    answered_ms = np.array([answer.at_ms for answer in known.answers])
    since_ms, _ = zip(*changes, strict=True)
    in_force = np.searchsorted(since_ms, answered_ms, side="right") - 1
    design, offset = known.design.copy(), known.offset.copy()
    for number, (_, change) in enumerate(changes):
        then = in_force == number
        design[then], added = change.apply(known.design[then], features.names)
        offset[then] += added
    return replace(known, design=design, offset=offset)
