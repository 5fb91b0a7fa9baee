"""Judge: what the node believes now, of any state. A belief is immutable; a new one takes its place at once."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError
from weal_node.features.featurize import featurize
from weal_node.features.projection import shipped
from weal_node.features.weights import ENCODER_SHA256, WIDTH
from weal_node.loop.learn import Ground, ground, learn
from weal_node.records import Choice, Judgement, Label, Part, State
from weal_node.reward import explain, teach
from weal_node.reward.judge import judge
from weal_node.store import embeddings, labels, releases, states
from weal_node.store.database import Database
from weal_node.worker import TorchWorker
from weal_protocol import release
from weal_protocol.representation import COMPONENTS, SHARED, Representation, empty

CANDIDATES = 300  # states looked at for one question
SINGLE_EVERY = 4  # every fourth question is about one statement alone
ASKABLE = frozenset({"statement", "proposal"})
CHUNK = 256  # texts embedded and stored at a time: others get their turn, and a kill loses no more than this


@dataclass(frozen=True, slots=True)
class Question:
    """kind: "pair" (first against other) or "single" (first alone, other None)."""

    kind: str
    first: State
    other: State | None


class Mind:
    """The reward model of one person, over all states this node knows."""

    def __init__(self, database: Database, worker: TorchWorker, clock: Callable[[], int]) -> None:
        self._database = database
        self._worker = worker
        self._clock = clock
        self._changing = asyncio.Lock()
        self._belief = learn(ground((), np.zeros((0, COMPONENTS)), empty()), ())

    async def start(self) -> None:
        """Read states, release and labels from the store, and learn."""
        async with self._changing:
            known, current, log = await self._database.read(
                lambda connection: (states.every(connection), releases.current(connection), labels.every(connection))
            )
            representation = release.representation(current[1]) if current else empty()
            await self._relay(known, await self._components(known), representation, log)

    async def add_states(self, new: Sequence[State]) -> None:
        """Embed states that are not known yet, store them, and judge them."""
        fresh = {state.id: state for state in new if state.id not in self._belief.ground.index}
        if not fresh:
            return
        components = await self._components(list(fresh.values()))  # slow; gestures are learnt from meanwhile
        async with self._changing:
            old = self._belief.ground
            rows = [row for row, state in enumerate(fresh) if state not in old.index]
            added = [fresh[state] for state in fresh if state not in old.index]
            await self._database.write(lambda connection: states.add(connection, added))
            components = np.vstack([old.components, components[rows]])
            await self._relay((*old.states, *added), components, old.representation, self._belief.labels)

    async def relearn(self) -> None:
        """Fit the head anew from the label log."""
        async with self._changing:
            log = await self._database.read(labels.every)
            self._belief = await asyncio.to_thread(learn, self._belief.ground, log)

    async def adopt(self, representation: Representation, raw: bytes) -> None:
        """Keep a verified release and judge by it from now on."""
        async with self._changing:
            number, now = representation.number, self._clock()
            await self._database.write(lambda connection: releases.adopt(connection, number, raw, now))
            old = self._belief.ground
            await self._relay(old.states, old.components, representation, self._belief.labels)

    async def _relay(
        self,
        known: Sequence[State],
        components: npt.NDArray[np.float64],
        representation: Representation,
        log: Sequence[Label],
    ) -> None:
        laid: Ground = await asyncio.to_thread(ground, known, components, representation)
        self._belief = await asyncio.to_thread(learn, laid, log)

    async def _components(self, of: Sequence[State]) -> npt.NDArray[np.float64]:
        """Return (n, 24)."""
        found = [np.zeros((0, COMPONENTS))]
        for start in range(0, len(of), CHUNK):
            vectors = await self._vectors([state.text for state in of[start : start + CHUNK]])
            found.append(await asyncio.to_thread(shipped().apply, vectors))
        return np.vstack(found)

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
    def labels(self) -> int:
        """How many gestures stand behind the belief."""
        return self._belief.posterior.labels

    @property
    def release(self) -> int:
        """Number of the release in use, 0 before any."""
        return self._belief.ground.representation.number

    def states(self) -> tuple[State, ...]:
        """Return all known states."""
        return self._belief.ground.states

    def judge(self, state: str) -> Judgement:
        """Return what this person is believed to say of a state; NotFoundError for one that is not known."""
        belief, row = self._belief, self._row(state)
        return judge(float(belief.mean[row]), float(belief.variance[row]))

    def judge_global(self, state: str) -> Judgement:
        """Return what is believed of a person who gave no label: the community's prior alone."""
        belief, row = self._belief, self._row(state)
        return judge(float(belief.mean_before[row]), float(belief.variance_before[row]))

    def parts(self, state: str) -> tuple[Part, ...]:
        """Return the summands of a state's score; they sum to its mean."""
        belief, row = self._belief, self._row(state)
        return explain.parts(belief.posterior, belief.ground.phi[row], float(belief.ground.bias[row]))

    def concepts(self) -> tuple[Part, ...]:
        """Return the belief about each dimension."""
        return explain.concepts(self._belief.posterior)

    def prior_concepts(self) -> tuple[Part, ...]:
        """Return the same before any label."""
        return explain.concepts(self._belief.before)

    async def utilities(self, of: Sequence[State]) -> npt.NDArray[np.float64]:
        """Return for each state (n,) how much better than no deal it is: w . phi without the constant, posterior mean."""
        phi = featurize(of, await self._components(of), self._belief.ground.representation)
        phi[:, 0] = 0.0  # "no deal" has the same constant
        gains: npt.NDArray[np.float64] = phi @ self._belief.posterior.mean
        return gains

    async def similarity(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the cosines (n, n) between texts."""
        vectors = (await self._vectors(texts)).astype(np.float64)
        cosines: npt.NDArray[np.float64] = vectors @ vectors.T
        return cosines

    def question(self, rng: random.Random) -> Question | None:
        """Return what to ask next, None without states to ask about."""
        belief = self._belief
        on = belief.ground
        rows = [row for row, state in enumerate(on.states) if state.kind in ASKABLE]
        rows = rng.sample(rows, min(len(rows), CANDIDATES))
        answered = {label.item for label in belief.labels if not label.other}
        fresh = [row for row in rows if on.states[row].id not in answered]
        asked = len(belief.labels)
        audit = asked % teach.AUDIT_EVERY == teach.AUDIT_EVERY - 1  # never the model's choice, so it goes first
        if fresh and (len(rows) < 2 or (asked % SINGLE_EVERY == SINGLE_EVERY - 1 and not audit)):
            return Question("single", on.states[fresh[teach.single(belief.mean[fresh], belief.variance[fresh])]], None)
        if len(rows) < 2:
            return None
        place = {on.states[row].id: number for number, row in enumerate(rows)}
        pairs = ((place.get(label.item), place.get(label.other)) for label in belief.labels)
        known = {frozenset((one, other)) for one, other in pairs if one is not None and other is not None}
        head, generator = belief.posterior, np.random.default_rng(rng.getrandbits(64))
        chosen = teach.pair(on.phi[rows], on.bias[rows], head.mean, head.covariance, asked, generator, known)
        return Question("pair", on.states[rows[chosen.first]], on.states[rows[chosen.second]])

    def head(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the shared dimensions of the head: posterior mean (28,) and covariance (28, 28)."""
        posterior = self._belief.posterior
        return posterior.mean[:SHARED].copy(), posterior.covariance[:SHARED, :SHARED].copy()

    def labels_on_items(self) -> tuple[tuple[str, int], ...]:
        """Return (state id, +1 or -1) of single answers, the last word on each."""
        last = {
            label.item: 1 if label.choice == Choice.ACCEPT else -1 for label in self._belief.labels if not label.other
        }
        return tuple(sorted(last.items()))

    def _row(self, state: str) -> int:
        try:
            return self._belief.ground.index[state]
        except KeyError:
            raise NotFoundError("there is no such statement", "It may have been taken away") from None
