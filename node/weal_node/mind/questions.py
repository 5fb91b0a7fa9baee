"""What Teach asks next. An audit, once drawn, is asked until it is answered or skipped; what was skipped waits for another sitting."""

import random
import sqlite3
from collections.abc import Set
from dataclasses import dataclass
from functools import partial

import numpy as np

from weal_node.errors import NotFoundError
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.mind import Mind, askable
from weal_node.records import Item
from weal_node.reward import acquisition, model
from weal_node.store import gate, questions
from weal_node.store.database import Database

# Both chosen: as many as a page can wait for, and singles often enough to say what is disliked.
CANDIDATES = 300  # items looked at for one question
SINGLE_EVERY = 4  # every fourth question is about one statement alone


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the person.

    kind: "pair" (first against other) or "single" (first alone, other None).
    why: "audit" when drawn at random, else what the agent hopes for: "best" or "learn"."""

    kind: str
    first: Item
    other: Item | None
    why: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """What came of this sitting.

    right, asked: how many answers the agent had guessed right, of how many that it had guessed.
    audits, skipped_audits: how many were answered and how many skipped, ever."""

    right: int
    asked: int
    audits: int
    skipped_audits: int


@dataclass(frozen=True, slots=True)
class _QuestionMemory:
    skipped: frozenset[frozenset[str]]
    waiting: tuple[str, str] | None


async def ask(database: Database, mind: Mind, rng: random.Random, now_ms: int) -> Question | None:
    """Return what to ask now, None without items to ask about; an audit that is drawn is kept before it is shown."""
    memory = await database.read(partial(_remember, now_ms=now_ms))
    fitted = mind.fitted()
    if memory.waiting is not None:
        standing = _standing(fitted, memory.waiting)
        if standing is not None:
            return standing
        await database.write(partial(_let_go, pair=memory.waiting))
    question = choose(fitted, rng, memory.skipped)
    if question is None or question.why != "audit" or question.other is None:
        return question
    drawn = await database.write(partial(questions.draw, item=question.first.id, other=question.other.id))
    return _standing(fitted, drawn) or question  # of two pages opened at once, the first has drawn


async def skip(database: Database, mind: Mind, item: str, other: str, now_ms: int) -> None:
    """Keep that the person would not answer this; it is no answer. NotFoundError for what the agent does not know."""
    if not {item, other} - {""} <= set(mind.fitted().features.index) or not item:
        raise NotFoundError("there is no such statement", "It may have been taken away: load the page again")
    await database.write(partial(questions.skip, item=item, other=other, at_ms=now_ms))


async def sitting(database: Database, now_ms: int) -> Sitting:
    """Return how this sitting went so far."""
    return await database.read(partial(_sitting, now_ms=now_ms))


def choose(fitted: FittedModel, rng: random.Random, skipped: Set[frozenset[str]] = frozenset()) -> Question | None:
    """Return what to ask next, None without items to ask about.

    skipped: ids of items and pairs that are asked only where there is nothing else."""
    rows = askable(fitted)
    rows = rng.sample(rows, min(len(rows), CANDIDATES))
    asked = len(fitted.answers)
    audit = acquisition.turn(asked) == "audit"  # never the model's choice, so it goes first
    alone = len(rows) < 2
    if alone or (asked % SINGLE_EVERY == SINGLE_EVERY - 1 and not audit):
        fresh, willing = _unanswered(fitted, rows, skipped)
        single = (willing or fresh) if alone else willing
        if single:
            return _least_certain(fitted, single)
    return None if alone else _pair(fitted, rows, rng, skipped)


def _unanswered(fitted: FittedModel, rows: list[int], skipped: Set[frozenset[str]]) -> tuple[list[int], list[int]]:
    """Return the rows of items that no single answer is about, and those of them that were not skipped."""
    answered = {answer.item for answer in fitted.answers if not answer.other}
    fresh, willing = [], []
    for row in rows:
        item = fitted.features.items[row].id
        if item not in answered:
            fresh.append(row)
            if frozenset((item,)) not in skipped:
                willing.append(row)
    return fresh, willing


def _least_certain(fitted: FittedModel, rows: list[int]) -> Question:
    row = rows[acquisition.single(fitted.mean[rows], fitted.variance[rows])]
    return Question("single", fitted.features.items[row], None, "learn")


def _pair(fitted: FittedModel, rows: list[int], rng: random.Random, skipped: Set[frozenset[str]]) -> Question:
    """Return which two of these items to compare."""
    features = fitted.features
    answered = {frozenset((answer.item, answer.other)) for answer in fitted.answers}
    place = {features.items[row].id: number for number, row in enumerate(rows)}
    asked = acquisition.Asked(len(fitted.answers), _places(place, answered), _places(place, skipped))
    free, _ = fitted.change.apply(features.phi[rows], features.names)
    covariance = model.joint(fitted.model, free, features.space.at(np.array(rows)))
    # Each candidate is a dimension of its own here: the residual has no finite set of them.
    own, mean = np.eye(len(rows)), fitted.mean[rows]
    draw = np.random.default_rng(rng.getrandbits(64))
    chosen = acquisition.pair(own, mean, np.zeros(len(rows)), covariance, asked, draw)
    first, other = features.items[rows[chosen.first]], features.items[rows[chosen.second]]
    return Question("pair", first, other, chosen.why)


def _places(place: dict[str, int], pairs: Set[frozenset[str]]) -> frozenset[frozenset[int]]:
    """Return those pairs, as places of both, of which both are among the candidates."""
    there = set()
    for pair in pairs:
        if len(pair) == 2 and pair <= place.keys():
            there.add(frozenset(map(place.__getitem__, pair)))
    return frozenset(there)


def _standing(fitted: FittedModel, pair: tuple[str, str]) -> Question | None:
    """Return a drawn audit as a question; None where it was answered, or one of the two is gone."""
    index, items = fitted.features.index, fitted.features.items
    first, other = pair
    if first not in index or other not in index:
        return None
    for answer in fitted.answers:
        if {answer.item, answer.other} == {first, other}:
            return None
    return Question("pair", items[index[first]], items[index[other]], "audit")


def _let_go(connection: sqlite3.Connection, pair: tuple[str, str]) -> bool:
    return questions.settle(connection, *pair)


def _began(connection: sqlite3.Connection, now_ms: int) -> int:
    return acquisition.sitting(questions.times(connection), now_ms)


def _remember(connection: sqlite3.Connection, now_ms: int) -> _QuestionMemory:
    since = _began(connection, now_ms)
    return _QuestionMemory(questions.skipped_since(connection, since), questions.waiting(connection))


def _sitting(connection: sqlite3.Connection, now_ms: int) -> Sitting:
    guesses = gate.taught_since(connection, _began(connection, now_ms))
    right = [guess for guess in guesses if guess.right]
    audits = gate.guesses(connection, audits_only=True)
    return Sitting(len(right), len(guesses), len(audits), questions.skipped_audits(connection))
