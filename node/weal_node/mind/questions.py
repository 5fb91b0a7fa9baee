"""What Teach asks next. An audit, once drawn, is asked until it is answered or skipped; what was skipped waits for another sitting."""

import random
import sqlite3
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from weal_node.errors import NotFoundError
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.mind import Mind, askable
from weal_node.mind.pools import Pool, pool
from weal_node.mind.seed_statements import starter_ids
from weal_node.records import Item
from weal_node.reward import acquisition, model
from weal_node.store import gate, own_statements, questions
from weal_node.store.database import Database
from weal_node.store.own_statements import OwnStatement

# Both chosen: as many as a page can wait for, and singles often enough to say what is disliked.
CANDIDATES = 300  # items looked at for one question
SINGLE_EVERY = 4  # every fourth question is about one statement alone
OWN_EVERY = 2  # every second is about what the person wrote alone, while two of it make a question; chosen
CONFIRM_EVERY = (
    3  # every third, while there is something of the person's own to confirm: 8 of 11 were good questions (look.md, 4)
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the person.

    kind: "pair" (first against other), "single" (first alone, other None) or "confirm" (what they wrote of first; other None).
    why: "audit" when drawn at random; "again" after an answer was taken back; else what the agent hopes for: "best" or "learn".
    first_said, other_said: where the two stand in the person's own notes, None where they do not."""

    kind: str
    first: Item
    other: Item | None
    why: str
    first_said: OwnStatement | None = None
    other_said: OwnStatement | None = None


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
class Closed:
    """What is not asked. skipped: only where there is nothing else.  refused: never. Ids of items and pairs."""

    skipped: Set[frozenset[str]] = frozenset()
    refused: Set[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class _QuestionMemory:
    closed: Closed
    waiting: tuple[str, str] | None
    own: Mapping[str, OwnStatement]


async def ask(database: Database, mind: Mind, rng: random.Random, now_ms: int) -> Question | None:
    """Return what to ask now, None without items to ask about; an audit that is drawn is kept before it is shown."""
    memory = await database.read(partial(_remember, now_ms=now_ms))
    question = await _next(database, mind.fitted(), rng, memory)
    if question is None:
        return None
    other = question.other.id if question.other else ""
    return replace(question, first_said=memory.own.get(question.first.id), other_said=memory.own.get(other))


async def _next(
    database: Database, fitted: FittedModel, rng: random.Random, memory: _QuestionMemory
) -> Question | None:
    if memory.waiting is not None:
        standing = _standing(fitted, memory.waiting)
        if standing is not None:
            return standing
        await database.write(partial(_let_go, pair=memory.waiting))
    question = choose(fitted, rng, memory.closed, memory.own)
    if question is None or question.why != "audit" or question.other is None:
        return question
    drawn = await database.write(partial(questions.draw, item=question.first.id, other=question.other.id))
    return _standing(fitted, drawn) or question  # of two pages opened at once, the first has drawn


async def skip(database: Database, mind: Mind, item: str, other: str, now_ms: int) -> None:
    """Keep that the person would not answer this; it is no answer. NotFoundError for what the agent does not know."""
    if not {item, other} - {""} <= set(mind.fitted().features.index) or not item:
        raise NotFoundError("there is no such statement", "It may have been taken away: load the page again")
    await database.write(partial(questions.skip, item=item, other=other, at_ms=now_ms))


async def refuse(database: Database, mind: Mind, item: str, other: str, now_ms: int) -> None:
    """Keep that this is never to be asked again; it is no answer. NotFoundError for what the agent does not know."""
    await skip(database, mind, item, other, now_ms)
    await database.write(partial(own_statements.refuse, item=item, other=other, at_ms=now_ms))


async def confirmed(database: Database, item: str) -> int:
    """Return 1 where the person wrote that they like this, -1 where they do not; NotFoundError where no note says it any more."""
    said = (await database.read(own_statements.every)).get(item)
    if said is None or not said.says:
        raise NotFoundError("your notes do not say this any more", "Load Teach again")
    return said.says


async def sitting(database: Database, now_ms: int) -> Sitting:
    """Return how this sitting went so far."""
    return await database.read(partial(_sitting, now_ms=now_ms))


def choose(
    fitted: FittedModel,
    rng: random.Random,
    closed: Closed | None = None,
    own: Mapping[str, OwnStatement] | None = None,
) -> Question | None:
    """Return what to ask next, None without items to ask about. own: what stands in the person's notes, by id of its item."""
    closed, own = closed or Closed(), own or {}
    items = fitted.features.items
    able = {*askable(fitted), *(fitted.features.index[state] for state in own if state in fitted.features.index)}
    rows = [row for row in sorted(able) if frozenset((items[row].id,)) not in closed.refused]
    few = pool(items, rng.sample(rows, min(len(rows), CANDIDATES)), own, starter_ids())
    asked = len(fitted.answers)
    audit = acquisition.turn(asked) == "audit"  # never the model's choice, so it goes first
    if not audit and asked % OWN_EVERY == 0:
        few = _of_own(fitted, few, closed, own)
    if not audit and asked % CONFIRM_EVERY == CONFIRM_EVERY - 2:
        _, willing = _unanswered(fitted, few.confirmable, closed.skipped)
        if willing:
            return _least_certain(fitted, willing, "confirm")
    alone = len(few.rows) < 2
    if alone or (asked % SINGLE_EVERY == SINGLE_EVERY - 1 and not audit):
        fresh, willing = _unanswered(fitted, few.rows, closed.skipped)
        single = (willing or fresh) if alone else willing
        if single:
            return _least_certain(fitted, single, "single")
    return None if alone else _pair(fitted, few, rng, closed)


def _of_own(fitted: FittedModel, few: Pool, closed: Closed, own: Mapping[str, OwnStatement]) -> Pool:
    """Return the part of the pool that the person wrote, where two of it that were not compared yet make a question; else all of it."""
    items = fitted.features.items
    mine = few.at([place for place, row in enumerate(few.rows) if items[row].id in own])
    gone = {frozenset((answer.item, answer.other)) for answer in fitted.answers} | closed.skipped | closed.refused
    for first, second in zip(*np.nonzero(np.triu(~mine.unfit, 1)), strict=True):
        if frozenset((items[mine.rows[first]].id, items[mine.rows[second]].id)) not in gone:
            return mine
    return few


def _unanswered(fitted: FittedModel, rows: Sequence[int], skipped: Set[frozenset[str]]) -> tuple[list[int], list[int]]:
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


def _least_certain(fitted: FittedModel, rows: list[int], kind: str) -> Question:
    row = rows[acquisition.single(fitted.mean[rows], fitted.variance[rows])]
    return Question(kind, fitted.features.items[row], None, "learn")


def _pair(fitted: FittedModel, few: Pool, rng: random.Random, closed: Closed) -> Question | None:
    """Return which two of these items to compare, None where all that is left was refused."""
    features, rows = fitted.features, list(few.rows)
    answered = {frozenset((answer.item, answer.other)) for answer in fitted.answers}
    place = {features.items[row].id: number for number, row in enumerate(rows)}
    waived = _places(place, closed.skipped | closed.refused)
    asked = acquisition.Asked(len(fitted.answers), _places(place, answered), waived, few.unfit)
    free, _ = fitted.change.apply(features.phi[rows], features.names)
    covariance = model.joint(fitted.model, free, features.space.at(np.array(rows)))
    # Each candidate is a dimension of its own here: the residual has no finite set of them.
    own, mean = np.eye(len(rows)), fitted.mean[rows]
    draw = np.random.default_rng(rng.getrandbits(64))
    chosen = acquisition.pair(own, mean, np.zeros(len(rows)), covariance, asked, draw)
    first, other = features.items[rows[chosen.first]], features.items[rows[chosen.second]]
    if frozenset((first.id, other.id)) in closed.refused:
        return None
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
    closed = Closed(questions.skipped_since(connection, since), own_statements.refused(connection))
    return _QuestionMemory(closed, questions.waiting(connection), own_statements.every(connection))


def _sitting(connection: sqlite3.Connection, now_ms: int) -> Sitting:
    guesses = gate.taught_since(connection, _began(connection, now_ms))
    right = [guess for guess in guesses if guess.right]
    audits = gate.guesses(connection, audits_only=True)
    return Sitting(len(right), len(guesses), len(audits), questions.skipped_audits(connection))
