"""Judge: what the node believes now, of any state. A belief is immutable; a new one takes its place at once."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError
from weal_node.features.concepts import Concept, concept
from weal_node.features.projection import shipped
from weal_node.features.weights import ENCODER_SHA256, WIDTH
from weal_node.mind.appraisal import Appraisal, appraise
from weal_node.mind.change_points import announce
from weal_node.mind.fitted_model import FeatureSpace, FittedModel, feature_space, learn, meant
from weal_node.records import Answer, Item, Prediction, ScorePart
from weal_node.reward import explain, model, principles
from weal_node.reward.edit import Edit, ModelEdit
from weal_node.reward.head import GRADES, YES
from weal_node.reward.posterior import Posterior
from weal_node.reward.prediction import predict
from weal_node.store import answers, edits, embeddings, items, releases
from weal_node.store.database import Database
from weal_node.worker import TorchWorker
from weal_protocol import release
from weal_protocol.representation import SHARED, Representation, empty

VETOED = -1e3  # log-odds, far below anything that the other terms of a deal could outweigh
ASKABLE = frozenset({"statement", "proposal"})
CHUNK = 256  # texts embedded and stored at a time: others get their turn, and a kill loses no more than this


def counts(answer: Answer) -> bool:
    """Return whether a label is a plain yes or no to one state: not a pair, and not an even grade."""
    return not answer.other and GRADES.get(answer.choice) != 3


class Mind:
    """The reward model of one person, over all states this node knows."""

    def __init__(self, database: Database, worker: TorchWorker, clock: Callable[[], int]) -> None:
        self._database = database
        self._worker = worker
        self._clock = clock
        self._changing = asyncio.Lock()
        self._learning: set[asyncio.Task[None]] = set()  # asyncio itself keeps only a weak hold of them
        self._own: tuple[Concept, ...] = ()
        self._fitted = learn(feature_space((), np.zeros((0, WIDTH), np.float32), empty()), ())

    async def start(self) -> None:
        """Read states, release, edits and labels from the store, and learn."""
        async with self._changing:
            known, current = await self._database.read(
                lambda connection: (items.every(connection), releases.current(connection))
            )
            representation = release.representation(current[1]) if current else empty()
            await self._rebuild(known, await self._embeddings(known), representation)

    async def add_items(self, new: Sequence[Item]) -> None:
        """Embed states that are not known yet, store them, and judge them."""
        fresh = {state.id: state for state in new if state.id not in self._fitted.features.index}
        if not fresh:
            return
        vectors = await self._embeddings(list(fresh.values()))  # slow; gestures are learnt from meanwhile
        async with self._changing:
            old = self._fitted.features
            rows = [row for row, state in enumerate(fresh) if state not in old.index]
            added = [fresh[state] for state in fresh if state not in old.index]
            await self._database.write(lambda connection: items.add(connection, added))
            await self._rebuild((*old.states, *added), np.vstack([old.vectors, vectors[rows]]), old.representation)

    async def let_go(self, gone: Sequence[str]) -> None:
        """Forget states whose text was taken back; labels on them stay in the log and teach nothing."""
        async with self._changing:
            old = self._fitted.features
            stay = [row for row, state in enumerate(old.states) if state.id not in gone]
            texts = [hashlib.sha256(state.text.encode()).hexdigest() for state in old.states if state.id in gone]
            await self._database.write(lambda connection: _remove(connection, gone, texts))
            if len(stay) < len(old.states):
                await self._rebuild([old.states[row] for row in stay], old.vectors[stay], old.representation)

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
        """Fit the model anew from the label log."""
        async with self._changing:
            log = await self._database.read(answers.every)
            await self._believe(self._fitted.features, log)

    async def rebuild(self) -> None:
        """Lay everything out anew after a change of the edit log, and fit the model."""
        async with self._changing:
            old = self._fitted.features
            await self._rebuild(old.states, old.vectors, old.representation)

    async def hold(self, own: Mapping[tuple[str, str], Sequence[str]]) -> None:
        """Take these as the person's own concepts from now on: (name, kind) to the texts that are about it."""
        centre = shipped().centre
        found = [
            concept(name, kind, await self._vectors(texts), centre) for (name, kind), texts in own.items() if texts
        ]
        if [one.name for one in found] == [one.name for one in self._own] and all(
            np.array_equal(new.vector, old.vector) for new, old in zip(found, self._own, strict=True)
        ):
            return
        self._own = tuple(found)
        await self.rebuild()

    async def adopt(self, representation: Representation) -> None:
        """Judge by this release from now on. The store says already that it is the one in use."""
        async with self._changing:
            old = self._fitted.features
            await self._rebuild(old.states, old.vectors, representation)

    async def _rebuild(
        self, known: Sequence[Item], vectors: npt.NDArray[np.float32], representation: Representation
    ) -> None:
        said, log = await self._database.read(
            lambda connection: (edits.standing(connection), answers.every(connection))
        )
        texts = meant(said)
        vectors_of = await self._vectors(list(texts.values()))
        centre = shipped().centre
        spoken = [concept(name, "phrase", vector[None], centre) for name, vector in zip(texts, vectors_of, strict=True)]
        concepts = (*(one for one in self._own if one.name not in texts), *spoken)
        laid = await asyncio.to_thread(feature_space, known, vectors, representation, concepts, said)
        await self._believe(laid, log)

    async def _believe(self, laid: FeatureSpace, log: Sequence[Answer]) -> None:
        self._fitted = await asyncio.to_thread(learn, laid, log, self._fitted)
        await announce(self._database, self._fitted)

    async def _embeddings(self, of: Sequence[Item]) -> npt.NDArray[np.float32]:
        """Return (n, 384)."""
        texts = [state.text for state in of]
        found = [await self._vectors(texts[start : start + CHUNK]) for start in range(0, len(of), CHUNK)]
        return np.vstack([np.zeros((0, WIDTH), np.float32), *found])

    async def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return unit embeddings (n, 384), from the store where they are known."""
        return np.vstack([np.zeros((0, WIDTH), np.float32), await self._vectors(texts)])

    async def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return embeddings (n, 384), from the store where they are known."""
        names = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        found = await self._database.read(lambda connection: embeddings.find(connection, ENCODER_SHA256, names))
        missing = {name: text for name, text in zip(names, texts, strict=True) if name not in found}
        if missing:
            vectors = await self._worker.embed(list(missing.values()))
            fresh = dict(zip(missing, vectors, strict=True))
            await self._database.write(lambda connection: embeddings.add(connection, ENCODER_SHA256, fresh.items()))
            found |= fresh
        return np.array([found[name] for name in names], np.float32).reshape(len(names), WIDTH)

    @property
    def answer_count(self) -> int:
        """How many gestures stand behind the belief."""
        return self._fitted.posterior.answers

    @property
    def release(self) -> int:
        """Number of the release in use, 0 before any."""
        return self._fitted.features.representation.number

    def items(self) -> tuple[Item, ...]:
        """Return all known states."""
        return self._fitted.features.states

    def predict(self, state: str) -> Prediction:
        """Return what this person is believed to say of a state; NotFoundError for one that is not known."""
        fitted, row = self._fitted, self._row(state)
        return predict(float(fitted.mean[row]), float(fitted.variance[row]))

    def chance(self, first: str, second: str = "") -> float:
        """Return the moderated probability of yes to a state, or of its being chosen over another."""
        fitted, on = self._fitted, self._fitted.features
        ends = np.array([self._row(state) for state in (first, second) if state])
        free, _ = fitted.change.apply(on.phi[ends], on.names)
        covariance = model.joint(fitted.model, free, on.space.at(ends))
        signs = np.array([1.0, -1.0])[: len(ends)]
        return predict(float(signs @ fitted.mean[ends]), max(0.0, float(signs @ covariance @ signs))).probability

    async def chance_of(self, answer: Answer, about: Item | None) -> float:
        """Return the probability of yes to what an answer is about; `about` need not be known yet. NotFoundError for anything else."""
        if about is not None and about.id not in self._fitted.features.index:
            unseen = await self.appraise([about])
            return predict(float(unseen.mean[0]), float(unseen.variance[0])).probability
        if answer.item == answer.other:
            raise NotFoundError("there is no such question", "Load the page again")
        return self.chance(answer.item, answer.other)

    def predict_global(self, state: str) -> Prediction:
        """Return what is believed of a person who gave no label: the community's prior alone."""
        fitted, row = self._fitted, self._row(state)
        return predict(float(fitted.mean_before[row]), float(fitted.variance_before[row]))

    def parts(self, state: str) -> tuple[ScorePart, ...]:
        """Return the summands of a state's score; they sum to its mean."""
        fitted, row, on = self._fitted, self._row(state), self._fitted.features
        residual = float(fitted.residual[row])
        return explain.parts(fitted.posterior, fitted.change, on.names, on.phi[row], float(on.bias[row]), residual)

    def concepts(self) -> tuple[ScorePart, ...]:
        """Return the belief about each dimension, the person's changes included."""
        fitted = self._fitted
        return explain.concepts(fitted.posterior, fitted.change, fitted.features.names)

    def prior_concepts(self) -> tuple[ScorePart, ...]:
        """Return the same before any label and any change."""
        prior = self._fitted.features.prior
        return explain.concepts(Posterior(prior.mean, prior.covariance, 0), ModelEdit(), self._fitted.features.names)

    def edits(self) -> tuple[Edit, ...]:
        """Return what the person said about the model itself and did not take back, oldest first."""
        return self._fitted.features.edits

    def vetoed(self, state: Item) -> str:
        """Return the veto that rules a state out, "" when none does."""
        return principles.vetoed(state, principles.vetoes(self._fitted.features.edits))

    def fitted(self) -> FittedModel:
        """Return everything that is believed now; it never changes, a new one takes its place."""
        return self._fitted

    async def utilities(self, of: Sequence[Item]) -> npt.NDArray[np.float64]:
        """Return for each state (n,) how much better than no deal it is: w . phi without the constant, posterior mean.

        What a veto rules out is worth less than anything: no deal with it is ever better than none.
        """
        fitted, on = self._fitted, self._fitted.features
        phi = on.featurize(of, await self._embeddings(of))
        phi[:, 0] = 0.0  # "no deal" has the same constant
        weights, _ = explain.weights(fitted.posterior, fitted.change, on.names)
        ruled_out = np.array([bool(self.vetoed(state)) for state in of], dtype=bool)
        gains: npt.NDArray[np.float64] = np.where(ruled_out, VETOED, phi @ weights)
        return gains

    async def appraise(self, of: Sequence[Item]) -> Appraisal:
        """Return what the person is believed to say of states that need not be known, to choose among them."""
        fitted, vectors = self._fitted, await self._embeddings(of)
        allowed = np.array([not self.vetoed(state) for state in of], dtype=bool)
        return await asyncio.to_thread(appraise, fitted, of, vectors, allowed)

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the cosines (n, n) between texts."""
        vectors = (await self._vectors(texts)).astype(np.float64)
        cosines: npt.NDArray[np.float64] = vectors @ vectors.T
        return cosines

    def head(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the shared dimensions of the head: posterior mean (28,) and covariance (28, 28)."""
        posterior = self._fitted.posterior
        return posterior.mean[:SHARED].copy(), posterior.covariance[:SHARED, :SHARED].copy()

    def answers_on_items(self) -> tuple[tuple[str, int], ...]:
        """Return (state id, +1 or -1) of single answers, the last word on each."""
        last = {answer.item: 1 if answer.choice in YES else -1 for answer in self._fitted.answers if counts(answer)}
        return tuple(sorted(last.items()))

    def _row(self, state: str) -> int:
        try:
            return self._fitted.features.index[state]
        except KeyError:
            raise NotFoundError("there is no such statement", "It may have been taken away") from None


def _remove(connection: sqlite3.Connection, gone: Sequence[str], texts: Sequence[str]) -> None:
    items.remove(connection, gone)
    embeddings.remove(connection, texts)
