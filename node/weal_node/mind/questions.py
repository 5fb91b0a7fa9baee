"""Question: what Teach asks next. An audit, once drawn, is asked until it is answered or skipped; what was skipped waits for another sitting."""

import random
import sqlite3
from collections.abc import Set
from dataclasses import dataclass
from functools import partial

import numpy as np

from weal_node.errors import NotFoundError
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.mind import ASKABLE, Mind
from weal_node.records import Item
from weal_node.reward import acquisition, model
from weal_node.store import gate, questions
from weal_node.store.database import Database

CANDIDATES = 300  # states looked at for one question
SINGLE_EVERY = 4  # every fourth question is about one statement alone


@dataclass(frozen=True, slots=True)
class Question:
    """kind: "pair" (first against other) or "single" (first alone, other None).  why: "audit" when drawn at random, else what the agent hopes to learn."""

    kind: str
    first: Item
    other: Item | None
    why: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """What came of this sitting: of how many answers the agent had guessed how many right; and of audits, ever: answered and skipped."""

    right: int
    asked: int
    audits: int
    skipped_audits: int


@dataclass(frozen=True, slots=True)
class _QuestionMemory:
    skipped: frozenset[frozenset[str]]
    waiting: tuple[str, str] | None


async def ask(database: Database, mind: Mind, rng: random.Random, now_ms: int) -> Question | None:
    """Return what to ask now, None without states to ask about; an audit that is drawn is kept before it is shown."""
    memory = await database.read(partial(_remember, now_ms=now_ms))
    fitted = mind.fitted()
    if memory.waiting is not None:
        standing = _standing(fitted, memory.waiting)
        if standing is not None:
            return standing
        await database.write(partial(_let_go, pair=memory.waiting))
    found = choose(fitted, rng, memory.skipped)
    if found is None or found.why != "audit" or found.other is None:
        return found
    drawn = await database.write(partial(questions.draw, item=found.first.id, other=found.other.id))
    return _standing(fitted, drawn) or found  # of two pages opened at once, the first has drawn


async def skip(database: Database, mind: Mind, item: str, other: str, now_ms: int) -> None:
    """Keep that the person would not answer this; it is no label. NotFoundError for what the agent does not know."""
    if not {item, other} - {""} <= set(mind.fitted().features.index) or not item:
        raise NotFoundError("there is no such statement", "It may have been taken away: load the page again")
    await database.write(partial(questions.skip, item=item, other=other, at_ms=now_ms))


async def sitting(database: Database, now_ms: int) -> Sitting:
    """Return how this sitting went so far."""
    return await database.read(partial(_sitting, now_ms=now_ms))


def choose(fitted: FittedModel, rng: random.Random, skipped: Set[frozenset[str]] = frozenset()) -> Question | None:
    """Return what to ask next, None without states to ask about. skipped: ids of states and pairs that are asked only where there is nothing else."""
    on = fitted.features
    rows = [row for row, state in enumerate(on.items) if state.kind in ASKABLE]
    rows = rng.sample(rows, min(len(rows), CANDIDATES))
    answered = {answer.item for answer in fitted.answers if not answer.other}
    fresh = [row for row in rows if on.items[row].id not in answered]
    willing = [row for row in fresh if frozenset((on.items[row].id,)) not in skipped]
    asked = len(fitted.answers)
    audit = asked % acquisition.AUDIT_EVERY == acquisition.AUDIT_EVERY - 1  # never the model's choice, so it goes first
    turn = willing if len(rows) > 1 else willing or fresh
    if turn and (len(rows) < 2 or (asked % SINGLE_EVERY == SINGLE_EVERY - 1 and not audit)):
        chosen_one = turn[acquisition.single(fitted.mean[turn], fitted.variance[turn])]
        return Question("single", on.items[chosen_one], None, "learn")
    if len(rows) < 2:
        return None
    place = {on.items[row].id: number for number, row in enumerate(rows)}
    told = _pairs(place, {frozenset((answer.item, answer.other)) for answer in fitted.answers})
    generator, free = np.random.default_rng(rng.getrandbits(64)), fitted.change.apply(on.phi[rows], on.names)[0]
    covariance = model.joint(fitted.model, free, on.space.at(np.array(rows)))
    # Each candidate is a dimension of its own here: the residual has no finite set of them.
    chosen = acquisition.pair(
        np.eye(len(rows)),
        fitted.mean[rows],
        np.zeros(len(rows)),
        covariance,
        acquisition.Asked(asked, told, _pairs(place, skipped)),
        generator,
    )
    return Question("pair", on.items[rows[chosen.first]], on.items[rows[chosen.second]], chosen.why)


def _pairs(place: dict[str, int], named: Set[frozenset[str]]) -> frozenset[frozenset[int]]:
    """Return the pairs, as places of both, of which both are among the candidates."""
    there = [[place[one] for one in pair if one in place] for pair in named]
    return frozenset(frozenset(pair) for pair in there if len(pair) == 2)


def _standing(fitted: FittedModel, pair: tuple[str, str]) -> Question | None:
    """Return a drawn audit as a question; None where it was answered, or one of the two is gone."""
    index, states = fitted.features.index, fitted.features.items
    if not set(pair) <= set(index) or any({answer.item, answer.other} == set(pair) for answer in fitted.answers):
        return None
    return Question("pair", states[index[pair[0]]], states[index[pair[1]]], "audit")


def _let_go(connection: sqlite3.Connection, pair: tuple[str, str]) -> bool:
    return questions.settle(connection, *pair)


def _began(connection: sqlite3.Connection, now_ms: int) -> int:
    return acquisition.sitting(questions.times(connection), now_ms)


def _remember(connection: sqlite3.Connection, now_ms: int) -> _QuestionMemory:
    since = _began(connection, now_ms)
    return _QuestionMemory(questions.skipped_since(connection, since), questions.waiting(connection))


def _sitting(connection: sqlite3.Connection, now_ms: int) -> Sitting:
    told = gate.taught_since(connection, _began(connection, now_ms))
    audits = gate.guesses(connection, audits_only=True)
    return Sitting(sum(one.right for one in told), len(told), len(audits), questions.skipped_audits(connection))
