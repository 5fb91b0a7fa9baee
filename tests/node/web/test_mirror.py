"""Mirror says what is going on: a change of mind with its day, principles that answers contradict, a text in another script."""

from functools import partial
from typing import Any

import pytest

from weal_node.records import Choice
from weal_node.reward.calibration import Guess
from weal_node.reward.edit import Edit, Kind
from weal_node.store import announcements, edits, gate
from weal_node.web import mirror, past, right
from weal_node.web.items import foreign
from weal_node.web.mirror import held_principles

DAY = 24 * 3_600 * 1_000


def states(taught: Any, kind: str) -> list[str]:
    return [one.id for one in taught.mind.items() if one.text.startswith(kind)]


@pytest.mark.slow
async def test_a_change_of_mind_is_announced_with_when_and_what(taught: Any) -> None:
    await taught.judge(140, 100)
    page = await taught.page(mirror.see)
    assert "Since about 11 Apr 1970 you answer differently" in page  # day 100, of the first answer that was different
    assert 'data-turn="11 Apr 1970"' in page
    assert "gardening" in page.split("data-changed")[1].split("</p>")[0]
    casino, garden = states(taught, "casinos")[0], states(taught, "gardens")[0]
    assert taught.mind.predict(casino).probability > 0.5 > taught.mind.predict(garden).probability


@pytest.mark.slow
async def test_a_change_stays_on_mirror_when_the_model_believes_it_no_more(taught: Any) -> None:
    await taught.judge(140, 100)
    await taught.control.name("gardening", "things that grow")
    await taught.judge(260, 100)
    assert taught.mind.fitted().drift.since is None
    page = await taught.page(mirror.see)
    assert "data-changed" not in page
    assert page.count("data-turn") == 1  # believed at many answers, one change
    assert 'data-turn="11 Apr 1970"' in page
    assert "things that grow" in page.split("data-turn")[1].split("</li>")[0]


@pytest.mark.slow
async def test_forgetting_an_answer_takes_back_what_it_had_a_say_in(taught: Any) -> None:
    await taught.judge(140, 100)
    (kept,) = await taught.database.read(announcements.every)
    assert kept.since_ms == 100 * DAY + DAY // 2
    for number in range(100, 140):
        await taught.control.forget(f"{number:032x}")
    assert await taught.database.read(announcements.every) == ()


async def test_someone_steady_is_left_alone(taught: Any) -> None:
    await taught.judge(60)
    assert "data-changed" not in await taught.page(mirror.see)
    assert await taught.database.read(announcements.every) == ()


async def test_a_principle_that_answers_contradict_is_shown_as_such(taught: Any) -> None:
    await taught.judge(30)
    await taught.control.principle("gardens of all kinds", -1)
    (shown,) = held_principles(taught.mind)
    assert shown.against >= 5
    assert shown.weight > shown.edit.value  # answers have pulled it up


async def test_pairs_contradict_a_principle_too(taught: Any) -> None:
    gardens, casinos = states(taught, "gardens"), states(taught, "casinos")
    for number in range(8):  # either stands first, gardens are always chosen
        first, second = (gardens[number], casinos[number])[:: 1 if number % 2 else -1]
        await taught.say(number, Choice.FIRST if number % 2 else Choice.SECOND, first, second)
    await taught.mind.relearn()
    await taught.control.principle("gardens of all kinds", -1)
    (shown,) = held_principles(taught.mind)
    assert shown.against == 8


@pytest.mark.slow
async def test_how_each_belief_came_about_is_drawn_with_a_mark_at_the_change(taught: Any) -> None:
    assert "Nothing has moved yet" in await taught.page(past.see)
    await taught.judge(140, 100)
    page = await taught.page(past.see)
    assert "you changed: 11 Apr 1970" in page
    panel = page.split('data-panel="gardening"')[1].split("</figure>")[0]
    assert f'class="turn" x1="{240 * 100 / 140:.1f}"' in panel
    line = panel.split('<polyline class="went" points="')[1].split('"')[0].split()
    heights = [60 - float(point.split(",")[1]) for point in line]
    assert len(heights) == 9
    assert heights[0] == 0
    assert max(heights[1:6]) > 0 > heights[-1]  # gardens were liked up to the change, not after it


async def test_each_concept_comes_with_its_evidence_and_right_and_wrong(taught: Any) -> None:
    await taught.judge(20)
    page = await taught.page(mirror.see)
    row = page.split('data-concept="gardening"')[1].split("</tr>")[0]
    assert row.count("data-pull") == 3
    assert "7 other answers" in row
    assert "Right: hold it" in row.split('action="/mirror/pin"')[1].split("</form>")[0]
    assert "Wrong: ignore it" in row.split('action="/mirror/ignore"')[1].split("</form>")[0]
    await taught.control.principle("gardens of all kinds", 1)
    page = await taught.page(mirror.see)
    assert "What you hold to" in page.split('data-concept="principle: gardens of all kinds"')[1].split("</tr>")[0]


async def test_how_often_it_was_right_is_told_block_by_block(taught: Any) -> None:
    """Ten audits of which nine were right, then three of which none was."""
    guessed = [Guess(0.8, True)] * 6 + [Guess(0.4, False)] * 3 + [Guess(0.9, False)] + [Guess(0.7, False)] * 3

    def keep(connection: Any) -> None:
        for number, one in enumerate(guessed):
            gate.guess(connection, f"{number:032x}", number * DAY + DAY // 2, one, audit=True)
        gate.guess(connection, "f" * 32, 1, Guess(0.9, True), audit=False)  # the model chose that question

    await taught.database.write(keep)
    newer, older = past.history(await taught.database.read(gate.audits))
    assert (older.right, older.count, older.came) == (9, 10, 0.9)
    assert older.said == pytest.approx((6 * 0.8 + 3 * 0.6 + 0.9) / 10)
    assert (older.since, older.until) == ("01 Jan 1970", "10 Jan 1970")
    assert (newer.right, newer.count) == (0, 3)
    assert newer.said == pytest.approx(0.7)
    assert "9 of 13" in await taught.page(mirror.see)
    page = await taught.page(right.see)
    assert page.count("data-block") == 2
    assert "9 of 10" in page
    assert "0 of 3" in page


async def test_an_even_grade_speaks_neither_for_nor_against_a_principle(taught: Any) -> None:
    for number, item in enumerate(states(taught, "gardens")):
        await taught.say(number, Choice.GRADE_3, item, source="community")
    await taught.mind.relearn()
    await taught.control.principle("gardens of all kinds", 1)
    assert held_principles(taught.mind)[0].against == 0


@pytest.mark.parametrize(
    ("text", "strange"),
    [("Больше деревьев в городе", True), ("市内にもっと木を", True), ("More trees", False), ("Grüße", False)],
)
def test_texts_in_another_script_are_told_apart(text: str, strange: bool) -> None:
    assert foreign(text) is strange


async def test_what_was_said_of_a_concept_that_is_gone_stays_listed_and_can_be_taken_back(taught: Any) -> None:
    """Themes of earlier versions, and tags that no note bears any more."""
    await taught.judge(20)
    before = {one.name: one.amount for one in taught.mind.concepts()}
    for number, kind in enumerate((Kind.PIN, Kind.EDIT, Kind.FORBID, Kind.NAME)):
        entry = Edit(f"{number}", 1_000 + number, kind, f"theme {number + 1}", 1.5, 0.1, "calm")
        await taught.database.write(partial(edits.add, edit=entry))
    await taught.mind.rebuild()
    assert {one.name: one.amount for one in taught.mind.concepts()} == before
    page = await taught.page(mirror.see)
    assert page.count("of which there is nothing here any more") == 3  # held, set, forbidden
    assert "<strong>theme 3</strong> is forbidden" in page
    assert page.count('action="/mirror/undo"') == 4


async def test_concepts_are_named_in_the_persons_language_and_what_is_hardly_known_is_folded_away(taught: Any) -> None:
    await taught.judge(20)
    taught.mind.language = "de"
    page = await taught.page(mirror.see)
    shown, folded = page.split('<details id="unknown">')
    assert "<summary>Gartenarbeit</summary>" in shown
    assert 'data-concept="gardening"' in shown  # what it is called in the edit log
    assert 'data-concept="hours I give"' in folded.split("</details>\n</details>")[0]


async def test_a_forbidden_public_concept_goes_by_its_name_where_it_is_listed(taught: Any) -> None:
    await taught.judge(20)
    await taught.control.forbid("gardening")
    taught.mind.language = "de"
    page = await taught.page(mirror.see)
    assert 'data-concept="gardening"' not in page
    assert "<strong>Gartenarbeit</strong> is forbidden" in page
    assert "nothing here any more" not in page
