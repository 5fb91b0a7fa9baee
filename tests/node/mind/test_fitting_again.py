"""A page that asks what would be without an answer slows no answer: the mind's own fit keeps what it replayed."""

from functools import partial
from pathlib import Path

import pytest

from support.minds import Embedder
from weal_node.mind import explanations
from weal_node.mind.answers import give
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice, Item
from weal_node.reward import drift
from weal_node.store import answers
from weal_node.store.database import Database

LOG = drift.BLOCK + 10
ITEMS = [Item(f"{number:064x}", f"Statement number {number}") for number in range(LOG + 1)]  # each answered once


def said(number: int) -> Answer:
    choice = Choice.ACCEPT if number % 3 else Choice.REJECT
    return Answer(f"{number:032x}", number, ITEMS[number].id, "", choice, "teach")


@pytest.mark.slow
async def test_why_between_two_answers_makes_neither_replay_the_log(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    for number in range(LOG):
        await database.write(partial(answers.add, answer=said(number)))
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    await mind.add_items(ITEMS)
    before = mind.fitted()
    await explanations.without(before, said(5).id, ITEMS[3].id)
    await give(database, mind, said(LOG))
    assert mind.fitted().drift.blocks[0] is before.drift.blocks[0]
    assert len(before.drift.blocks) == 1
    database.close()
