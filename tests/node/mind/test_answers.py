"""An answer is one transaction: with it stand or fall the guess before it, the audit that it settles, the suggestion that it replies to."""

import sqlite3
from pathlib import Path
from typing import Any, TypeVar

import pytest

from support.minds import ITEMS, Embedder
from weal_node.errors import NotFoundError, RefusedError
from weal_node.mind.answers import Also, give
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice, Item
from weal_node.store import answers, gate, questions
from weal_protocol.items import item_id
from weal_simulations.faults.mortal import KilledError, Mortal

T = TypeVar("T")
ITEM, OTHER = ITEMS[3].id, ITEMS[4].id
DEALT = Item(item_id("two hours of digging"), "two hours of digging", "option")


async def opened(folder: Path) -> tuple[Mortal, Mind]:
    database = Mortal(folder / "node.db")
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    await mind.add_items(ITEMS)
    return database, mind


def said(number: int = 1, item: str = ITEM, choice: Choice = Choice.ACCEPT, other: str = "") -> Answer:
    return Answer(f"{number:032x}", number, item, other, choice, "teach")


def drawn_and_delivered(connection: sqlite3.Connection) -> None:
    questions.draw(connection, ITEM, "")
    gate.deliver(connection, [(ITEM, 0.7)], 0, 0)


def stands(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the log, the gate and the questions hold of one answer."""
    return {
        "answers": len(answers.every(connection)),
        "guesses": len(gate.guesses(connection, audits_only=False)),
        "audits": len(gate.guesses(connection, audits_only=True)),
        "waits": questions.waiting(connection) is not None,
        "glad": gate.delivered_since(connection, 0)[0][2],
    }


NOTHING = {"answers": 0, "guesses": 0, "audits": 0, "waits": True, "glad": None}
ALL = {"answers": 1, "guesses": 1, "audits": 1, "waits": False, "glad": True}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", range(4))
async def test_a_kill_at_any_write_loses_all_of_an_answer_or_none(tmp_path: Path, writes: int, after: bool) -> None:
    database, mind = await opened(tmp_path)
    await database.write(drawn_and_delivered)
    database.left, database.after = database.writes + writes + 1, after
    try:
        await give(database, mind, said())
        killed = False
    except KilledError:
        killed = True
    database.left = None
    kept = await database.read(stands)
    database.close()
    assert kept in (NOTHING, ALL)
    assert kept == ALL or (writes == 0 and not after)
    assert killed or kept == ALL


async def test_the_same_gesture_again_changes_nothing(tmp_path: Path) -> None:
    database, mind = await opened(tmp_path)
    await database.write(drawn_and_delivered)
    first = await give(database, mind, said())
    await database.write(lambda connection: questions.draw(connection, ITEM, ""))  # drawn once more
    await give(database, mind, said(choice=Choice.REJECT))
    assert await database.read(stands) == ALL | {"waits": True}
    assert first.probability == mind.predict_global(ITEM).probability
    assert mind.answer_count == 1
    database.close()


@pytest.mark.parametrize(("item", "other"), [("f" * 64, ""), (ITEM, "f" * 64), (ITEM, ITEM)])
async def test_an_answer_about_nothing_that_is_known_is_refused(tmp_path: Path, item: str, other: str) -> None:
    database, mind = await opened(tmp_path)
    with pytest.raises(NotFoundError):
        await give(database, mind, said(item=item, other=other, choice=Choice.FIRST))
    assert await database.read(answers.every) == ()
    database.close()


async def test_what_was_not_known_is_guessed_before_and_known_afterwards_even_after_a_kill(tmp_path: Path) -> None:
    database, mind = await opened(tmp_path)
    database.left, database.after = (
        database.writes + 2,
        True,
    )  # after its embedding the answer is on disk, and nothing was learnt
    with pytest.raises(KilledError):
        await give(database, mind, said(item=DEALT.id), also=Also(about=DEALT))
    database.left = None
    again = Mind(database, Embedder(), lambda: 1)
    await again.start()
    assert again.answer_count == 1
    (guessed,) = await database.read(lambda connection: gate.guesses(connection, audits_only=False))
    assert guessed.probability == again.predict_global(DEALT.id).probability
    assert again.predict(DEALT.id).probability > guessed.probability
    database.close()


async def test_what_an_answer_brings_about_stands_or_falls_with_it(tmp_path: Path) -> None:
    database, mind = await opened(tmp_path)

    def refused(connection: sqlite3.Connection) -> None:
        raise RefusedError("the approval was used")

    with pytest.raises(RefusedError):
        await give(database, mind, said(), also=Also(effect=refused))
    assert await database.read(answers.every) == ()
    done: list[int] = []
    await give(database, mind, said(), also=Also(effect=lambda _: done.append(1)))
    assert done == [1]
    assert len(await database.read(answers.every)) == 1
    database.close()


async def test_a_grade_that_is_neither_yes_nor_no_settles_no_audit(tmp_path: Path) -> None:
    database, mind = await opened(tmp_path)
    await database.write(drawn_and_delivered)
    await give(database, mind, said(choice=Choice.GRADE_3))
    kept = await database.read(stands)
    assert (kept["answers"], kept["guesses"], kept["waits"]) == (1, 0, True)
    database.close()
