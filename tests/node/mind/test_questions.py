"""What Teach asks: pairs with a single one now and then, nothing twice while there is anything else, and audits that reloading cannot choose."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from support.minds import ITEMS, Embedder
from weal_node.errors import NotFoundError
from weal_node.mind.mind import Mind
from weal_node.mind.questions import Question, ask, choose, sitting, skip
from weal_node.records import Answer, Choice
from weal_node.reward import acquisition
from weal_node.store import answers, questions
from weal_node.store.database import Database


@dataclass
class Person:
    database: Database
    mind: Mind

    async def ask(self, seed: int = 1, now: int = 0) -> Question:
        question = await ask(self.database, self.mind, random.Random(seed), now)
        assert question is not None
        return question

    async def answer_until_an_audit(self) -> None:
        while acquisition.turn(self.mind.answer_count) != "audit":
            await self.answer(self.mind.answer_count, await self.ask(self.mind.answer_count))

    async def answer(self, number: int, question: Question) -> None:
        choice = Choice.FIRST if question.other else Choice.ACCEPT
        answer = Answer(
            f"{number:032x}", number, question.first.id, question.other.id if question.other else "", choice, "teach"
        )
        await self.database.write(partial(answers.add, answer=answer))
        await self.mind.relearn()


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Person]:
    database = Database(tmp_path / "node.db")
    made = Person(database, Mind(database, Embedder(), lambda: 1))
    await made.mind.start()
    yield made
    database.close()


def pair(question: Question) -> frozenset[str]:
    assert question.other is not None
    return frozenset((question.first.id, question.other.id))


async def test_questions_are_pairs_with_a_single_one_now_and_then(person: Person) -> None:
    assert choose(person.mind.fitted(), random.Random(1)) is None
    assert await ask(person.database, person.mind, random.Random(1), 0) is None
    await person.mind.add_items(ITEMS[:1])
    assert (await person.ask()).kind == "single"
    await person.mind.add_items(ITEMS)
    kinds = []
    for number in range(8):
        question = await person.ask(number)
        kinds.append(question.kind)
        await person.answer(number, question)
    assert kinds == ["pair", "pair", "pair", "single"] * 2


@pytest.mark.slow
async def test_no_pair_is_asked_twice_while_there_are_others(person: Person) -> None:
    await person.mind.add_items(ITEMS[:6])
    pairs = []
    for number in range(14):
        question = await person.ask(number)
        if question.other:
            pairs.append(pair(question))
        await person.answer(number, question)
    assert len(pairs) == len(set(pairs)) >= 10


@pytest.mark.slow
async def test_no_single_question_takes_the_turn_of_an_audit(person: Person) -> None:
    await person.mind.add_items(ITEMS)
    kinds = []
    for number in range(24):
        question = await person.ask(number)
        kinds.append(question.why == "audit")
        await person.answer(number, question)
    assert kinds == [acquisition.turn(number) == "audit" for number in range(24)]
    assert kinds[23]  # which would be a single one's turn


@pytest.mark.slow
async def test_an_audit_outlives_every_draw_and_a_restart_of_the_mind(person: Person) -> None:
    await person.mind.add_items(ITEMS)
    await person.answer_until_an_audit()
    drawn = await person.ask(1)
    assert drawn.why == "audit"
    assert {pair(await person.ask(seed)) for seed in range(20)} == {pair(drawn)}
    person.mind = Mind(person.database, Embedder(), lambda: 1)
    await person.mind.start()
    assert await person.ask(99) == drawn
    await person.answer(99, Question("single", ITEMS[0], None, "learn"))  # an answer elsewhere moves no audit away
    assert await person.ask(5) == drawn


async def test_an_audit_about_what_is_gone_or_was_answered_meanwhile_is_let_go(person: Person) -> None:
    await person.mind.add_items(ITEMS)
    await person.answer_until_an_audit()
    drawn = await person.ask(1)
    await person.mind.let_go([drawn.first.id])
    second = await person.ask(2)
    assert second.why == "audit"
    assert drawn.first.id not in pair(second)
    await person.answer(99, second)  # and the process ends before the audit is settled
    assert (await person.ask(3)).why != "audit"
    assert await person.database.read(questions.waiting) is None


async def test_skipped_audits_are_counted_and_other_skips_are_not(person: Person) -> None:
    await person.mind.add_items(ITEMS)
    question = await person.ask()
    assert question.other is not None
    await skip(person.database, person.mind, question.first.id, question.other.id, 5)
    assert (await sitting(person.database, 5)).skipped_audits == 0
    await person.answer_until_an_audit()
    drawn = await person.ask(3)
    assert drawn.other is not None
    await skip(person.database, person.mind, drawn.other.id, drawn.first.id, 6)  # either way round
    assert (await sitting(person.database, 6)).skipped_audits == 1
    assert {pair(await person.ask(seed, 7)) for seed in range(5)} != {pair(drawn)}
    with pytest.raises(NotFoundError):
        await skip(person.database, person.mind, "x", "", 7)
