"""A home from before the encoder changed: it opens at once, its texts are read anew in the background, and nothing is lost on the way."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from support.homes import FORMER_ENCODER, read_by_another_encoder
from support.minds import ITEMS, Embedder
from weal_node.features.weights import ENCODER_SHA256
from weal_node.mind import text_vectors
from weal_node.mind.answers import give
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice
from weal_node.search import indexing
from weal_node.store import embeddings
from weal_node.store.database import Database

LOG = [
    Answer(f"{n:032x}", n, ITEMS[n].id, "", Choice.ACCEPT if n % 3 else Choice.REJECT, "teach") for n in range(1, 10)
]


class Killed(Exception):  # noqa: N818 -- what happens, not what went wrong
    """The node ends here."""


class Mortal(Embedder):
    """Reads so many texts, then the node is killed."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if not self._left:
            raise Killed
        self._left -= 1
        return await super().embed(texts)


async def home_of_before(folder: Path) -> tuple[Database, dict[str, float]]:
    """A home with items and answers whose embeddings another encoder made; and what was believed by this one's."""
    database = Database(folder / "node.db")
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    await mind.add_items(ITEMS)
    for answer in LOG:
        await give(database, mind, answer)
    believed = {item.id: mind.predict(item.id).mean for item in ITEMS}
    await read_by_another_encoder(database)
    return database, believed


async def stored(database: Database, encoder: str) -> int:
    names = [text_vectors.digest(item.text) for item in ITEMS]
    return len(await database.read(lambda connection: embeddings.find(connection, encoder, names)))


@pytest.mark.slow
async def test_it_answers_at_once_and_reads_on(tmp_path: Path) -> None:
    database, believed = await home_of_before(tmp_path)
    encoder = Embedder()
    encoder.free.clear()
    mind = Mind(database, encoder, lambda: 1)
    await mind.start()
    assert encoder.batches == []
    assert len(mind.items()) == len(ITEMS)
    assert mind.answer_count == len(LOG)
    reading = asyncio.create_task(mind.read_on())
    more = Answer("f" * 32, 99, ITEMS[20].id, "", Choice.ACCEPT, "teach")
    await give(database, mind, more)  # nobody waits for the encoder
    assert mind.answer_count == len(LOG) + 1
    assert not reading.done()
    encoder.free.set()
    assert await reading == len(ITEMS)
    fresh = Mind(database, Embedder(), lambda: 1)
    await fresh.start()
    assert {item.id: mind.predict(item.id) for item in ITEMS} == {item.id: fresh.predict(item.id) for item in ITEMS}
    assert await mind.read_on() == 0
    await database.write(lambda connection: connection.execute("DELETE FROM labels WHERE id = ?", (more.id,)))
    await mind.relearn()
    assert {item.id: mind.predict(item.id).mean for item in ITEMS} == pytest.approx(believed, abs=1e-12)
    database.close()


async def test_a_text_that_is_not_read_yet_says_nothing(tmp_path: Path) -> None:
    database, _ = await home_of_before(tmp_path)
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    assert np.abs(mind.fitted().features.phi[:, 1:]).max() < 1e-6
    database.close()


@pytest.mark.slow
async def test_a_node_that_is_killed_on_the_way_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_vectors, "CHUNK", 10)
    database, believed = await home_of_before(tmp_path)
    mind = Mind(database, Mortal(2), lambda: 1)
    await mind.start()
    with pytest.raises(Killed):
        await mind.read_on()
    assert (await stored(database, ENCODER_SHA256), await stored(database, FORMER_ENCODER)) == (20, len(ITEMS))
    encoder = Embedder()
    again = Mind(database, encoder, lambda: 1)
    await again.start()
    assert await again.read_on() == len(ITEMS) - 20
    assert sum(map(len, encoder.batches)) == len(ITEMS) - 20
    assert {item.id: again.predict(item.id).mean for item in ITEMS} == pytest.approx(believed, abs=1e-12)
    database.close()


async def test_what_another_encoder_made_is_dropped_a_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "DROPPED", 15)
    database, _ = await home_of_before(tmp_path)
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    await mind.read_on()
    counts = [await indexing.drop_vectors_of_before(database) for _ in range(4)]
    assert counts == [15, 15, 10, 0]
    assert (await stored(database, ENCODER_SHA256), await stored(database, FORMER_ENCODER)) == (len(ITEMS), 0)
    database.close()
