"""How items are seen under a release, the person's own concepts and their edits: everything that does not depend on answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from weal_node.features.concepts import Concept, activation, without
from weal_node.features.featurize import featurize
from weal_node.features.layout import FIRST_COMPONENT, NAMES
from weal_node.features.projection import shipped
from weal_node.records import Item
from weal_node.reward import bias as community
from weal_node.reward import edit, principles, residual
from weal_node.reward.edit import Edit
from weal_node.reward.prior import CONCEPT_VARIANCE, Prior, extended, from_representation
from weal_node.reward.residual import ResidualSpace
from weal_protocol.representation import COMPONENTS, Representation

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """What does not depend on answers: how m items are seen under a release, the person's concepts and their edits.

    vectors: (m, WIDTH), embeddings of the items' texts.
    names: of phi's D columns.  phi: (m, D).  bias: (m,), what the community says, log-odds.
    concepts: the person's own, for columns of items that come.
    prior: over the head, (D,).  space: the items as the residual sees them.
    forbidden: directions (WIDTH,) along which nothing is learnt.
    text: the release's map from components to bias.  index: id of an item to its row.
    """

    items: tuple[Item, ...]
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

    def featurize(self, items: Sequence[Item], vectors: npt.NDArray[np.float32]) -> Array:
        """Return phi (n, D) of any items with these embeddings (n, WIDTH), known or not."""
        return _columns(items, vectors, self.representation, self.concepts, self.edits, self.forbidden)


def feature_space(
    items: Sequence[Item],
    vectors: npt.NDArray[np.float32],
    representation: Representation,
    concepts: Sequence[Concept] = (),
    edits: Sequence[Edit] = (),
) -> FeatureSpace:
    """Return how these items are seen under a release. vectors: their embeddings (m, WIDTH), in their order.

    concepts: the person's own, of every principle and phrase among `edits` too, each under the name that the edit gives it.
    """
    ids = [item.id for item in items]
    directions = _directions(edit.forbidden(edits), concepts)
    components = shipped().apply(vectors)
    text = community.fit_map(representation, dict(zip(ids, components, strict=True)))
    return FeatureSpace(
        tuple(items),
        vectors,
        _column_names(concepts),
        _columns(items, vectors, representation, concepts, edits, directions),
        community.bias(items, components, representation, text),
        representation,
        tuple(concepts),
        _prior(representation, concepts, edits),
        residual.space(without(vectors, directions), residual.shipped()),
        tuple(edits),
        directions,
        text,
        dict(zip(ids, range(len(ids)), strict=True)),
    )


def _column_names(concepts: Sequence[Concept]) -> tuple[str, ...]:
    return (*NAMES, *(own.name for own in concepts))


def _directions(names: Sequence[str], concepts: Sequence[Concept]) -> tuple[Array, ...]:
    """Return the directions (WIDTH,) along which nothing may be learnt: of named concepts and of themes. Others have none in the text."""
    directions = [own.vector for own in concepts if own.name in names]
    themes = [theme for theme in range(COMPONENTS) if NAMES[FIRST_COMPONENT + theme] in names]
    return (*directions, *shipped().directions[:, themes].T)


def _columns(
    items: Sequence[Item],
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
    kept = [replace(own, vector=without(own.vector[None], directions)[0]) for own in concepts]
    fixed = featurize(items, public.apply(seen), representation)
    phi = np.hstack([fixed, activation(seen, kept, public.centre)])
    for column, name in enumerate(_column_names(concepts)):
        if name in forbidden:
            phi[:, column] = 0.0
    return phi


def _prior(representation: Representation, concepts: Sequence[Concept], edits: Sequence[Edit]) -> Prior:
    """Return the release's prior, with a column a concept: one that a principle speaks of begins at what it says."""
    mean, variance = np.zeros(len(concepts)), np.full(len(concepts), CONCEPT_VARIANCE)
    weights = {principle.concept: principle.value for principle in principles.soft(edits)}
    for column, own in enumerate(concepts):
        if own.name in weights:
            mean[column], variance[column] = weights[own.name], principles.VARIANCE
    return extended(from_representation(representation), mean, variance)


def meant(edits: Sequence[Edit]) -> Mapping[str, str]:
    """Return the texts that need a concept of their own, by the name they go under: phrases, and what principles are about."""
    texts = {}
    for entry in edits:
        if entry.kind in {edit.Kind.PHRASE, edit.Kind.PRINCIPLE} and entry.text:
            texts[entry.concept] = entry.text
    return texts
