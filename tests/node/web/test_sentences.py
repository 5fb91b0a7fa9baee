"""Mirror in sentences: what is known with the answers under it, what to do next where nothing is, the person's hand on each, exact numbers behind a fold."""

import re
from typing import Any

import pytest

from weal_node.commands.agent import mirror_json
from weal_node.errors import NotFoundError
from weal_node.mind.edits import MOST_WEIGHT
from weal_node.mind.sentences import about as believed
from weal_node.records import Choice
from weal_node.web import about, mirror, right

DAY = 24 * 3_600 * 1_000


def article(page: str, key: str) -> str:
    """The sentence about this, as it stands on the page."""
    return page.split(f'data-sentence="{key}"')[1].split("</article>")[0]


async def test_who_has_answered_nothing_reads_what_to_do_next(taught: Any) -> None:
    page = await taught.page(mirror.see)
    assert "Nothing yet." in page
    assert '<a class="button" href="/teach">Answer a few questions</a>' in page
    assert "data-sentence" not in page
    assert "0 sentences known, from <strong>0 answers</strong>" in page
    assert 'href="/teach"' in (await taught.page(right.see)).split('class="next"')[1]


async def test_what_is_known_stands_as_a_sentence_with_its_answers_under_it(taught: Any) -> None:
    await taught.judge(20)
    page = await taught.page(mirror.see)
    known = article(page, "gardening")
    assert re.search(r"You (nearly always want|like) gardening( very much)?\.", known)
    assert re.search(r"Sure, from \d+ answers", known)
    assert known.count('class="now"') == 4  # four dots
    assert "yes to “gardens " in known
    before_the_fold, numbers = page.split('<details class="card" id="numbers">')
    assert "data-concept" not in before_the_fold
    assert "log-odds" not in before_the_fold
    assert 'data-concept="gardening"' in numbers


async def test_the_page_the_command_and_the_api_say_the_same_sentences(taught: Any) -> None:
    await taught.judge(20)
    said = await mirror_json(taught.mind)
    page = await taught.page(mirror.see)
    assert said["sentences"]
    for sentence in said["sentences"]:
        assert sentence["text"] in page
        assert f"from {sentence['from']} answer" in article(page, sentence["key"])
        assert len(sentence["answers"]) == sentence["from"]
    assert page.count("data-sentence") == len(said["sentences"])


async def test_not_so_takes_a_sentence_away_at_once_and_can_be_taken_back(taught: Any) -> None:
    await taught.judge(20)
    before = believed(taught.mind.fitted(), "gardening")
    assert before is not None
    taught.now_ms = 40 * DAY  # after all answers
    change = await taught.control.claim("gardening", 0.0)
    page = await taught.page(mirror.see)
    assert 'data-sentence="gardening"' not in page
    assert "gardening" in page.split('id="not-known"')[1].split("</details>")[0]
    after = believed(taught.mind.fitted(), "gardening")
    assert after is not None
    assert after.amount == pytest.approx(0.0, abs=1e-9)
    await taught.control.undo(change.id)
    again = believed(taught.mind.fitted(), "gardening")
    assert again == before  # to the bit


async def test_a_sentence_has_a_page_on_which_all_answers_add_up(taught: Any) -> None:
    await taught.judge(20)
    page = await taught.page(about.see, "what=gardening")
    assert page.count("data-answer=") == 20
    amount = float(re.findall(r'data-amount="([^"]+)"', page)[0])
    added = [float(number) for number in re.findall(r'class="number third left">([+-][\d.]+)<', page)]
    assert sum(added) == pytest.approx(amount, abs=0.0005 * 21)  # as they are rounded on the page
    for act in ("pin", "not-so", "claim", "ignore", "name", "forbid"):
        assert f'action="/mirror/{act}"' in page


async def test_a_quoted_text_has_a_page_that_leads_to_answering_it_again(taught: Any) -> None:
    await taught.judge(20)
    item = taught.mind.fitted().answers[0].item
    page = await taught.page(about.see, f"what={item}")
    assert f'href="/items/{item}"' in page
    assert 'action="/mirror/not-so"' not in page


async def test_what_cannot_be_spoken_of_is_refused_by_name(taught: Any) -> None:
    with pytest.raises(NotFoundError, match="nothing can be said"):
        await taught.page(about.see, "what=no+such+thing")
    with pytest.raises(NotFoundError):
        await taught.control.claim("no such thing", 0.0)


async def test_forms_of_a_sentence_do_what_they_say(page: Any) -> None:
    await page.answered(*(page.answer(number, number % 4, Choice.ACCEPT) for number in range(12)))
    await page.desk.control.phrase("Statement number 0")
    key = "phrase: Statement number 0"
    shown = await page.see("/mirror/about?what=phrase%3A+Statement+number+0")
    fields = page.form(shown, "/mirror/claim")
    assert fields["concept"] == key
    await page.send("/mirror/claim", **fields, much="Rather not")
    claimed = believed(page.mind.fitted(), key)
    assert claimed is not None
    assert claimed.amount == pytest.approx(-0.6, abs=1e-9)
    await page.send("/mirror/claim", status=400, **fields, much="17")
    await page.send("/mirror/not-so", **page.form(shown, "/mirror/pin"))
    taken_away = believed(page.mind.fitted(), key)
    assert taken_away is not None
    assert taken_away.amount == pytest.approx(0.0, abs=1e-9)
    assert "fairly sure" in await page.see("/vocabulary")


async def test_what_a_person_wrote_is_text_and_never_markup(page: Any) -> None:
    await page.answered(*(page.answer(number, number % 4, Choice.ACCEPT) for number in range(12)))
    await page.desk.control.phrase("<b>Statement</b> number 0")
    for address in ("/mirror", "/mirror/about?what=phrase%3A+%3Cb%3EStatement%3C%2Fb%3E+number+0"):
        assert "<b>Statement" not in await page.see(address)


async def test_no_claim_makes_a_weight_that_decides_everything(taught: Any) -> None:
    await taught.judge(20)
    assert (await taught.control.claim("gardening", 1e6)).value == MOST_WEIGHT
