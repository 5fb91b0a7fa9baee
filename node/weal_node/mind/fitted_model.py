"""Learn: from the whole log, a prior and the states, everything the node believes. Pure, and always from scratch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from weal_node.features.concepts import Concept, activation, without
from weal_node.features.featurize import featurize
from weal_node.features.layout import FIRST_COMPONENT, NAMES
from weal_node.features.projection import shipped
from weal_node.records import Answer, Item
from weal_node.reward import bias as community
from weal_node.reward import drift, edit, model, principles, residual
from weal_node.reward.edit import Edit, ModelEdit
from weal_node.reward.head import Rows, rows
from weal_node.reward.model import Model
from weal_node.reward.posterior import Posterior
from weal_node.reward.prior import CONCEPT_VARIANCE, Prior, extended, from_representation
from weal_node.reward.residual import ResidualSpace
from weal_protocol.representation import COMPONENTS, Representation

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """What does not depend on labels: states (m), their vectors (m, 384), phi (m, D) with the names of its columns, bias (m,),
    prior, text map, and the residual's view of the states. concepts: the person's own, for columns that come."""

    states: tuple[Item, ...]
    vectors: npt.NDArray[np.float32]
    names: tuple[str, ...]
    phi: Array
    bias: Array
    representation: Representation
    concepts: tuple[Concept, ...]
    prior: Prior
    space: ResidualSpace
    edits: tuple[Edit, ...]
    forbidden: tuple[Array, ...]
    text: community.TextMap
    index: dict[str, int] = field(repr=False)

    def featurize(self, of: Sequence[Item], vectors: npt.NDArray[np.float32]) -> Array:
        """Return phi (n, D) of any states with these embeddings (n, 384), as seen from this ground."""
        return _columns(of, vectors, self.representation, self.concepts, self.edits, self.forbidden)


@dataclass(frozen=True, slots=True)
class FittedModel:
    """What is believed: the model, the person's changes to it, and the scores of all states, mean (m,) and variance (m,), with and before any label.

    drift: how the person was seen to change.  residual: (m,), the part of the mean that no concept has.  gone: labels on states that are not there.
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
        """The head."""
        return self.model.head


def feature_space(
    states: Sequence[Item],
    vectors: npt.NDArray[np.float32],
    representation: Representation,
    concepts: Sequence[Concept] = (),
    edits: Sequence[Edit] = (),
) -> FeatureSpace:
    """Lay out the states under a release; vectors: their embeddings (m, 384), in their order.

    concepts: the person's own, of every principle and phrase among `edits` too, each under the name that the edit gives it.
    """
    directions = _directions(edit.forbidden(edits), concepts)
    components = shipped().apply(vectors)
    by_item = {state.id: row for state, row in zip(states, components, strict=True)}
    text = community.fit_map(representation, by_item)
    return FeatureSpace(
        tuple(states),
        vectors,
        (*NAMES, *(one.name for one in concepts)),
        _columns(states, vectors, representation, concepts, edits, directions),
        community.bias(states, components, representation, text),
        representation,
        tuple(concepts),
        _prior(representation, concepts, edits),
        residual.space(without(vectors, directions), residual.shipped()),
        tuple(edits),
        directions,
        text,
        {state.id: row for row, state in enumerate(states)},
    )


def _directions(names: Sequence[str], concepts: Sequence[Concept]) -> tuple[Array, ...]:
    """Return the directions (384,) along which nothing may be learnt: of named concepts and of themes. Others have none in the text."""
    found = [one.vector for one in concepts if one.name in names]
    found += [shipped().directions[:, k] for k in range(COMPONENTS) if NAMES[FIRST_COMPONENT + k] in names]
    return tuple(found)


def _columns(
    states: Sequence[Item],
    vectors: npt.NDArray[np.float32],
    representation: Representation,
    concepts: Sequence[Concept],
    edits: Sequence[Edit],
    directions: Sequence[Array],
) -> Array:
    """Return phi (n, D) without what is forbidden: its own column, and its shadow in every other that is read off the text."""
    forbidden = edit.forbidden(edits)
    public = shipped()
    centred = vectors.astype(np.float64) - public.centre
    # Over the centre again, since both readings of the text start from there.
    seen = (without(centred, directions) + public.centre).astype(np.float32) if directions else vectors
    kept = [replace(one, vector=without(one.vector[None], directions)[0]) for one in concepts]
    fixed = featurize(states, public.apply(seen), representation)
    phi = np.hstack([fixed, activation(seen, kept, public.centre)])
    for column, name in enumerate((*NAMES, *(one.name for one in concepts))):
        if name in forbidden:
            phi[:, column] = 0.0
    return phi


def _prior(representation: Representation, concepts: Sequence[Concept], edits: Sequence[Edit]) -> Prior:
    meant = {one.concept: one.value for one in principles.soft(edits)}
    mean = np.array([meant.get(one.name, 0.0) for one in concepts])
    variance = np.array([principles.VARIANCE if one.name in meant else CONCEPT_VARIANCE for one in concepts])
    return extended(from_representation(representation), mean, variance)


def learn(on: FeatureSpace, answers: Sequence[Answer], before: FittedModel | None = None) -> FittedModel:
    """Fit the model to the whole log and score every item. before: an earlier fit, which saves time where its log begins alike, and
    changes no bit."""
    known, followed, fitted = fit(on, answers, before.drift.blocks if before else ())
    change = edit.now(on.edits)
    free, added = change.apply(on.phi, on.names)
    head, alike, variance = model.predict(fitted, free, on.space)
    spread = np.einsum("nd,nd->n", on.phi @ on.prior.covariance, on.phi) + residual.VARIANCE
    return FittedModel(
        on,
        tuple(answers),
        fitted,
        change,
        followed,
        on.bias + added + head + alike,
        variance,
        alike,
        on.bias + on.phi @ on.prior.mean,
        spread,
        len(answers) - len(known.answers),
    )


def fit(
    on: FeatureSpace, answers: Sequence[Answer], before: tuple[drift.Block, ...] = ()
) -> tuple[Rows, drift.Drift, Model]:
    """Return the rows of a log, how much each still counts, and the model fitted to them. before: an earlier fit's blocks."""
    known = read(on, answers)
    followed = drift.follow(known, on.prior, before)
    return known, followed, model.train(replace(known, weight=known.weights() * followed.weight), on.prior, on.space)


def read(on: FeatureSpace, answers: Sequence[Answer]) -> Rows:
    """Return the likelihood rows, each read with the person's changes that stood when it was given."""
    found = rows(answers, on.index, on.phi, on.bias)
    stood = edit.changes(on.edits)
    if len(stood) == 1:
        return found
    times = np.array([answer.at_ms for answer in found.answers])
    place = np.searchsorted([since for since, _ in stood], times, side="right") - 1
    design, offset = found.design.copy(), found.offset.copy()
    for number, (_, change) in enumerate(stood):
        then = place == number
        design[then], added = change.apply(found.design[then], on.names)
        offset[then] += added
    return replace(found, design=design, offset=offset)


def meant(edits: Sequence[Edit]) -> Mapping[str, str]:
    """Return the texts that need a concept of their own, by the name they go under: phrases, and what principles are about."""
    kinds = (edit.Kind.PHRASE, edit.Kind.PRINCIPLE)
    return {one.concept: one.text for one in edits if one.kind in kinds and one.text}
