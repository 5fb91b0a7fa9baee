"""The mind: learns from the log, forgets with it, explains what it says. Embeddings are given, so no encoder is loaded."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from weal_node.errors import NotFoundError
from weal_node.loop.judge import Mind
from weal_node.loop.propose import FEWEST_LABELS, put_off, today
from weal_node.loop.remember import remember
from weal_node.records import Choice, Label, State
from weal_node.store import labels
from weal_node.store.database import Database
from weal_node.worker import TorchWorker
from weal_protocol.items import item_id


class Embedder(TorchWorker):
    """Gives every text a vector of its own: what the encoder says does not matter here, and loading it takes seconds."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = [np.random.default_rng(len(text) * 1_000 + sum(text.encode())).normal(size=384) for text in texts]
        vectors = np.array(rows, np.float32)
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


STATES = [State(item_id(text), text) for text in (f"Statement number {number}" for number in range(40))]


async def minded(folder: Path) -> tuple[Database, Mind]:
    database = Database(folder / "node.db")
    mind = Mind(database, Embedder(), lambda: 1)
    await mind.start()
    return database, mind


async def say(database: Database, mind: Mind, number: int, choice: Choice, other: int | None = None) -> Label:
    label = Label(
        f"{number:032x}", number, STATES[number].id, STATES[other].id if other is not None else "", choice, "teach"
    )
    await remember(database, label)
    await mind.relearn()
    return label


async def test_a_label_moves_its_state_and_forgetting_it_restores_every_bit(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_states(STATES)
    before = [mind.judge(state.id) for state in STATES]
    label = await say(database, mind, 3, Choice.ACCEPT)
    assert mind.judge(STATES[3].id).probability > before[3].probability
    assert mind.judge_global(STATES[3].id) == before[3]
    assert mind.labels_on_items() == ((STATES[3].id, 1),)
    await database.write(lambda connection: labels.remove(connection, label.id))
    await mind.relearn()
    assert [mind.judge(state.id) for state in STATES] == before
    database.close()


async def test_a_restart_believes_the_same(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_states(STATES)
    await say(database, mind, 3, Choice.ACCEPT)
    await say(database, mind, 5, Choice.SECOND, other=6)
    found = {state.id: mind.judge(state.id) for state in STATES}
    database.close()
    database, again = await minded(tmp_path)
    assert {state.id: again.judge(state.id) for state in STATES} == found
    assert again.labels == 2
    database.close()


async def test_the_parts_of_a_score_sum_to_it(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_states(STATES)
    await say(database, mind, 1, Choice.REJECT)
    for state in STATES[:5]:
        assert abs(sum(part.amount for part in mind.parts(state.id)) - mind.judge(state.id).mean) < 1e-9
    with pytest.raises(NotFoundError):
        mind.judge("0" * 64)
    database.close()


async def test_questions_are_pairs_with_a_single_one_now_and_then(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    assert mind.question(random.Random(1)) is None
    await mind.add_states(STATES[:1])
    assert (only := mind.question(random.Random(1))) is not None
    assert only.kind == "single"
    await mind.add_states(STATES)
    kinds = []
    for number in range(8):
        question = mind.question(random.Random(number))
        assert question is not None
        kinds.append(question.kind)
        await say(database, mind, number, Choice.ACCEPT)
    assert kinds == ["pair", "pair", "pair", "single"] * 2
    database.close()


async def test_the_agent_stays_quiet_until_it_knows_its_person(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_states(STATES)
    for number in range(FEWEST_LABELS - 1):
        await say(database, mind, number, Choice.ACCEPT)
    assert (await today(database, mind, 0)).cards == ()
    for number in range(FEWEST_LABELS - 1, 30):
        await say(database, mind, number, Choice.ACCEPT)
    found = await today(database, mind, 0)
    assert 0 < len(found.cards) <= 3
    assert all(card.judgement.low > 0.5 for card in found.cards)
    answered = {item for item, _ in mind.labels_on_items()}
    assert not answered & {card.state.id for card in found.cards}
    await put_off(database, found.cards[0].state.id, 0)
    assert found.cards[0] not in (await today(database, mind, 0)).cards
    database.close()


async def test_hours_given_cost_and_hours_received_please(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    texts = ("You give 2 hours.", "You get 2 hours.")
    states = [
        State(item_id(texts[0]), "same", "option", 2.0, 0.0),
        State(item_id(texts[1]), "same", "option", 0.0, 2.0),
    ]
    given, received = await mind.utilities(states)
    assert given < received
    database.close()
