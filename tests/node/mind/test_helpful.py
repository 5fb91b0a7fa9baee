"""The one question that would help: about what waits, never one that was answered, and it lowers more doubt than any other."""

from pathlib import Path

import numpy as np
import pytest

from support.minds import Embedder, by_first_word
from weal_node.mind.helpful import gains, helpful, named
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice, Item
from weal_node.store import answers
from weal_node.store.database import Database
from weal_protocol.items import item_id

ITEMS = [Item(item_id(text), text, "idea") for text in ("bake a", "bake b", "bake c", "bake d", "walk a", "sing a")]


def test_the_best_pair_is_the_one_whose_answer_moves_the_others_most() -> None:
    covariance = np.array([[1.0, 0.9, 0.9, 0.0], [0.9, 1.0, 0.9, 0.0], [0.9, 0.9, 1.0, 0.0], [0.0, 0.0, 0.0, 0.2]])
    gained = gains(covariance)
    assert np.allclose(gained, gained.T)
    assert gained[0, 3] > gained[0, 1]  # the three are nearly one: their order tells little
    assert np.diag(gained).tolist() == [0.0] * 4


@pytest.mark.slow
async def test_an_answered_question_is_not_asked_again_and_few_items_have_none(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    mind = Mind(database, Embedder(by_first_word), lambda: 1)
    await mind.start()
    await mind.add_items(ITEMS)
    about = [item.id for item in ITEMS]
    asked: set[frozenset[str]] = set()
    for number in range(15):
        question = helpful(mind.fitted(), about)
        assert question is not None
        assert question.other is not None
        ends = frozenset((question.first.id, question.other.id))
        assert ends not in asked
        assert named(mind.fitted(), question.first.id, question.other.id) == question
        asked.add(ends)
        said = Answer(f"{number:032x}", number, question.first.id, question.other.id, Choice.FIRST, "teach")
        await database.write(lambda connection, said=said: answers.add(connection, said))  # type: ignore[misc]
        await mind.relearn()
        assert named(mind.fitted(), question.first.id, question.other.id) is None
    assert helpful(mind.fitted(), about) is None
    assert helpful(mind.fitted(), about[:1]) is helpful(mind.fitted(), ["0" * 64]) is None
    assert named(mind.fitted(), about[0], about[0]) is named(mind.fitted(), about[0], "none") is None
    database.close()


@pytest.mark.slow
async def test_a_question_that_was_refused_is_never_the_one_that_would_help(tmp_path: Path) -> None:
    database = Database(tmp_path / "node.db")
    mind = Mind(database, Embedder(by_first_word), lambda: 1)
    await mind.start()
    await mind.add_items(ITEMS)
    about = [item.id for item in ITEMS]
    best = helpful(mind.fitted(), about)
    assert best is not None
    assert best.other is not None
    other = helpful(mind.fitted(), about, {frozenset((best.first.id, best.other.id))})
    assert other is not None
    assert other.other is not None
    assert {other.first.id, other.other.id} != {best.first.id, best.other.id}
    every = {frozenset((a, b)) for a in about for b in about if a < b}
    assert helpful(mind.fitted(), about, every) is None
    database.close()
