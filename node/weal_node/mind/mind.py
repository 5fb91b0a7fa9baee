"""What the node believes now, of any item. What is believed is immutable; a new fit takes its place at once."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError
from weal_node.features.concepts import Concept, concept
from weal_node.features.projection import shipped
from weal_node.features.vocabulary import FIRST_LANGUAGE
from weal_node.features.weights import WIDTH
from weal_node.mind import scores
from weal_node.mind.change_points import keep_change_point
from weal_node.mind.feature_space import FeatureSpace, feature_space, meant
from weal_node.mind.fitted_model import FittedModel, learn, shared_belief
from weal_node.mind.text_vectors import TextVectors, digest
from weal_node.mind.unseen import UnseenPredictions, predict_unseen
from weal_node.records import Answer, Item, Prediction, ScorePart
from weal_node.reward import principles
from weal_node.reward.edit import Edit
from weal_node.reward.head import GRADES, YES
from weal_node.reward.prediction import predict
from weal_node.store import answers, edits, embeddings, items, releases
from weal_node.store.database import Database
from weal_node.worker import TorchWorker
from weal_protocol import release
from weal_protocol.representation import Representation, empty

VETOED = -1e3  # log-odds, far below anything that the other terms of a deal could outweigh
ASKABLE = frozenset({"statement", "proposal", "own"})  # kinds of items


def counts(answer: Answer) -> bool:
    """Return whether an answer is a plain yes or no to one item: not a pair, and not an even grade."""
    return not answer.other and GRADES.get(answer.choice) != 3


def askable(fitted: FittedModel) -> list[int]:
    """Return the rows of the items that the person can be asked about."""
    return [row for row, item in enumerate(fitted.features.items) if item.kind in ASKABLE]


class Mind:
    """The reward model of one person, over all items this node knows."""

    def __init__(
        self, database: Database, worker: TorchWorker, clock: Callable[[], int], language: str = FIRST_LANGUAGE
    ) -> None:
        """language: in which the public vocabulary's concepts are shown."""
        self.language = language
        self._database = database
        self._vectors = TextVectors(database, worker)
        self._clock = clock
        self._changing = asyncio.Lock()
        self._learning: set[asyncio.Task[None]] = set()  # asyncio itself keeps only a weak hold of them
        self._own: tuple[Concept, ...] = ()
        self._unread: tuple[Item, ...] = ()
        self._fitted = learn(feature_space((), np.zeros((0, WIDTH), np.float32), empty()), ())

    async def start(self) -> None:
        """Read items, release, edits and answers from the store, and learn: at once.

        A text that this encoder has not read, as in a home from before it, says until `read_on` what all public text has in common: nothing."""
        async with self._changing:
            known, current = await self._database.read(
                lambda connection: (items.every(connection), releases.current(connection))
            )
            representation = release.representation(current[1]) if current else empty()
            vectors, is_read = await self._vectors.stored(known)
            vectors[~is_read] = shipped().centre
            self._unread = tuple(item for item, done in zip(known, is_read, strict=True) if not done)
            await self._rebuild(known, vectors, representation)

    async def read_on(self) -> int:
        """Embed what `start` left unread, some at a time, each kept before the next, and learn anew; return how many there were."""
        unread = self._unread
        if not unread:
            return 0
        await self._vectors.of_items(unread)  # slow; answers are learnt from meanwhile
        async with self._changing:
            old, self._unread = self._fitted.features, ()
            await self._rebuild(old.items, await self._vectors.of_items(old.items), old.representation)
        return len(unread)

    async def add_items(self, new: Sequence[Item]) -> None:
        """Embed items that are not known yet, store them, and score them."""
        known = self._fitted.features.index
        fresh = list({item.id: item for item in new if item.id not in known}.values())
        if not fresh:
            return
        vectors = await self._vectors.of_items(fresh)  # slow; answers are learnt from meanwhile
        async with self._changing:
            old = self._fitted.features
            rows = [row for row, item in enumerate(fresh) if item.id not in old.index]
            added = [fresh[row] for row in rows]
            await self._database.write(lambda connection: items.add(connection, added))
            await self._rebuild((*old.items, *added), np.vstack([old.vectors, vectors[rows]]), old.representation)

    async def let_go(self, gone: Sequence[str]) -> None:
        """Forget items whose text was taken back; answers about them stay in the log and teach nothing."""
        async with self._changing:
            old = self._fitted.features
            rows, kept, texts = [], [], []
            for row, item in enumerate(old.items):
                if item.id in gone:
                    texts.append(digest(item.text))
                else:
                    rows.append(row)
                    kept.append(item)
            await self._database.write(lambda connection: _remove(connection, gone, texts))
            if texts:
                await self._rebuild(kept, old.vectors[rows], old.representation)

    def learn_from(self, about: Item | None) -> asyncio.Task[None]:
        """Begin to fit the model anew from the log, `about` made known first; return the task, which goes on if nobody waits for it."""

        async def learning() -> None:
            if about is not None:
                await self.add_items([about])
            await self.relearn()

        task = asyncio.create_task(learning())
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)
        return task

    async def relearn(self) -> None:
        """Fit the model anew from the log of answers."""
        async with self._changing:
            log = await self._database.read(answers.every)
            await self._fit(self._fitted.features, log)

    async def rebuild(self) -> None:
        """Lay everything out anew after a change of the edit log, and fit the model."""
        async with self._changing:
            old = self._fitted.features
            await self._rebuild(old.items, old.vectors, old.representation)

    async def hold(self, own: Mapping[tuple[str, str], Sequence[str]]) -> None:
        """Take these as the person's own concepts from now on: (name, kind) to the texts that are about it."""
        concepts = []
        for (name, kind), texts in own.items():
            if texts:
                concepts.append(concept(name, kind, await self._vectors.of(texts), shipped().centre))
        if not _same(concepts, self._own):
            self._own = tuple(concepts)
            await self.rebuild()

    async def adopt(self, representation: Representation) -> None:
        """Score by this release from now on. The store says already that it is the one in use."""
        async with self._changing:
            old = self._fitted.features
            await self._rebuild(old.items, old.vectors, representation)

    async def _rebuild(
        self, known: Sequence[Item], vectors: npt.NDArray[np.float32], representation: Representation
    ) -> None:
        standing, log = await self._database.read(
            lambda connection: (edits.standing(connection), answers.every(connection))
        )
        texts = meant(standing)
        concepts = [own for own in self._own if own.name not in texts]
        for name, vector in zip(texts, await self._vectors.of(list(texts.values())), strict=True):
            concepts.append(concept(name, "phrase", vector[None], shipped().centre))
        old = self._fitted.features
        features = await asyncio.to_thread(feature_space, known, vectors, representation, concepts, standing, old)
        await self._fit(features, log)

    async def _fit(self, features: FeatureSpace, log: Sequence[Answer]) -> None:
        self._fitted = await asyncio.to_thread(learn, features, log, self._fitted)
        if not self._unread:  # what changes with the reading is no change of the person
            await keep_change_point(self._database, self._fitted)

    async def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return unit embeddings (n, WIDTH), from the store where they are known."""
        return await self._vectors.of(texts)

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the cosines (n, n) between texts."""
        vectors = (await self._vectors.of(texts)).astype(np.float64)
        cosines: npt.NDArray[np.float64] = vectors @ vectors.T
        return cosines

    @property
    def answer_count(self) -> int:
        """How many answers stand behind what is believed."""
        return self._fitted.posterior.answers

    @property
    def release(self) -> int:
        """Number of the release in use, 0 before any."""
        return self._fitted.features.representation.number

    def items(self) -> tuple[Item, ...]:
        """Return all known items."""
        return self._fitted.features.items

    def predict(self, item: str) -> Prediction:
        """Return what this person is believed to say of an item; NotFoundError for one that is not known."""
        return scores.predict(self._fitted, item)

    def chance(self, first: str, second: str = "") -> float:
        """Return the moderated probability of yes to an item, or of its being chosen over another."""
        return scores.chance(self._fitted, first, second)

    async def chance_of(self, answer: Answer, about: Item | None) -> float:
        """Return the probability of yes to what an answer is about; `about` need not be known yet. NotFoundError for anything else."""
        if about is not None and about.id not in self._fitted.features.index:
            unseen = await self.predict_unseen([about])
            return predict(float(unseen.mean[0]), float(unseen.variance[0])).probability
        if answer.item == answer.other:
            raise NotFoundError("there is no such question", "Load the page again")
        return self.chance(answer.item, answer.other)

    def predict_global(self, item: str) -> Prediction:
        """Return what is believed of a person who gave no answer: the community's prior alone."""
        return scores.predict_before(self._fitted, item)

    def parts(self, item: str) -> tuple[ScorePart, ...]:
        """Return the summands of an item's score; they sum to its mean."""
        return scores.parts(self._fitted, item)

    def concepts(self) -> tuple[ScorePart, ...]:
        """Return what is believed of each dimension, the person's changes included."""
        return scores.concepts(self._fitted)

    def prior_concepts(self) -> tuple[ScorePart, ...]:
        """Return the same before any answer and any change."""
        return scores.prior_concepts(self._fitted)

    def edits(self) -> tuple[Edit, ...]:
        """Return what the person said about the model itself and did not take back, oldest first."""
        return self._fitted.features.edits

    def vetoed(self, item: Item) -> str:
        """Return the veto that rules an item out, "" when none does."""
        return principles.vetoed(item, principles.vetoes(self._fitted.features.edits))

    def _allowed(self, items: Sequence[Item]) -> npt.NDArray[np.bool_]:
        return np.array([not self.vetoed(item) for item in items], dtype=bool)

    def fitted(self) -> FittedModel:
        """Return everything that is believed now; it never changes, a new one takes its place."""
        return self._fitted

    async def utilities(self, items: Sequence[Item]) -> npt.NDArray[np.float64]:
        """Return for each item (n,) how much better than no deal it is, in log-odds, by the posterior's mean.

        What a veto rules out is worth less than anything: no deal with it is ever better than none.
        """
        fitted, vectors = self._fitted, await self._vectors.of_items(items)
        gains: npt.NDArray[np.float64] = np.where(self._allowed(items), scores.gains(fitted, items, vectors), VETOED)
        return gains

    async def predict_unseen(self, items: Sequence[Item]) -> UnseenPredictions:
        """Return what the person is believed to say of items that need not be known, to choose among them."""
        fitted, vectors = self._fitted, await self._vectors.of_items(items)
        return await asyncio.to_thread(predict_unseen, fitted, items, vectors, self._allowed(items))

    def head(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return what a round is given: posterior mean (SHARED,) and covariance (SHARED, SHARED) of the head's shared dimensions under the release's
        own prior, fitted anew: as long as an answer takes to learn."""
        shared = shared_belief(self._fitted)
        return shared.mean, shared.covariance

    def answers_on_items(self) -> tuple[tuple[str, int], ...]:
        """Return (item id, +1 or -1) of single answers, the last word on each."""
        last = {}
        for answer in self._fitted.answers:
            if counts(answer):
                last[answer.item] = 1 if answer.choice in YES else -1
        return tuple(sorted(last.items()))


def _same(concepts: Sequence[Concept], others: Sequence[Concept]) -> bool:
    """Return whether both are the same concepts, to the bit and in the same order."""
    if len(concepts) != len(others):
        return False
    for own, other in zip(concepts, others, strict=True):
        if own.name != other.name or not np.array_equal(own.vector, other.vector):
            return False
    return True


def _remove(connection: sqlite3.Connection, gone: Sequence[str], texts: Sequence[str]) -> None:
    items.remove(connection, gone)
    embeddings.remove(connection, texts)
