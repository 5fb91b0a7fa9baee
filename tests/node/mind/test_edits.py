"""The person's hand on the model, over a real database: said, taken back, forgotten, and kept over a restart."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from support.minds import Embedder, on_two_sides
from weal_node.errors import NotFoundError, RefusedError
from weal_node.mind import explanations
from weal_node.mind.answers import give
from weal_node.mind.edits import Edits, shadow
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice, Item
from weal_node.store.database import Database

WORD = "gardening"  # of the public vocabulary
BY_KIND = on_two_sides(lambda text: text.startswith("gardens"))


ITEMS = [Item(f"{n:064x}", f"{word} {n}") for n in range(20) for word in [("gardens", "casinos")[n % 2]]]


async def opened(folder: Path) -> tuple[Database, Mind, Edits]:
    database = Database(folder / "node.db")
    mind = Mind(database, Embedder(BY_KIND), lambda: 1)
    await mind.start()
    await mind.add_items(ITEMS)
    times = iter(range(1_000, 10_000))
    return database, mind, Edits(database, mind, lambda: next(times))


async def answer(database: Database, mind: Mind, count: int) -> None:
    for n in range(count):
        choice = Choice.ACCEPT if n % 2 == 0 else Choice.REJECT
        await give(database, mind, Answer(f"{n:032x}", n, ITEMS[n].id, "", choice, "teach"))


def digest(mind: Mind) -> str:
    fitted = mind.fitted()
    return hashlib.sha256(fitted.mean.tobytes() + fitted.variance.tobytes()).hexdigest()


@pytest.mark.slow
async def test_every_change_taken_back_leaves_the_very_same_model(tmp_path: Path) -> None:
    database, mind, control = await opened(tmp_path)
    await answer(database, mind, 8)
    before = digest(mind)
    for act in (
        control.pin(WORD),
        control.edit(WORD, 1.5),
        control.ignore(WORD),
        control.forbid(WORD),
        control.phrase("gardens everywhere"),
        control.principle("casinos everywhere", -1),
        control.veto("word is casinos"),
        control.name(WORD, "calm"),
    ):
        entry = await act
        assert entry in mind.edits()
        await control.undo(entry.id)
        assert digest(mind) == before
    with pytest.raises(NotFoundError):
        await control.undo("taken back already")
    database.close()


async def test_changes_stand_after_a_restart(tmp_path: Path) -> None:
    database, mind, control = await opened(tmp_path)
    await answer(database, mind, 6)
    await control.edit(WORD, 1.5)
    assert {part.name: part.amount for part in mind.concepts()}[WORD] == pytest.approx(1.5)
    await control.principle("gardens everywhere", 1)
    before = digest(mind)
    database.close()
    database, mind, _ = await opened(tmp_path)
    assert digest(mind) == before
    database.close()


async def test_a_principle_speaks_of_what_was_never_answered_about(tmp_path: Path) -> None:
    database, mind, control = await opened(tmp_path)
    before = mind.predict(ITEMS[1].id).mean, mind.predict(ITEMS[0].id).mean
    await control.principle("casinos everywhere", -1)
    assert mind.predict(ITEMS[1].id).mean < before[0] - 0.5
    assert abs(mind.predict(ITEMS[0].id).mean - before[1]) < 0.1
    database.close()


async def test_forgetting_is_exact_and_keeps_nothing_but_that_it_happened(tmp_path: Path) -> None:
    database, mind, control = await opened(tmp_path)
    await answer(database, mind, 5)
    before = digest(mind)
    extra = Answer("f" * 32, 77, ITEMS[9].id, "", Choice.ACCEPT, "teach")
    await give(database, mind, extra)
    without = await explanations.without(mind.fitted(), extra.id, ITEMS[3].id)
    await control.forget(extra.id)
    assert digest(mind) == before
    assert mind.predict(ITEMS[3].id) == without
    with pytest.raises(NotFoundError):
        await control.forget(extra.id)
    database.close()
    kept = (tmp_path / "node.db").read_bytes()  # closing has emptied the write-ahead log into it
    assert extra.id.encode() not in kept


async def test_what_is_asked_for_wrongly_is_refused_by_name(tmp_path: Path) -> None:
    database, mind, control = await opened(tmp_path)
    with pytest.raises(NotFoundError):
        await control.pin("no such concept")
    with pytest.raises(RefusedError):
        await control.edit(WORD, float("nan"))
    with pytest.raises(RefusedError):
        await control.veto("please not")
    with pytest.raises(RefusedError):
        await control.principle("  ", 1)
    await control.principle("gardens everywhere", 1)
    with pytest.raises(RefusedError):
        await control.principle("gardens everywhere", -1)
    assert len(mind.edits()) == 1
    database.close()


@pytest.mark.slow
async def test_a_forbidden_concept_says_what_it_left_and_cost(tmp_path: Path) -> None:
    database, mind, control = await opened(tmp_path)
    await answer(database, mind, 12)
    await control.phrase("gardens everywhere")
    await control.forbid("phrase: gardens everywhere")
    left = shadow(mind.fitted(), "phrase: gardens everywhere")
    assert 0 <= left.accuracy_without <= left.accuracy <= 1
    assert np.isnan(left.correlation) or 0 <= left.correlation <= 1
    database.close()
