"""What was found opens at its place: the words in the address stand on the page just so, whatever the note holds."""

import html
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.search.addresses import place
from weal_node.search.service import Hit
from weal_node.text.snippet import place as near
from weal_node.web.markup.rendering import rendered
from weal_node.web.markup.wikilinks import linked

MARKED = (
    "*",
    "**",
    "_",
    "`",
    "~~",
    "[",
    "](x)",
    "[[",
    "]]",
    "|",
    "#",
    ">",
    "-",
    "1.",
    "\n",
    "\n\n",
    "&amp;",
    "<b>",
    "\\",
    "  ",
)
texts = st.lists(st.sampled_from(["oaks", "last", "long", "a-b", "50%", *MARKED, " "]), max_size=40).map("".join)


def hit(kind: str = "note", author: str = "", words: str = "") -> Hit:
    return Hit("a" * 32, "", author, "", kind, "T", "c" * 64, (), "public", 0, (), "words", 1.0, words)


@pytest.mark.parametrize(
    ("found", "leads_to"),
    [
        (hit(), f"/notes/{'a' * 32}"),
        (hit(author="b" * 64), f"/people/{'b' * 64}/notes/{'a' * 32}"),
        (hit(author="b" * 64, words="half-done, & so on"), f"/people/{'b' * 64}/notes/{'a' * 32}#:~:text=half%2Ddone%2C%20%26%20so%20on"),
        (hit("item", "b" * 64, "two words"), f"/items/{'c' * 64}"),
    ],
)  # fmt: skip
def test_where_each_kind_is_read(found: Hit, leads_to: str) -> None:
    assert place(found) == leads_to


@given(texts, st.sampled_from([(), ("oaks",), ("last", "long")]))
def test_the_words_of_the_address_stand_on_the_page(text: str, terms: tuple[str, ...]) -> None:
    words = unquote(place(hit(words=near(text, terms))).partition("#:~:text=")[2])
    for made in (rendered(text), linked(text)):
        shown = " ".join(html.unescape(re.sub(r"<[^>]*>", "", str(made))).split())
        assert words in shown
