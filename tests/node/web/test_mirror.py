"""Mirror says what is going on: a change of mind with its day, principles that answers contradict, a text in another script."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from weal_node.features.projection import shipped
from weal_node.loop.control import Control
from weal_node.loop.judge import Mind
from weal_node.records import Choice, Label, State
from weal_node.store import labels
from weal_node.store.database import Database
from weal_node.web.items import foreign
from weal_node.web.mirror import changes_seen, held_principles
from weal_node.worker import TorchWorker

DAY = 24 * 3_600 * 1_000
STATES = [State(f"{n:064x}", f"{('gardens', 'casinos')[n % 2]} {n}") for n in range(40)]


class Embedder(TorchWorker):
    """Two kinds of texts, far apart along the first public direction: loading the true encoder takes seconds."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        public = shipped()
        rows = []
        for text in texts:
            noise = np.random.default_rng(sum(text.encode())).normal(size=384) / np.sqrt(384)
            side = 1.0 if text.startswith("gardens") else -1.0
            rows.append(public.centre + 0.3 * side * public.directions[:, 0] + 0.2 * noise)
        vectors = np.array(rows)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


async def taught(folder: Path, count: int, turn: int) -> tuple[Database, Mind]:
    database = Database(folder / "node.db")
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    await mind.add_states(STATES)
    for n in range(count):
        likes = (n % 2 == 0) == (n < turn)  # gardens at first, casinos from the turn on
        said = Label(f"{n:032x}", n * DAY, STATES[n % 40].id, "", Choice.ACCEPT if likes else Choice.REJECT, "teach")
        await database.write(lambda connection, said=said: labels.add(connection, said))  # type: ignore[misc]  # bound now
    await mind.relearn()
    return database, mind


async def test_a_change_of_mind_is_announced_with_when_and_what(tmp_path: Path) -> None:
    database, mind = await taught(tmp_path, 140, 100)
    (said,) = changes_seen(mind)
    assert "1970" in said  # the day of the first answer that was different
    assert "theme 1" in said
    assert mind.judge(STATES[1].id).probability > 0.5 > mind.judge(STATES[0].id).probability
    database.close()


async def test_someone_steady_is_left_alone(tmp_path: Path) -> None:
    database, mind = await taught(tmp_path, 60, 1_000)
    assert changes_seen(mind) == ()
    database.close()


async def test_a_principle_that_answers_contradict_is_shown_as_such(tmp_path: Path) -> None:
    database, mind = await taught(tmp_path, 30, 1_000)
    await Control(database, mind, lambda: 1).principle("gardens of all kinds", -1)
    (shown,) = held_principles(mind)
    assert shown.against >= 5
    assert shown.weight > shown.edit.value  # answers have pulled it up
    database.close()


async def test_an_even_grade_speaks_neither_for_nor_against_a_principle(tmp_path: Path) -> None:
    database, mind = await taught(tmp_path, 0, 0)
    for n in range(0, 40, 2):
        said = Label(f"{n:032x}", n, STATES[n].id, "", Choice.GRADE_3, "community")
        await database.write(lambda connection, said=said: labels.add(connection, said))  # type: ignore[misc]  # bound now
    await mind.relearn()
    await Control(database, mind, lambda: 1).principle("gardens of all kinds", 1)
    assert held_principles(mind)[0].against == 0
    database.close()


@pytest.mark.parametrize(
    ("text", "strange"),
    [("Больше деревьев в городе", True), ("市内にもっと木を", True), ("More trees", False), ("Grüße", False)],
)
def test_texts_in_another_script_are_told_apart(text: str, strange: bool) -> None:
    assert foreign(text) is strange
