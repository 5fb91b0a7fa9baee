"""The mind: learns from the log, forgets with it, explains what it says. Embeddings are given, so no encoder is loaded."""

from pathlib import Path

import numpy as np
import pytest

from support.minds import ITEMS, Embedder, by_first_word, on_two_sides
from weal_node.errors import NotFoundError
from weal_node.mind.answers import give
from weal_node.mind.edits import Edits
from weal_node.mind.mind import Mind
from weal_node.negotiation import space
from weal_node.records import Answer, Choice, Item
from weal_node.store import answers
from weal_node.store.database import Database
from weal_node.today.interruption import BUSY, FEWEST_LABELS, PAUSE, Quiet, threshold
from weal_node.today.today import BUSY_MS, PAUSED, put_off, today
from weal_protocol.items import item_id

# Two kinds of statements, by the number at their end.
BY_NUMBER = on_two_sides(lambda text: int(text.split()[-1]) % 2 == 1)
NOON = 12 * 3_600 * 1_000


async def minded(folder: Path, embedder: Embedder | None = None) -> tuple[Database, Mind]:
    database = Database(folder / "node.db")
    mind = Mind(database, embedder or Embedder(), lambda: 1)
    await mind.start()
    return database, mind


async def say(database: Database, mind: Mind, number: int, choice: Choice, other: int | None = None) -> Answer:
    answer = Answer(
        f"{number:032x}", number, ITEMS[number].id, ITEMS[other].id if other is not None else "", choice, "teach"
    )
    await give(database, mind, answer)
    return answer


async def test_a_answer_moves_its_item_and_forgetting_it_restores_every_bit(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_items(ITEMS)
    before = [mind.predict(item.id) for item in ITEMS]
    answer = await say(database, mind, 3, Choice.ACCEPT)
    assert mind.predict(ITEMS[3].id).probability > before[3].probability
    assert mind.predict_global(ITEMS[3].id) == before[3]
    assert mind.answers_on_items() == ((ITEMS[3].id, 1),)
    await database.write(lambda connection: answers.remove(connection, answer.id))
    await mind.relearn()
    assert [mind.predict(item.id) for item in ITEMS] == before
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("count", [12, 340])  # exactly, and through landmarks
async def test_an_option_is_worth_more_where_it_is_like_what_was_liked(tmp_path: Path, count: int) -> None:
    database, mind = await minded(tmp_path, Embedder(by_first_word))
    known = [Item(f"{number:064x}", f"{'music' if number % 2 else 'sports'} {number}") for number in range(count)]
    await mind.add_items(known)
    for number, item in enumerate(known):
        choice = Choice.ACCEPT if number % 2 else Choice.REJECT
        answer = Answer(f"{number:032x}", number, item.id, "", choice, "teach")
        await database.write(lambda connection, answer=answer: answers.add(connection, answer))  # type: ignore[misc]
    await mind.relearn()
    texts = ("music to hear", "sports to play", "quilts to sew")
    options = [Item(item_id(text), text, "option") for text in texts]
    liked, disliked, unlike = await mind.utilities(options)
    assert liked > unlike + 0.5
    assert disliked < unlike - 0.5
    database.close()


async def test_a_restart_believes_the_same(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_items(ITEMS)
    await say(database, mind, 3, Choice.ACCEPT)
    await say(database, mind, 5, Choice.SECOND, other=6)
    shown = {item.id: mind.predict(item.id) for item in ITEMS}
    database.close()
    database, again = await minded(tmp_path)
    assert {item.id: again.predict(item.id) for item in ITEMS} == shown
    assert again.answer_count == 2
    database.close()


async def test_the_parts_of_a_score_sum_to_it(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_items(ITEMS)
    await say(database, mind, 1, Choice.REJECT)
    for item in ITEMS[:5]:
        assert abs(sum(part.amount for part in mind.parts(item.id)) - mind.predict(item.id).mean) < 1e-9
    with pytest.raises(NotFoundError):
        mind.predict("0" * 64)
    database.close()


async def test_the_agent_stays_quiet_until_it_knows_its_person(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await mind.add_items(ITEMS)
    for number in range(FEWEST_LABELS - 1):
        await say(database, mind, number, Choice.ACCEPT)
    early = await today(database, mind, NOON)
    assert early.cards == ()
    assert "answers of yours" in early.silent
    database.close()


@pytest.mark.slow
async def test_what_is_shown_stays_until_it_is_answered_and_is_never_what_was(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path, Embedder(BY_NUMBER))
    await mind.add_items(ITEMS)
    for number in range(30):  # everything of one kind is liked, everything of the other is not
        await say(database, mind, number, Choice.ACCEPT if number % 2 else Choice.REJECT)
    shown = await today(database, mind, NOON)
    assert 0 < len(shown.cards) <= 3
    assert shown.silent == ""
    assert all(int(card.state.text.split()[-1]) % 2 for card in shown.cards)
    answered = {item for item, _ in mind.answers_on_items()}
    assert not answered & {card.state.id for card in shown.cards}
    assert [card.state for card in (await today(database, mind, NOON + 1)).cards] == [
        card.state for card in shown.cards
    ]
    await put_off(database, shown.cards[0].state.id, NOON)
    later = await today(database, mind, NOON + 2)
    assert shown.cards[0].state not in [card.state for card in later.cards]
    assert "quiet hours" in (await today(database, mind, NOON, Quiet(0, 24 * 60 - 1))).silent
    database.close()


async def test_in_the_midst_of_answering_only_what_is_nearly_sure_is_worth_a_card(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path, Embedder(BY_NUMBER))
    await mind.add_items(ITEMS)
    for number in range(12):
        await say(database, mind, number, Choice.ACCEPT if number % 2 and number != 3 else Choice.REJECT)
    answered = {item for item, _ in mind.answers_on_items()}
    likely = {item.id: mind.predict(item.id).probability for item in ITEMS if item.id not in answered}
    assert max(likely.values()) < threshold(BUSY)
    between = {item for item, chance in likely.items() if threshold(PAUSE) < chance <= threshold(BUSY)}
    soon = await today(database, mind, 100)
    assert soon.silent == ""
    assert not {card.state.id for card in soon.cards} & between
    assert {card.reason for card in soon.held_back if card.state.id in between} == {PAUSED}
    later = await today(database, mind, BUSY_MS + 100)
    assert {card.state.id for card in later.cards} & between
    database.close()


@pytest.mark.slow
async def test_what_is_not_known_is_predicted_as_it_is_once_it_is_known(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path, Embedder(BY_NUMBER))
    await mind.add_items(ITEMS[:30])
    for number in range(20):
        await say(database, mind, number, Choice.ACCEPT if number % 2 else Choice.REJECT)
    await Edits(database, mind, lambda: NOON).edit("gardening", 1.5)
    await Edits(database, mind, lambda: NOON).veto("word is 31")
    seen = await mind.predict_unseen(ITEMS[30:])
    await mind.add_items(ITEMS[30:])
    known = [mind.predict(item.id) for item in ITEMS[30:]]
    assert seen.mean == pytest.approx([prediction.mean for prediction in known])
    assert np.sqrt(seen.variance) == pytest.approx([prediction.sd for prediction in known])
    assert list(seen.allowed) == [True, False, *[True] * 8]
    database.close()


@pytest.mark.slow
async def test_a_veto_rules_out_whatever_the_score(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path, Embedder(BY_NUMBER))
    await mind.add_items(ITEMS)
    for number in range(30):
        await say(database, mind, number, Choice.ACCEPT if number % 2 else Choice.REJECT)
    await Edits(database, mind, lambda: NOON).veto("word is statement")
    shown = await today(database, mind, NOON)
    assert shown.cards == shown.held_back == ()
    assert shown.vetoed == len(ITEMS)
    assert await mind.utilities(ITEMS[:2]) == pytest.approx([-1_000, -1_000])
    database.close()


async def test_never_on_weekends_rules_out_options_of_deals_then(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    await Edits(database, mind, lambda: NOON).veto("never on weekends")
    parties = (bytes([1]) * 32, bytes([2]) * 32)
    of = space.OptionSpace(parties, "x", (space.Issue("soup", ("1",), 1), space.WHENEVER))
    gains = await mind.utilities(space.states(of, 0))
    assert [gain == -1_000 for gain in gains] == [False, True, True]  # an evening in the week, Saturday, Sunday
    database.close()


async def test_hours_given_cost_and_hours_received_please(tmp_path: Path) -> None:
    database, mind = await minded(tmp_path)
    texts = ("You give 2 hours.", "You get 2 hours.")
    items = [
        Item(item_id(texts[0]), "same", "option", 2.0, 0.0),
        Item(item_id(texts[1]), "same", "option", 0.0, 2.0),
    ]
    given, received = await mind.utilities(items)
    assert given < received
    database.close()
