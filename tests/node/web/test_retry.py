"""A fault loses nothing: the page says what happened, leads back to the form, and holds what was typed."""

import re
from typing import Any

import pytest

from weal_node.commons import publishing
from weal_node.web.page import sentence
from weal_protocol.errors import WealError
from weal_protocol.invite import parse

LONG = "quiet streets " * 40


@pytest.mark.parametrize(
    ("act", "fields", "kept"),
    [
        ("principle", {"text": LONG, "direction": "less", "back": "teach"}, LONG),
        ("veto", {"text": "casino never & nowhere"}, "casino never &amp; nowhere"),
        ("phrase", {"text": LONG}, LONG),
    ],
)
async def test_what_is_typed_wrongly_is_a_bad_request_and_stays(
    page: Any, act: str, fields: dict[str, str], kept: str
) -> None:
    answer = await page.send(f"/mirror/{act}", 400, origin="/teach?said=saved", **fields)
    assert kept in answer.text
    assert '<a href="/teach">Back to Teach</a>' in answer.text
    again = page.form(answer.text, f"/mirror/{act}")
    assert again == {name: value for name, value in fields.items() if name != "text"} | {"csrf": "c"}


async def test_the_way_back_is_known_without_the_browsers_word_and_never_leads_elsewhere(page: Any) -> None:
    for origin in ("", "//evil.example/x", "/mirror/veto"):
        answer = await page.send("/mirror/veto", 400, origin=origin, text="x")
        assert '<a href="/mirror">Back to Mirror</a>' in answer.text
    foreign = await page.client.post("/mirror/veto", data={"text": "x"}, headers={"referer": "http://evil.example/x"})
    assert "evil" not in foreign.text
    assert '<a href="/today">Back to Today</a>' in await page.see("/items/none", 404)


async def test_a_weight_that_is_none_is_a_bad_request(page: Any) -> None:
    concept = page.mind.concepts()[1].name
    for value in ("nan", "900", "much"):
        answer = await page.send("/mirror/edit", 400, concept=concept, value=value)
        assert f'value="{value}"' in answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("---\nvisibility: [private\n---\nMy diary", "Malformed front matter in line"),
        ("---\n- a\n---\nx", "Malformed front matter"),
        ("---\ntitle: x\nno end", "has no closing ---"),
        ("---", "has no closing ---"),
        ("---\r\nvisibility: private\r\n---\r\nMy diary", "The text begins with front matter."),
        ("\ufeff---\nvisibility: private\n---\nMy diary", "The text begins with front matter."),
    ],
)
@pytest.mark.parametrize("address", ["/notes", "/notes/preview"])
async def test_front_matter_in_the_text_is_refused_and_nothing_typed_is_lost(
    page: Any, address: str, body: str, words: str
) -> None:
    fields = {"title": "T", "body": body, "needs": "a\n\nb", "visibility": "community", "folder": "garden"}
    answer = await page.send(address, 400, **fields)
    shown = re.search(r'<p class="notice warn">(.*?)</p>', answer.text)
    assert shown
    assert words.lower() in shown[1].lower()
    assert ".." not in shown[1]
    assert f"{body.replace(chr(13), '')}</textarea>" in answer.text
    assert "a\n\nb</textarea>" in answer.text
    assert 'value="garden"' in answer.text
    assert 'value="community" checked' in answer.text
    assert (await publishing.written(page.database, page.vault))[0] == ()


async def test_a_thought_that_is_front_matter_comes_back_private_in_the_editor(page: Any) -> None:
    answer = await page.send("/notes", 400, body="---\nx: [\n---\n")
    assert 'value="private" checked' in answer.text  # what may have meant to be private does not become public by Save


async def test_a_line_across_is_no_title(page: Any) -> None:
    await page.send("/notes", body="***\nA thought", visibility="private")
    ((note,), _) = await publishing.written(page.database, page.vault)
    assert note.title == "A thought"


async def test_too_many_needs_keep_the_text(page: Any) -> None:
    answer = await page.send("/notes", 400, title="T", body="long work", needs="x\n" * 40)
    assert "long work</textarea>" in answer.text
    assert answer.text.count("x\n") >= 39


def test_a_fault_is_said_in_whole_sentences_with_one_full_stop_each() -> None:
    assert sentence(WealError("it broke", "Mend it.")) == "It broke. Mend it."
    assert sentence(WealError("why?")) == "Why?"
    with pytest.raises(WealError) as fault:
        parse("nonsense")
    assert ".." not in sentence(fault.value)
