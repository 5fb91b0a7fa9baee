"""How items are seen under a release, the person's own concepts and their edits: everything that does not depend on answers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from weal_node.features import vocabulary
from weal_node.features.concepts import Concept, activation, without
from weal_node.features.featurize import featurize
from weal_node.features.layout import NAMES
from weal_node.features.projection import shipped
from weal_node.features.vocabulary import Nearest
from weal_node.records import Item
from weal_node.reward import bias as community
from weal_node.reward import edit, principles, residual
from weal_node.reward.bias import ReleasedItems
from weal_node.reward.edit import Edit
from weal_node.reward.prior import CONCEPT_VARIANCE, Prior, extended, from_representation
from weal_node.reward.residual import ResidualSpace, of_length_one
from weal_protocol.representation import SHARED, Representation

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """What does not depend on answers: how m items are seen under a release, the person's concepts and their edits.

    vectors: (m, WIDTH), embeddings of the items' texts.
    names: of phi's D columns.  phi: (m, D).  bias: (m,), what the community says, log-odds; unanswered: (m,), until there is an answer.
    concepts: the person's own, for columns of items that come.
    prior: over the head, (D,).  space: the items as the residual sees them.
    forbidden: directions (WIDTH,) along which nothing is learnt.
    released: what the release says of its items and by their texts of any.  index: id of an item to its row.
    components: (m, 24), of their texts, along which texts differ most; what a change of the person is looked for in too.
    nearest: of the public vocabulary, to each item.  public: those of it that the last columns are of (see `seeing`).
    """

    items: tuple[Item, ...]
    vectors: npt.NDArray[np.float32]
    names: tuple[str, ...]
    phi: Array
    bias: Array
    unanswered: Array
    representation: Representation
    concepts: tuple[Concept, ...]
    prior: Prior
    space: ResidualSpace
    edits: tuple[Edit, ...]
    forbidden: tuple[Array, ...]
    released: ReleasedItems
    index: dict[str, int] = field(repr=False)
    components: Array = field(repr=False)
    nearest: Nearest = field(repr=False)
    public: tuple[int, ...] = ()

    def seeing(self, public: Sequence[int]) -> "FeatureSpace":
        """Return the same with a column for each of these concepts of the public vocabulary, after those that are fixed and the person's own."""
        if self.public == tuple(public):
            return self
        fixed, known = len(NAMES) + len(self.concepts), vocabulary.shipped()
        phi = np.hstack([self.phi[:, :fixed], self.nearest.columns(public)])
        names = (*self.names[:fixed], *map(known.name, public))
        prior = _prior(self.representation, self.concepts, self.edits, len(public))
        return replace(self, phi=phi, names=names, prior=prior, public=tuple(public))

    def heard(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Return which concepts of the public vocabulary answers about these items are about, given in the order of time; first those that
        the person said something about, and none that they forbade or have a word of their own for."""
        gone = edit.forbidden(self.edits)
        held = _numbers(entry.concept for entry in self.edits if entry.concept not in gone)
        but = {*_numbers(gone), *vocabulary.with_own_word(self.concepts)}
        return vocabulary.heard(rows, self.nearest, held, but)

    def featurize(self, items: Sequence[Item], vectors: npt.NDArray[np.float32]) -> Array:
        """Return phi (n, D) of any items with these embeddings (n, WIDTH), known or not."""
        reading = _Reading(self.representation, self.concepts, self.edits, self.forbidden, self.released)
        words = vocabulary.nearest(without(from_centre(vectors), self.forbidden)).columns(self.public)
        return np.hstack([reading.columns(items, vectors), words])

    def components_of(self, vectors: npt.NDArray[np.float32]) -> Array:
        """Return the components (n, 24) of any items with these embeddings (n, WIDTH), without what is forbidden."""
        return _components(without(from_centre(vectors), self.forbidden))

    def bias_after(self, answers: int) -> Array:
        """Return what the community says of each item (m,), log-odds, to somebody who gave so many answers."""
        return self.bias if answers else self.unanswered

    def expected_bias(self, items: Sequence[Item], vectors: npt.NDArray[np.float32]) -> Array:
        """Return what texts with these embeddings (n, WIDTH) make expect of the bias of any items (n,), known or not."""
        return _expected(items, vectors, self.representation, self.released)[:, 0]

    def residual_space(self, vectors: npt.NDArray[np.float32]) -> ResidualSpace:
        """Return items with these embeddings (n, WIDTH) as the residual sees them."""
        offsets = without(from_centre(vectors), self.forbidden)
        return residual.space(offsets, residual.shipped(), self.space.mixture)


def feature_space(
    items: Sequence[Item],
    vectors: npt.NDArray[np.float32],
    representation: Representation,
    concepts: Sequence[Concept] = (),
    edits: Sequence[Edit] = (),
    before: FeatureSpace | None = None,
) -> FeatureSpace:
    """Return how these items are seen under a release. vectors: their embeddings (m, WIDTH), in their order.

    concepts: the person's own, of every principle and phrase among `edits` too, each under the name that the edit gives it.
    before: an earlier space, which saves time where the release and its known texts are the same, and changes no bit.
    """
    index = {item.id: row for row, item in enumerate(items)}
    directions = _directions(edit.forbidden(edits), concepts)
    offsets = without(from_centre(vectors), directions)
    mixture = residual.before_answers(representation)
    released = _released(items, vectors, index, representation, residual.total(mixture), before)
    biases = community.bias(items, _expected(items, vectors, representation, released)[:, 0], representation)
    return FeatureSpace(
        tuple(items),
        vectors,
        _column_names(concepts),
        _Reading(representation, concepts, edits, directions, released).columns(items, vectors),
        biases,
        community.before_answers(items, biases, representation, released),
        representation,
        tuple(concepts),
        _prior(representation, concepts, edits),
        residual.space(offsets, residual.shipped(), mixture),
        tuple(edits),
        directions,
        released,
        index,
        _components(offsets),
        vocabulary.nearest(offsets, _read_before(vectors, directions, before)),
    )


def _read_before(
    vectors: npt.NDArray[np.float32], forbidden: Sequence[Array], before: FeatureSpace | None
) -> Nearest | None:
    """Return what the first items are about, where an earlier space had read the same texts in the same way."""
    if before is None or len(before.forbidden) != len(forbidden):
        return None
    alike = all(map(np.array_equal, before.forbidden, forbidden))
    return before.nearest if alike and np.array_equal(before.vectors, vectors[: len(before.vectors)]) else None


def _components(offsets: Array) -> Array:
    """Return the components (n, 24) of texts that lie so (n, WIDTH) from the centre of public text."""
    return shipped().apply((offsets + shipped().centre).astype(np.float32))


def from_centre(vectors: npt.NDArray[np.float32]) -> Array:
    """Return where embeddings (n, WIDTH) lie from the centre of public text."""
    return vectors.astype(np.float64) - shipped().centre


def _released(
    items: Sequence[Item],
    vectors: npt.NDArray[np.float32],
    index: Mapping[str, int],
    representation: Representation,
    residual_variance: float,
    before: FeatureSpace | None,
) -> ReleasedItems:
    """Return what the release says, by the texts of its items that are known here."""
    heard = [row for row, item in enumerate(representation.items) if item in index]
    rows = [index[representation.items[row]] for row in heard]
    directions = of_length_one(from_centre(vectors[rows]))
    if (
        before is not None
        and before.representation is representation
        and _same_texts(before.released, heard, directions)
    ):
        return before.released
    shared = featurize([items[row] for row in rows], shipped().apply(vectors[rows]), representation)[:, :SHARED]
    return community.released_items(representation, heard, shared, directions, residual_variance)


def _same_texts(released: ReleasedItems, heard: Sequence[int], directions: Array) -> bool:
    """Return whether what a release says was read with these rows of it and these texts."""
    known = released.text.directions
    return released.heard == tuple(heard) and np.array_equal(known, directions[: len(known)])


def _column_names(concepts: Sequence[Concept]) -> tuple[str, ...]:
    return (*NAMES, *(own.name for own in concepts))


def _directions(names: Sequence[str], concepts: Sequence[Concept]) -> tuple[Array, ...]:
    """Return the directions (WIDTH,) along which nothing may be learnt: of named concepts. Others have none in the text."""
    directions = [own.vector for own in concepts if own.name in names]
    return (*directions, *vocabulary.shipped().directions[_numbers(names)])


def _numbers(names: Iterable[str]) -> list[int]:
    """Return which concepts of the public vocabulary go under these names."""
    numbers = map(vocabulary.shipped().number, names)
    return [number for number in numbers if number is not None]


def _expected(
    items: Sequence[Item], vectors: npt.NDArray[np.float32], representation: Representation, released: ReleasedItems
) -> Array:
    return community.expectations(items, of_length_one(from_centre(vectors)), representation, released)


@dataclass(frozen=True, slots=True)
class _Reading:
    """By what items are read. forbidden: directions (WIDTH,) along which nothing is learnt."""

    representation: Representation
    concepts: Sequence[Concept]
    edits: Sequence[Edit]
    forbidden: Sequence[Array]
    released: ReleasedItems

    def columns(self, items: Sequence[Item], vectors: npt.NDArray[np.float32]) -> Array:
        """Return phi (n, D) without what is forbidden: its own column, and its shadow in every other that is read off the text."""
        names, public, seen = edit.forbidden(self.edits), shipped(), vectors
        if self.forbidden:  # over the centre again, since all readings of the text start from there
            seen = (without(from_centre(vectors), self.forbidden) + public.centre).astype(np.float32)
        kept = [replace(own, vector=without(own.vector[None], self.forbidden)[0]) for own in self.concepts]
        axes = _expected(items, seen, self.representation, self.released)[:, 1:]
        fixed = featurize(items, public.apply(seen), self.representation, axes)
        phi = np.hstack([fixed, activation(seen, kept, public.centre)])
        for column, name in enumerate(_column_names(self.concepts)):
            if name in names:
                phi[:, column] = 0.0
        return phi


def _prior(
    representation: Representation, concepts: Sequence[Concept], edits: Sequence[Edit], public: int = 0
) -> Prior:
    """Return the release's prior, with a column a concept, the person's own and so many of the public vocabulary: one that a principle
    speaks of begins at what it says."""
    columns = len(concepts) + public
    mean, variance = np.zeros(columns), np.full(columns, CONCEPT_VARIANCE)
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
