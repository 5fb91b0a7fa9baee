"""[[links]] lead to topics of this node, and a stranger's note leads nowhere else inside it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.web.markup.rendering import rendered
from weal_node.web.markup.wikilinks import linked


def hrefs(text: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', linked(text))


def test_a_link_leads_to_its_topic() -> None:
    assert 'href="/topics/oak%20trees"' in linked("See [[Oak Trees|the oaks]]")
    assert ">the oaks</a>" in linked("See [[Oak Trees|the oaks]]")
    assert hrefs("[[a]] and [[b#c]]") == ["/topics/a", "/topics/b"]
    assert hrefs("`[[code]]` and [[]]") == []
    assert hrefs("[[50% <b>?x=1&y]]") == ["/topics/50%25%20%3Cb%3E%3Fx%3D1%26y"]


@pytest.mark.parametrize(
    "text",
    [
        "[x](/privacy)",
        "[x](/login?token=1)",
        "[x](../deals)",
        "[x](//evil.example)",
        "[x](/topics/../privacy)",
        "[x](javascript:1)",
        "[x](data:x)",
    ],
)
def test_a_strangers_address_inside_this_node_is_taken_away(text: str) -> None:
    assert hrefs(text) == []


def test_addresses_of_the_world_stay_without_a_referrer() -> None:
    assert hrefs("[x](https://example.org/a)") == ["https://example.org/a"]
    assert 'rel="noopener noreferrer"' in linked("[x](https://example.org/a)")


@given(st.text(alphabet="[]()|#/<>!`*ab:\n ", max_size=80))
def test_any_text_leads_only_to_topics(text: str) -> None:
    assert all(one.startswith(("/topics/", "#n-")) for one in hrefs(text))
    assert "<img" not in linked(text)


def test_a_footnote_within_the_line_leads_nowhere_else_than_the_text_around_it() -> None:
    said = "x ^[a [b](/notes) [c](d) ![e](https://e.example/p.png) [[f]]]"
    page = str(linked(said))
    assert re.findall(r'href="([^"#]+)"', page) == ["https://e.example/p.png", "/topics/f"]
    own = str(rendered(said))
    assert re.findall(r'href="([^"#?]+)', own) == [
        "/notes/named",
        "/notes/named",
        "https://e.example/p.png",
        "/notes/named",
    ]
    assert "<img" not in page + own
