"""The mind while much comes in: gestures do not wait, what is unrelated changes no bit, nothing is asked twice."""

import asyncio
from pathlib import Path

from support.minds import Embedder
from support.waiting import PATIENCE_S
from weal_node.mind.answers import give
from weal_node.mind.mind import Mind
from weal_node.mind.text_vectors import CHUNK
from weal_node.records import Answer, Choice, Item
from weal_node.store.database import Database
from weal_protocol.items import item_id


def statements(first: int, last: int) -> list[Item]:
    return [Item(item_id(f"Statement {number}"), f"Statement {number}") for number in range(first, last)]


def answer(number: int, item: str, other: str = "") -> Answer:
    return Answer(f"{number:032x}", number, item, other, Choice.FIRST if other else Choice.ACCEPT, "teach")


async def minded(path: Path) -> tuple[Database, Embedder, Mind]:
    database, worker = Database(path), Embedder()
    mind = Mind(database, worker, lambda: 1)
    await mind.start()
    return database, worker, mind


async def test_a_gesture_is_learnt_from_while_texts_are_being_read(tmp_path: Path) -> None:
    database, worker, mind = await minded(tmp_path / "node.db")
    known = statements(0, 5)
    await mind.add_items(known)
    worker.free.clear()
    reading = asyncio.create_task(mind.add_items(statements(5, 5 + 2 * CHUNK)))
    async with asyncio.timeout(PATIENCE_S):
        while len(worker.batches) < 2:  # noqa: ASYNC110  # the encoder has been asked, and waits
            await asyncio.sleep(0.001)
        await give(database, mind, answer(1, known[0].id))
        assert mind.answer_count == 1
        worker.free.set()
        await reading
    assert len(mind.items()) == 5 + 2 * CHUNK
    assert max(map(len, worker.batches)) <= CHUNK
    assert mind.answer_count == 1
    database.close()


async def test_two_that_bring_the_same_texts_at_once_bring_them_once(tmp_path: Path) -> None:
    database, _, mind = await minded(tmp_path / "node.db")
    await asyncio.gather(*(mind.add_items(statements(0, 20 + number)) for number in range(4)))
    assert len(mind.items()) == len({item.id for item in mind.items()}) == 23
    database.close()


async def test_what_else_is_known_changes_no_bit_of_the_posterior(tmp_path: Path) -> None:
    found = []
    for name, batches in (("alone", [(0, 1), (1, 3)]), ("crowd", [(40, 300), (0, 3), (3, 40)])):
        database, _, mind = await minded(tmp_path / f"{name}.db")
        for first, last in batches:
            await mind.add_items(statements(first, last))
        for number, item in enumerate(statements(0, 3)):
            await give(database, mind, answer(number, item.id))
        found.append([array.tobytes() for array in mind.head()])
        database.close()
    assert found[0] == found[1]
