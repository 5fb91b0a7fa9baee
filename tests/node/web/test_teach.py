"""Teach: what was skipped waits, a drawn audit is asked until it is answered or skipped, and what is said of the sitting is true."""

import re
from typing import Any

import pytest

from weal_node.mind.own_statements import Found, keep
from weal_node.records import Choice
from weal_node.reward.acquisition import SITTING_MS, turn
from weal_node.store import gate, questions


async def asked(page: Any) -> dict[str, str]:
    return dict(page.form(await page.see("/teach"), "/teach/answer"))


def about(question: dict[str, str]) -> frozenset[str]:
    return frozenset({question["item"], question.get("other", "")} - {""})


async def answer(page: Any, question: dict[str, str]) -> None:
    page.clock += 1_000
    await page.send("/teach/answer", **question, choice="first" if question["kind"] == "pair" else "accept")


async def to_the_audit(page: Any) -> dict[str, str]:
    """Answer until the next question is one that chance chose."""
    while turn(page.mind.answer_count) != "audit":
        await answer(page, await asked(page))
    return await asked(page)


async def test_what_is_skipped_is_not_asked_again_in_the_sitting(page: Any) -> None:
    seen: set[frozenset[str]] = set()
    for _ in range(30):
        question = await asked(page)
        assert about(question) not in seen
        seen.add(about(question))
        page.clock += 1_000
        await page.send("/teach/answer", **question, choice="skip")
    assert page.mind.answer_count == 0


async def test_a_skipped_statement_gives_way_to_others(page: Any) -> None:
    await page.answered(*(page.answer(n, n, Choice.ACCEPT) for n in range(3)))
    first = await asked(page)
    assert first["kind"] == "single"
    await page.send("/teach/answer", **first, choice="skip")
    assert about(await asked(page)) != about(first)
    assert about(await asked(page)) != about(first)


async def test_where_everything_was_skipped_something_is_asked_still(page: Any) -> None:
    await page.mind.let_go([state.id for state in page.states[2:]])
    for _ in range(3):
        await page.send("/teach/answer", **(await asked(page)), choice="skip")
    assert about(await asked(page)) == {page.states[0].id, page.states[1].id}


@pytest.mark.slow
async def test_loading_the_page_again_does_not_choose_the_audit(page: Any) -> None:
    drawn = about(await to_the_audit(page))
    for _ in range(10):
        assert about(await asked(page)) == drawn
    page.clock += 10 * SITTING_MS  # nor does waiting
    assert about(await asked(page)) == drawn
    await answer(page, await asked(page))
    audits = await page.database.read(lambda c: gate.guesses(c, audits_only=True))
    assert len(audits) == 1
    assert await page.database.read(questions.waiting) is None
    assert about(await asked(page)) != drawn


async def test_no_form_makes_an_audit_of_what_chance_did_not_choose(page: Any) -> None:
    first = await asked(page)
    await answer(page, {**first, "why": "audit"})
    assert await page.database.read(lambda c: gate.guesses(c, audits_only=True)) == ()


@pytest.mark.slow
async def test_a_skipped_audit_is_let_go_and_counted_openly(page: Any) -> None:
    drawn = await to_the_audit(page)
    assert "chance chose" not in await page.see("/teach")
    await page.send("/teach/answer", **drawn, choice="skip")
    await page.send("/teach/answer", **drawn, choice="skip")  # a double tap is one skip
    assert about(await asked(page)) != about(drawn)
    assert "Of 1 question that chance chose you skipped 1" in await page.see("/teach")
    assert "You skipped 1 more that chance chose" in await page.see("/mirror/right")


@pytest.mark.slow
async def test_the_sitting_is_what_it_says(page: Any) -> None:
    for _ in range(12):
        await answer(page, await asked(page))
    counted = r"I guessed <strong>\d+ of (\d+)</strong> in this sitting"
    assert re.findall(counted, await page.see("/teach")) == ["12"]
    await page.send(f"/items/{page.states[0].id}/judge", choice="accept")  # not an answer of Teach
    assert re.findall(counted, await page.see("/teach")) == ["12"]
    page.clock += SITTING_MS + 1
    assert not re.findall(counted, await page.see("/teach"))
    await answer(page, await asked(page))
    assert re.findall(counted, await page.see("/teach")) == ["1"]


async def test_what_is_skipped_may_be_asked_in_another_sitting(page: Any) -> None:
    await page.mind.let_go([state.id for state in page.states[3:]])
    skipped = set()
    for _ in range(3):
        question = await asked(page)
        skipped.add(about(question))
        await page.send("/teach/answer", **question, choice="skip")
    assert len(skipped) == 3
    await page.answered(page.answer(1, 0, Choice.FIRST, 1), page.answer(2, 1, Choice.FIRST, 2))
    page.clock += 2 * SITTING_MS
    assert about(await asked(page)) == {page.states[0].id, page.states[2].id}  # the only pair without an answer


async def test_a_skip_of_what_the_agent_does_not_know_is_refused(page: Any) -> None:
    await page.send("/teach/answer", 404, kind="single", item="x", choice="skip")


async def test_vetoes_that_leave_nothing_are_said_in_one_sentence(page: Any) -> None:
    assert "vetoes rule out" not in await page.see("/teach")
    await page.send("/mirror/veto", text="kind is statement")
    assert "Your vetoes rule out all 12 things that your agent could ask about" in await page.see("/teach")


WROTE = (
    Found("plant a tree by the gate", 0, "n1", "Garden", "I want to plant a tree by the gate.", 86_400_000),
    Found("doing dishes twice a day", -1, "n2", "Kitchen", "I hate doing dishes twice a day.", 86_400_000),
)


async def test_what_a_note_says_is_confirmed_as_it_was_written_whatever_a_form_says(page: Any) -> None:
    await keep(page.database, page.mind, WROTE)
    await page.answered(page.answer(0, 0, Choice.ACCEPT))
    text = await page.see("/teach")
    assert "I hate doing dishes twice a day." in text
    assert "“Kitchen”" in text
    question = page.form(text, "/teach/answer")
    assert question["kind"] == "confirm"
    await page.send("/teach/answer", **question, choice="accept")
    (given,) = [one for one in page.mind.fitted().answers if one.item == question["item"]]
    assert given.choice == Choice.REJECT  # they wrote that they hate it
    stray = question | {"item": page.mind.items()[0].id, "gesture": "b" * 32}
    assert stray["item"] != question["item"]
    reply = await page.send("/teach/answer", 404, **stray, choice="accept")
    assert "our notes do not say this any more" in reply.text


async def test_a_bad_question_is_no_answer_and_never_comes_again(page: Any) -> None:
    await keep(page.database, page.mind, WROTE)
    await page.answered(page.answer(0, 0, Choice.ACCEPT))
    question = await asked(page)
    before = page.mind.answer_count
    await page.send("/teach/answer", **question, choice="refuse")
    page.clock += 10 * SITTING_MS
    assert page.mind.answer_count == before
    for _ in range(5):
        other = await asked(page)
        assert about(other) != about(question)
        await answer(page, other)


async def test_a_sentence_is_looked_at_before_it_counts(page: Any) -> None:
    assert "made this week better" in await page.see("/teach/open")
    assert "made this week better" not in await page.see("/teach/open?next=1")
    shown = await page.send("/teach/look", 200, text="deliveries <before> eight")
    assert "deliveries &lt;before&gt; eight" in shown.text
    assert page.mind.edits() == ()
    await page.send("/teach/take", text="deliveries before eight", **{"as": "more"})
    (said,) = page.mind.edits()
    assert said.text == "deliveries before eight"
    assert said.value > 0
    await page.send("/teach/take", text="a walk by the canal", **{"as": "ask"})
    assert "a walk by the canal" in [item.text for item in page.mind.items()]
    await page.send("/teach/take", text="word is casino", **{"as": "never"})
    assert {entry.text for entry in page.mind.edits()} == {"deliveries before eight", "word is casino"}
    for fields in ({"text": "x", "as": "what"}, {"text": "", "as": "more"}, {"text": "x" * 300, "as": "more"}):
        await page.send("/teach/take", 400, **fields)
    assert len(page.mind.edits()) == 2


async def test_an_answer_is_undone_where_it_was_given_and_the_same_is_asked_again(page: Any) -> None:
    question = await asked(page)
    sent = await page.send("/teach/answer", **question, choice="first")
    assert page.mind.answer_count == 1
    shown = await page.see(sent.headers["location"])
    assert "You just said: " in shown
    undone = await page.send("/teach/undo", **page.form(shown, "/teach/undo"))
    assert page.mind.answer_count == 0
    again = await page.see(undone.headers["location"])
    assert about(page.form(again, "/teach/answer")) == about(question)
    assert 'action="/teach/undo"' not in again
    await page.send("/teach/undo", 404, answer=question["gesture"])  # twice is once


async def test_what_is_asked_again_is_what_was_taken_back_and_nothing_unknown(page: Any) -> None:
    first, other = page.states[7].id, page.states[9].id
    shown = await page.see(f"/teach?again={first}.{other}")
    assert about(page.form(shown, "/teach/answer")) == {first, other}
    for strange in (f"{first}.{first}", "x.y", f"{first}.x", "."):
        assert page.form(await page.see(f"/teach?again={strange}"), "/teach/answer")


async def test_the_keys_of_teach_are_on_its_buttons(page: Any) -> None:
    shown = await page.see("/teach")
    for key in "123":
        assert shown.count(f'data-key="{key}"') == 1
