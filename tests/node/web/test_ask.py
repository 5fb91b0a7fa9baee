"""The page Ask: passages in words that stand there, what the person says of them, plainly nothing where nothing bears, a model only by a button."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from support.minds import Embedder, by_words
from weal_node.assistant.model_calls import Models
from weal_node.outbound import providers
from weal_node.outbound.providers import Provider
from weal_node.records import Note, Visibility
from weal_node.search import indexing
from weal_node.search.service import Search
from weal_node.store import records
from weal_node.store.records import Mirrored

BEN = "b" * 64
TOPICS = {"starter": 0, "leaven": 0, "bicycle": 1}
ASK = "/ask?q=does+the+starter+survive%3F"


@pytest.fixture
async def asking(page: Any) -> AsyncIterator[Any]:
    """A page whose person wrote of bread and a bicycle, and reads a note of Ben's."""
    reader = Embedder(by_words(TOPICS))
    page.desk.search = Search(page.database, reader, lambda: {BEN: "Ben"})
    page.desk.models = Models(page.database, lambda: page.clock, 1.0, 5.0)
    page.desk.own_key, page.desk.importing, page.desk.login = "a" * 64, None, None
    page.vault.save(Note("", "", "Log", "The <b>starter</b> came back in two days.", Visibility.PRIVATE))
    page.vault.save(Note("", "", "Bicycle", "A new chain in autumn.", Visibility.PRIVATE))
    row = Mirrored(
        "1" * 64, 1, "note", BEN, "1" * 32, "n.md", "public", 1_000, "I feed my leaven every third week.", b""
    )
    await page.database.write(lambda connection: records.add(connection, [row]))
    await indexing.by_words(page.database, page.vault, page.desk.own_key)
    while await indexing.by_meaning(page.database, reader):
        pass
    yield page
    reader.close()


async def test_passages_are_cited_and_the_words_marked(asking: Any) -> None:
    text = await asking.see(ASK)
    assert '<h1 class="text">does the starter survive?</h1>' in text
    assert "<mark>starter</mark>" in text
    assert "&lt;b&gt;" in text  # what stands in a note does nothing here
    assert "The nearest passage" in text  # "survive" stands in no note, and may be the very thing that is asked
    assert 'In no note at all: <strong class="text">survive</strong>' in text
    assert "The best passage" in await asking.see("/ask?q=starter+days")
    assert "<bdi>Ben</bdi>" in text
    assert "shared with everyone" in text
    assert re.search(r'href="/people/b{64}"><bdi>Ben</bdi></a> <span class="from">shares 1 note near this', text)
    assert "A language model could put these passages together. You have named none" in text


async def test_that_answers_it_is_remembered_and_it_does_not_too(asking: Any) -> None:
    text = await asking.see(ASK)
    (other,) = [form for form in re.findall(r'<form[^>]*action="/ask/said".*?</form>', text, re.DOTALL) if BEN in form]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', other)) | {
        "answers": "yes",
        "q": "does the starter survive?",
    }
    answered = await asking.send("/ask/said", **fields)
    assert answered.headers["location"].startswith("/ask?q=does%20the%20starter%20survive")
    again = await asking.see(answered.headers["location"])
    assert "Remembered: it comes first" in again
    assert again.index("What you said answers this") < again.index("every third week") < again.index("came back")
    await asking.send("/ask/said", **fields | {"answers": "no"})
    assert "You said it does not." in await asking.see(ASK)
    await asking.send("/ask/said", status=400, **fields | {"q": "?"})


async def test_where_nothing_bears_the_page_says_so_and_what_to_do_next(asking: Any) -> None:
    text = await asking.see("/ask?q=which+submarine+did+uncle+serve+on%3F")
    assert "Your notes and those you can read do not say." in text
    assert "The best passage" not in text
    assert 'action="/ask/written"' not in text
    assert 'href="/notes/new?body=which%20submarine' in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [("", "Ask what you once wrote down"), ("%3F%3F", "has no letter"), ("x+in%3Aspace", "in: knows"), ("starter+" + "la+" * 3_000, "only its first 400")],
)  # fmt: skip
async def test_what_cannot_be_answered_gets_a_next_step(asking: Any, asked: str, said: str) -> None:
    assert said in await asking.see(f"/ask?q={asked}")


async def test_before_there_is_a_note_the_page_says_how_to_begin(page: Any) -> None:
    page.desk.search = Search(page.database, Embedder(by_words(TOPICS)), dict)
    page.desk.own_key = "a" * 64
    assert "There is nothing to answer from yet." in await page.see("/ask?q=anything")


async def test_a_model_is_asked_by_its_button_and_every_sentence_cites(
    asking: Any, model_server: Callable[[], Any]
) -> None:
    server = model_server()
    server.answer = "The starter came back in two days. [1] It is sold for 300 coins. [1]"
    here = Provider("mine", server.url, "m", "local")
    away = Provider("far", "https://far.example/v1", "m", "public")
    providers.write(asking.desk.home.models, (here, away))
    text = await asking.see(ASK)
    assert "2 of these passages on this computer. Nothing leaves." in text
    assert "Your question and 1 of these passages would leave this computer for https://far.example/v1" in text
    assert server.came == []
    form = asking.form(text, "/ask/written")
    written = (await asking.send("/ask/written", status=200, **form)).text
    assert 'The starter came back in two days. <a href="#s1">[1]</a>' in written
    assert "Left out: “It is sold for 300 coins”" in written
    assert 'id="s2"' in written
    assert "does the starter survive?" in written
    server.answer = "It is sold for 300 coins. [1]"
    refused = (await asking.send("/ask/written", status=200, **form)).text
    assert "No sentence of what was written rests on these passages" in refused
    assert "Keep as a note" not in refused
    missing = await asking.send("/ask/written", status=404, q="does the starter survive?", model="nobody")
    assert "mine, far" in missing.text
