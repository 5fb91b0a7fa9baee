"""A person's answers. `give` is the one way in which an answer becomes something the agent learns from; `drop_answer` takes one back."""

import asyncio
import hashlib
import re
import secrets
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from weal_node.errors import NotFoundError
from weal_node.records import Answer, Item
from weal_node.reward.calibration import Guess
from weal_node.reward.head import GRADES, YES
from weal_node.store import announcements, answers, edits, gate, items, questions
from weal_node.store.database import Database

Effect = Callable[[sqlite3.Connection], None]


class Learner(Protocol):
    """What of the mind is needed here."""

    async def chance_of(self, answer: Answer, about: Item | None) -> float:
        """Return the probability of yes; NotFoundError where the answer is about nothing that is known."""

    def learn_from(self, about: Item | None) -> asyncio.Task[None]:
        """Begin to learn from the log as it stands now; `about` is made known first."""


@dataclass(frozen=True, slots=True)
class Also:
    """What an answer brings about besides itself.

    about: what it is about, where the agent need not know that yet.
    effect: happens in the same transaction, before the answer; if it fails, there is no answer."""

    about: Item | None = None
    effect: Effect | None = None


async def any_given(database: Database) -> bool:
    """Whether the person has answered anything that is not forgotten."""
    return await database.read(answers.any_given)


async def give(
    database: Database, mind: Learner, answer: Answer, wait_s: float | None = None, also: Also | None = None
) -> Guess:
    """Store an answer with all that hangs on it, then learn from it; return what had been guessed before it.

    One transaction holds the answer, the guess made before it, the audit that it settles and the suggestion that it replies to: a kill
    loses all of them or none. When this returns they are on disk; learning is waited for `wait_s` seconds at most (None: to its end) and
    goes on by itself. The same id again is the same gesture and changes nothing. NotFoundError for what the agent does not know."""
    also = also or Also()
    guess = Guess(await mind.chance_of(answer, also.about), answer.choice in YES)

    def at_once(connection: sqlite3.Connection) -> None:
        if also.effect is not None:
            also.effect(connection)
        if also.about is not None:
            items.add(connection, [also.about])
        record(connection, answer, guess)

    await database.write(at_once)
    learning = mind.learn_from(also.about)
    done, _ = await asyncio.wait({learning}, timeout=wait_s)
    if done:
        learning.result()
    return guess


def record(connection: sqlite3.Connection, answer: Answer, guess: Guess) -> None:
    """Write an answer and what hangs on it, in the caller's transaction. Whether it settles an audit is known from the store: a form might
    say anything. Nothing of an answer that is in the log."""
    if not answers.add(connection, answer):
        return
    if GRADES.get(answer.choice) != 3:  # a 3 is neither yes nor no, so there was nothing to guess
        audit = questions.settle(connection, answer.item, answer.other)
        gate.guess(connection, answer.id, answer.at_ms, guess, audit)
    if not answer.other:
        gate.answered(connection, answer.item, guess.yes)


def drop_answer(connection: sqlite3.Connection, answer: str, now_ms: int) -> bool:
    """Drop one answer, what was guessed before it and what was said after it; only a commitment stays, a hash with a salt that is thrown away: that
    something was forgotten, not what. False where there is no such answer."""
    announcements.forget(connection, answer)
    commitment = hashlib.sha256(secrets.token_bytes(32) + answer.encode()).hexdigest()
    about = answers.item_of(connection, answer)
    return (
        answers.remove(connection, answer)
        and gate.forget(connection, answer)
        and (answers.answered(connection, about) or gate.unsay(connection, about))
        and edits.commit(connection, commitment, now_ms)
    )


def gesture(given: str) -> str:
    """Return the id of an answer that a form carried, so that a double tap is one gesture; else a new one."""
    return given if re.fullmatch(r"[0-9a-f]{32}", given) else uuid.uuid4().hex


def find_item(known: Sequence[Item], item: str) -> Item:
    """Return the item of this id; NotFoundError where the agent knows none."""
    for candidate in known:
        if candidate.id == item:
            return candidate
    raise NotFoundError("there is no such item", "It may have been taken away")
