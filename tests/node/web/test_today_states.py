"""What Today says to a person of whom it knows little or nothing, who answers everything alike, who stays away, or whose clock was set back."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from support.minds import by_first_word
from weal_node.mind.mind import Mind
from weal_node.mind.seed_statements import starter
from weal_node.proposals.evidence import Citation, Proposal
from weal_node.records import Answer, Choice, Note, Visibility
from weal_node.search import indexing
from weal_node.store import answers, gate
from weal_node.today.discovery import keep
from weal_node.today.spread import CARDS
from weal_node.today.today import today

DAY = 24 * 3_600 * 1_000
NOON = 1_700_049_600_000 - 4 * 3_600 * 1_000
WORDS = ("bake", "walk", "write", "mend", "sing", "plant")
ACTS = tuple(f"{word} something {number}" for number in range(20) for word in WORDS)


def proposal(text: str, asked_for: bool = False, quote: str = "") -> Proposal:
    cited = Citation("", "", "note", "1" * 32, "Plans.md", "Plans", quote or text)
    return Proposal("act", text, (cited,), 0.5, asked_for)


async def bring(page: Any, acts: Sequence[str], asked_for: bool = False) -> None:
    """Let a source hand these over, a day's worth at a time."""
    page.clock = NOON
    for start in range(0, len(acts), 12):
        day = NOON - (len(acts) - start) * DAY
        await keep(
            page.database, page.mind, [proposal(text, asked_for) for text in acts[start : start + 12]], "rules", day
        )


@pytest.fixture
async def acting(page: Any) -> Any:
    """A person whose notes hold many things to do, of which those that begin alike are alike; nothing else is known."""
    await page.mind.let_go([state.id for state in page.states])
    page.worker.meaning = by_first_word
    return page


async def compared(page: Any, count: int, likes: Sequence[str] = ("bake",), turn: int = 0) -> None:
    """Answer as one who likes what begins so; each `turn`-th time the other way."""
    known = page.mind.items()
    liked = [item for item in known if item.text.split()[0] in likes]
    others = [item for item in known if item.text.split()[0] not in likes]
    for number in range(count):
        first, other = liked[number % len(liked)], others[(7 * number) % len(others)]
        choice = Choice.SECOND if turn and number % turn else Choice.FIRST
        said = Answer(f"{number:032x}", NOON - DAY + number, first.id, other.id, choice, "teach")
        await page.database.write(partial(answers.add, answer=said))
    await page.mind.relearn()


async def test_an_empty_vault_is_told_what_to_do_first_and_sees_no_built_in_statement(page: Any) -> None:
    await page.mind.let_go([state.id for state in page.states])
    await page.mind.add_items(starter())
    text = await page.see("/today?peek=1")
    assert "There is no note yet" in text
    assert '<a class="button" href="/notes/new">' in text
    assert not any(item.text in text for item in starter())
    assert "%" not in text


async def test_one_note_that_says_nothing_to_do_is_told_so(page: Any) -> None:
    await page.mind.let_go([state.id for state in page.states])
    page.vault.save(Note("", "", "Plums", "Blue ones.", Visibility.PRIVATE))
    await indexing.by_words(page.database, page.vault, "a" * 64)
    await page.mind.add_items(starter())
    for number, item in enumerate(starter()[:6]):
        said = Answer(f"{number:032x}", number, item.id, "", Choice.ACCEPT, "teach")
        await page.database.write(partial(answers.add, answer=said))
    await page.mind.relearn()
    text = await page.see("/today?peek=1")
    assert "no idea left that you have not seen" in text
    assert not any(item.text in text for item in starter())


async def test_progress_counts_answers_up_to_five(acting: Any) -> None:
    await bring(acting, ACTS)
    assert "5 more answers, and it can suggest" in await acting.see("/today")
    await compared(acting, 4)
    text = await acting.see("/today")
    assert "1 more answer, and" in text
    assert "You have given 4 of 5" in text


async def test_after_some_answers_it_brings_three_of_many_things_each_with_its_note(acting: Any) -> None:
    await bring(acting, ACTS)
    await compared(acting, 20)
    text = await acting.see("/today")
    assert text.count('<h2 class="do">bake something') == CARDS
    assert text.count("I will do it") == CARDS
    assert "Plans</a>" in text
    assert "%" not in text


async def test_one_surprising_answer_does_not_silence_what_spoke(acting: Any) -> None:
    await bring(acting, ACTS)
    await compared(acting, 12)
    first = await today(acting.database, acting.mind, NOON)
    assert first.cards
    surprise = Answer("f" * 32, NOON, first.cards[0].state.id, "", Choice.REJECT, "today")
    await acting.database.write(partial(answers.add, answer=surprise))
    await acting.database.write(partial(gate.answered, state=surprise.item, glad=False))
    await acting.mind.relearn()
    again = await today(acting.database, acting.mind, NOON + DAY)
    assert again.answers == first.answers + 1
    assert {card.state.id for card in again.cards} - {card.state.id for card in first.cards}


async def test_what_waits_asks_the_one_question_that_would_help_and_teach_asks_it(acting: Any) -> None:
    await bring(acting, ACTS[:24])
    await compared(acting, 6, likes=("bake", "walk", "write"), turn=2)
    shown = await today(acting.database, acting.mind, NOON)
    assert not shown.cards
    assert "not sure enough that you would be glad of any of the 24 ideas" in shown.silent
    assert shown.question is not None
    assert shown.question.other is not None
    text = await acting.see("/today")
    assert "One question would help most" in text
    address = f"/teach?first={shown.question.first.id}&amp;other={shown.question.other.id}"
    assert address in text
    teach = await acting.see(address.replace("&amp;", "&"))
    assert f'value="{shown.question.first.id}"' in teach
    assert f'value="{shown.question.other.id}"' in teach
    assert "<h1>Teach</h1>" in await acting.see("/teach?first=none&other=neither")  # whatever comes next


async def test_who_accepts_everything_is_brought_more_and_nothing_twice(acting: Any) -> None:
    await bring(acting, ACTS)
    await compared(acting, 20)
    shown, again = await lived(acting, True, days=7)
    assert again == len(shown) >= 6 * CARDS


async def test_who_wants_nothing_is_left_alone_and_told_why(acting: Any) -> None:
    await bring(acting, ACTS)
    await compared(acting, 20)
    shown, again = await lived(acting, False, days=7)
    assert again == len(shown) < 7 * CARDS / 2
    silent = (await today(acting.database, acting.mind, acting.clock)).silent
    assert "you took up 0 of the last" in silent or "not sure enough" in silent


async def lived(page: Any, glad: bool, days: int) -> tuple[set[str], int]:
    """Answer every card alike, day by day; return which were brought and how often any was."""
    brought: list[str] = []
    for day in range(days):
        page.clock = NOON + day * DAY
        for card in (await today(page.database, page.mind, page.clock)).cards:
            brought.append(card.state.id)
            await page.send(f"/today/{card.state.id}/answer", choice="accept" if glad else "reject")
    page.clock = NOON + days * DAY
    return set(brought), len(brought)


async def test_who_puts_off_everything_is_asked_once_more_and_never_again(acting: Any) -> None:
    await bring(acting, ACTS[:6])
    await compared(acting, 20)
    brought: list[str] = []
    for day in range(12):
        acting.clock = NOON + day * DAY
        cards = (await today(acting.database, acting.mind, acting.clock)).cards
        for card in cards:
            brought.append(card.state.id)
            await acting.send(f"/today/{card.state.id}/answer", choice="later")
    assert brought
    assert max(brought.count(state) for state in brought) == 2
    assert "no idea left" in await acting.see("/today") or "not sure enough" in await acting.see("/today")


async def test_a_card_that_nobody_answers_stays_three_days_and_does_not_come_back(acting: Any) -> None:
    await bring(acting, ACTS)
    await compared(acting, 20)
    first = {card.state.id for card in (await today(acting.database, acting.mind, NOON)).cards}
    second = {card.state.id for card in (await today(acting.database, acting.mind, NOON + 2 * DAY)).cards}
    assert first == second
    late = await today(acting.database, acting.mind, NOON + 9 * DAY)  # a week without opening the page
    assert late.cards
    assert not first & {card.state.id for card in (*late.cards, *late.held_back)}


async def test_a_clock_set_back_loses_nothing_and_is_said(acting: Any) -> None:
    await bring(acting, ACTS)
    await compared(acting, 20)
    first = {card.state.id for card in (await today(acting.database, acting.mind, NOON)).cards}
    acting.clock = NOON - 400 * DAY
    shown = await today(acting.database, acting.mind, acting.clock)
    assert shown.cards
    assert not first & {card.state.id for card in shown.cards}
    assert "clock of this computer stands before your last answer" in await acting.see("/today")


async def test_own_wishes_that_were_asked_for_need_no_gate(acting: Any) -> None:
    await bring(acting, ACTS[:5])
    await bring(acting, ("call my aunt",), asked_for=True)
    await bring(acting, (ACTS[0],), asked_for=True)  # which a rule had found before
    text = await acting.see("/today")
    assert "You wanted to be reminded of" in text
    assert "call my aunt" in text
    assert ACTS[0] in text
    assert ACTS[1] not in text
    await acting.send(f"/today/{acting.mind.items()[0].id}/answer", choice="later")
    states = {card.state.text: card.state.id for card in (await today(acting.database, acting.mind, NOON)).asked}
    for state in states.values():
        await acting.send(f"/today/{state}/answer", choice="accept")
    assert "You wanted to be reminded of" not in await acting.see("/today")
    assert await acting.database.read(gate.deliveries) == ()


async def test_nothing_heavy_is_kept_and_what_was_kept_before_is_never_a_card(acting: Any, monkeypatch: Any) -> None:
    heavy = (proposal("bake for the funeral"), proposal("bake a cake", quote="since the diagnosis I bake"))
    assert await keep(acting.database, acting.mind, heavy, "rules", NOON) == 0
    monkeypatch.setattr("weal_node.today.discovery.tender", lambda *_: False)
    assert await keep(acting.database, acting.mind, heavy, "rules", NOON) == 2
    assert (await today(acting.database, acting.mind, NOON)).ideas == 0
    await bring(acting, ACTS[:1])
    assert (await today(acting.database, acting.mind, NOON)).ideas == 1


async def test_a_sentence_that_was_compared_is_no_card_and_an_act_is(acting: Any) -> None:
    mind: Mind = acting.mind
    await mind.add_items(acting.states)
    await bring(acting, ACTS[:2])
    known = {item.text: item.id for item in mind.items()}
    pairs = ((acting.states[0].id, acting.states[1].id), (known[ACTS[0]], known[ACTS[1]]))
    for number, (first, other) in enumerate(pairs):
        said = Answer(f"{number:032x}", number, first, other, Choice.FIRST, "teach")
        await acting.database.write(partial(answers.add, answer=said))
    await mind.relearn()
    shown = await today(acting.database, mind, NOON)
    assert shown.ideas == len(acting.states) - 2 + 2
