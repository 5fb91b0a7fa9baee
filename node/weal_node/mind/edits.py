"""What the person does to their own model. Each act is an entry of the edit log, on disk before anything changes."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.errors import NotFoundError, RefusedError, TypedError
from weal_node.features import vocabulary
from weal_node.mind import sentences
from weal_node.mind.answers import drop_answer
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.mind.mind import Mind, counts
from weal_node.reward import principles
from weal_node.reward.edit import Edit, Kind
from weal_node.reward.head import YES
from weal_node.reward.veto import parse
from weal_node.store import edits
from weal_node.store.database import Database

Array = npt.NDArray[np.float64]
MOST_WEIGHT = 20.0  # log-odds: beyond it a concept alone decides everything
LONGEST = 280  # characters: chosen, a sentence or two
FLAT = 1e-12  # variance below which a column says nothing


@dataclass(frozen=True, slots=True)
class Shadow:
    """What forbidding a concept left and cost.

    correlation: how well (0 to 1) what is still used can say the concept, over the known items; NaN where they are too few to say.
    accuracy, accuracy_without: share of the person's own single answers that the model gives, before and after; NaN without any.
    """

    concept: str
    correlation: float
    accuracy: float
    accuracy_without: float


class Edits:
    """The person's hand on the model."""

    def __init__(self, database: Database, mind: Mind, clock: Callable[[], int]) -> None:
        self._database = database
        self._mind = mind
        self._clock = clock

    async def pin(self, concept: str) -> Edit:
        """Hold a concept at the weight it has now, whatever answers say later."""
        now = self._weight(concept)
        return await self._say(Kind.PIN, concept, now, now)

    async def edit(self, concept: str, value: float) -> Edit:
        """Set a concept's weight now; a pinned one stays held, at the new weight, any other goes on learning from there."""
        if not abs(value) <= MOST_WEIGHT:
            raise TypedError(
                f"a weight is a number between -{MOST_WEIGHT:.0f} and {MOST_WEIGHT:.0f}",
                "Give one, such as 1.5 or -0.8",
            )
        return await self._say(Kind.EDIT, concept, value, self._weight(concept))

    async def claim(self, concept: str, amount: float) -> Edit:
        """Set a concept's weight so that what is said of the things it is about is this amount, in log-odds; 0: that nothing is known. Answers go on teaching it."""
        weight = await asyncio.to_thread(sentences.weight_for, self._mind.fitted(), concept, amount)
        return await self.edit(concept, min(max(weight, -MOST_WEIGHT), MOST_WEIGHT))

    async def ignore(self, concept: str) -> Edit:
        """Let a concept count nothing."""
        return await self._say(Kind.IGNORE, concept, 0.0, self._weight(concept))

    async def forbid(self, concept: str) -> Edit:
        """Take a concept and its shadow out of everything, and learn all anew without it."""
        return await self._say(Kind.FORBID, concept, 0.0, self._weight(concept))

    async def name(self, concept: str, word: str) -> Edit:
        """Call a concept by a word that the person confirms."""
        return await self._say(Kind.NAME, concept, text=_line(word, "a name"), was=self._weight(concept))

    async def phrase(self, text: str) -> Edit:
        """Make a concept of a phrase."""
        text = _line(text, "a phrase")
        return await self._say(Kind.PHRASE, self._fresh(f"phrase: {text}"), text=text)

    async def principle(self, text: str, sign: int) -> Edit:
        """Hold to something from now on: more (+1) or less (-1) of what the text is about. Answers may outweigh it."""
        text = _line(text, "a principle")
        if len(principles.soft(self._mind.edits())) >= principles.MOST:
            raise RefusedError(f"there are {principles.MOST} principles already", "Take one back first")
        weight = principles.STRENGTH * principles.TYPICAL * (1 if sign > 0 else -1)
        return await self._say(Kind.PRINCIPLE, self._fresh(f"principle: {text}"), weight, text=text)

    async def veto(self, text: str) -> Edit:
        """Rule something out, whatever its score: "never on weekends", "hours given > 3", "word is casino"."""
        text = _line(text, "a veto")
        parse(text)
        return await self._say(Kind.VETO, "", text=text)

    async def undo(self, edit: str) -> None:
        """Take an entry back: everything is as if it had never been made."""
        now = self._clock()
        if not await self._database.write(lambda connection: edits.undo(connection, edit, now)):
            raise NotFoundError("there is no such change to take back", "It may have been taken back already")
        await self._mind.rebuild()

    async def forget(self, answer: str) -> None:
        """Forget one answer: it goes from the log, and what is believed is what would be had it never been given."""
        now = self._clock()
        if not await self._database.write(lambda connection: drop_answer(connection, answer, now)):
            raise NotFoundError("there is no such answer to forget", "It may have been forgotten already")
        await self._mind.relearn()

    def _weight(self, concept: str) -> float:
        for part in self._mind.concepts():
            if part.name == concept:
                return part.amount
        raise NotFoundError("there is no such concept", "It may have been taken away: load Mirror again")

    def _fresh(self, concept: str) -> str:
        if concept in self._mind.fitted().features.names:
            raise RefusedError(f"there is {concept} already")
        return concept

    async def _say(self, kind: Kind, concept: str, value: float = 0.0, was: float = 0.0, text: str = "") -> Edit:
        entry = Edit(uuid.uuid4().hex, self._clock(), kind, concept, float(value), float(was), text)
        await self._database.write(lambda connection: edits.add(connection, entry))
        await self._mind.rebuild()
        return entry


def shadow(fitted: FittedModel, concept: str) -> Shadow:
    """Return what forbidding this concept left and cost, by comparing with the model that may use it. ValueError for no concept."""
    now = fitted.features
    others = [entry for entry in now.edits if not (entry.kind is Kind.FORBID and entry.concept == concept)]
    free = learn(feature_space(now.items, now.vectors, now.representation, now.concepts, others), fitted.answers)
    column = _column(free.features, concept)
    return Shadow(concept, _explained(column, now.phi), _accuracy(free), _accuracy(fitted))


def _column(features: FeatureSpace, concept: str) -> Array | None:
    """Return how much each item (m,) is about a concept; None for one that there is no more, such as a tag that no note bears."""
    if concept in features.names:
        column: Array = features.phi[:, features.names.index(concept)]
        return column
    number = vocabulary.shipped().number(concept)
    return None if number is None else features.nearest.columns([number])[:, 0]


def _explained(column: Array | None, phi: Array) -> float:
    """Return the multiple correlation of a column (m,) with others (m, D), corrected for their number; NaN where there is nothing to say."""
    if column is None:
        return float("nan")
    m, spread = len(column), float(np.var(column))
    if m < 3 or spread < FLAT:
        return 0.0
    design = np.column_stack([np.ones(m), phi[:, 1:]])
    rank = int(np.linalg.matrix_rank(design))
    if m <= rank + 1:
        return float("nan")  # too few items to say
    rest = column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
    adjusted = 1.0 - (float(rest @ rest) / (m - rank)) / (spread * m / (m - 1))
    return float(np.sqrt(max(adjusted, 0.0)))


def _accuracy(fitted: FittedModel) -> float:
    """Return the share of the person's answers about one item that the model gives too; NaN without any."""
    index, right = fitted.features.index, []
    for answer in fitted.answers:
        if counts(answer) and answer.item in index:
            predicted = fitted.mean[index[answer.item]] > 0
            right.append(predicted == (answer.choice in YES))
    return float(np.mean(right)) if right else float("nan")


def _line(text: str, what: str) -> str:
    line = " ".join(text.split())
    if not line or len(line) > LONGEST:
        raise TypedError(f"{what} has between 1 and {LONGEST} characters", "Say it in a sentence")
    return line
