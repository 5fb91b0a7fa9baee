"""An item's page: five grades as buttons, what a thousand taps are worth, and the parts of its score by the person's own names."""

import re
from functools import partial
from typing import Any

import pytest

from weal_node.commands.agent import today_json
from weal_node.records import Choice, Item
from weal_node.store import answers, gate
from weal_node.today.today import today
from weal_node.web import items
from weal_protocol.items import item_id

NOON = 1_000 * 24 * 3_600 * 1_000 + 12 * 3_600 * 1_000
FRESH = [Item(item_id(text), text) for text in ("gardens of a new kind", "gardens on roofs")]


async def test_five_buttons_take_a_grade_without_javascript_and_are_read_aloud(page: Any) -> None:
    address = f"/items/{page.states[0].id}"
    buttons = re.findall(r'<button[^>]*name="choice" value="([1-5])" aria-label="([^"]+)"', await page.see(address))
    assert [grade for grade, _ in buttons] == ["1", "2", "3", "4", "5"]
    assert all(words.startswith(f"{grade} of 5: ") for grade, words in buttons)
    await page.send(f"{address}/judge", choice="4")
    assert "You said 4 of 5." in await page.see(address)
    assert "You said 4 of 5." in await page.see("/community/items")
    assert "4 of 5 for “Statement number 0”" in await page.see("/answers")
    (said,) = await page.database.read(answers.every)
    assert (said.choice, said.source) == (Choice.GRADE_4, "community")


async def test_the_higher_the_grade_the_higher_the_score(page: Any) -> None:
    means = []
    for grade in range(1, 6):
        await page.database.write(lambda c: c.execute("DELETE FROM labels"))
        await page.send(f"/items/{page.states[0].id}/judge", choice=str(grade))
        means.append(page.mind.predict(page.states[0].id).mean)
    assert means == sorted(means)
    assert means[0] < 0 < means[4]


@pytest.mark.parametrize("choice", ["0", "6", "first", "", "1.5"])
async def test_what_is_no_grade_is_refused(page: Any, choice: str) -> None:
    await page.send(f"/items/{page.states[0].id}/judge", 400, choice=choice)
    assert page.mind.answer_count == 0


async def test_neither_is_no_guess_to_be_right_about(page: Any) -> None:
    await page.send(f"/items/{page.states[0].id}/judge", choice="3")
    assert await page.database.read(lambda c: gate.guesses(c, audits_only=False)) == ()
    await page.send(f"/items/{page.states[0].id}/judge", choice="5")
    assert len(await page.database.read(lambda c: gate.guesses(c, audits_only=False))) == 1


@pytest.mark.slow
async def test_many_taps_say_what_they_count_as(page: Any) -> None:
    address = f"/items/{page.states[0].id}"
    await page.answered(page.answer(0, 0, Choice.ACCEPT))
    assert "together that counts" not in await page.see(address)
    await page.answered(*(page.answer(n, 0, Choice.ACCEPT) for n in range(1, 26)))
    assert "You said yes 26 times; together that counts as 4.3 answers, not as 26." in await page.see(address)
    await page.answered(page.answer(26, 0, Choice.REJECT), page.answer(27, 0, Choice.GRADE_3))
    assert "You said yes 26 times, no once, neither once; together" in await page.see(address)


async def test_pairs_answered_both_ways_are_counted_and_listed(page: Any) -> None:
    first, second = Choice.FIRST, Choice.SECOND
    await page.answered(page.answer(0, 0, first, 1), page.answer(1, 1, second, 0), page.answer(2, 2, first, 3))
    assert "both ways" not in await page.see("/mirror") + await page.see(
        "/answers"
    )  # the same said twice is no contradiction
    await page.answered(page.answer(3, 1, first, 0), page.answer(4, 2, second, 3), page.answer(5, 4, first, 5))
    for address in ("/mirror", "/answers"):
        assert '<a href="/answers?both=1">2 pairs you answered both ways</a>' in await page.see(address)
    listed = await page.see("/answers?both=1")
    assert listed.count("rather than") == 5
    assert "number 4" not in listed


async def test_how_far_back_a_change_is_looked_for_is_said_from_where_it_matters(page: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("weal_node.reward.drift.WINDOW", 100)
    for count in (100, 230):
        said = [page.answer(n, n % 12, Choice.ACCEPT if n % 3 else Choice.REJECT) for n in range(count)]
        await page.database.write(partial(_all, said=said))
        await page.mind.relearn()
        told = "looked for in your newest 130 answers" in await page.see("/mirror")
        assert told == (count > 100)


def _all(connection: Any, said: Any) -> None:
    for one in said:
        answers.add(connection, one)


@pytest.mark.slow
async def test_why_calls_a_concept_by_its_name_and_by_the_persons_word_once_they_give_one(taught: Any) -> None:
    await taught.judge(30)
    await taught.mind.add_items(FRESH)
    before = await taught.page(items.see, id=FRESH[0].id)
    assert ">gardening<" in before
    await taught.control.name("gardening", "things that grow")
    after = await taught.page(items.see, id=FRESH[0].id)
    assert "things that grow" in after
    assert ">gardening<" not in after


async def test_reasons_on_today_and_in_json_use_the_same_names(taught: Any) -> None:
    await taught.judge(30)
    await taught.mind.add_items(FRESH)
    await taught.control.ignore("in general")
    (card, *_) = (await today(taught.database, taught.mind, NOON)).cards
    assert "gardening" in card.reason
    await taught.control.name("gardening", "things that grow")
    said = today_json(await today(taught.database, taught.mind, NOON))["cards"][0]["reason"]
    assert "things that grow" in said
    assert "gardening" not in said
