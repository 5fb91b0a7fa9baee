"""A note cannot act on the page that shows it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from weal_node.web.markup.rendering import rendered
from weal_node.web.page import STATIC


def test_ordinary_markdown_is_shown() -> None:
    html = rendered(
        "# Piano\n\n*Lessons* on **Mondays**\n\n- one\n- two\n\n[site](https://example.org)\n\n|a|b|\n|-|-|\n|1|2|"
    )
    for part in (
        '<h1 id="n-h-piano">Piano</h1>',
        "<em>Lessons</em>",
        "<li>one</li>",
        'href="https://example.org"',
        "<td>1</td>",
    ):
        assert part in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![pixel](https://tracker.example/x.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "<a href='javascript:1' onclick=1>x</a>",
        "<svg onload=alert(1)>",
        "<style>*{display:none}</style>",
        "<iframe src=//evil.example>",
        "`<b onmouseover=1>`",
    ],
)
def test_what_could_act_becomes_text_or_nothing(text: str) -> None:
    html = rendered(text).replace("&lt;", "")
    for bad in ("<script", "<img", "<svg", "<style", "<iframe", 'href="javascript', 'href="data', "<b ", "<a href='"):
        assert bad not in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![my *pic*](https://t.example/p.png)", '<a href="https://t.example/p.png" rel="noopener noreferrer">my pic (picture at t.example)</a>'),
        ("![](//t.example/p.png)", '<a href="https://t.example/p.png" rel="noopener noreferrer">Picture at t.example</a>'),
        ("[![in](https://t.example/p.png)](https://b.example)", '<a href="https://b.example" rel="noopener noreferrer">in (picture at t.example)</a>'),
        ("![here](img/a%20b.png)", "here (picture)"),
        ("![d](data:image/png;base64,AAAA)", "d (picture)"),
    ],
)  # fmt: skip
def test_a_picture_from_elsewhere_is_said_and_fetched_only_with_a_tap(text: str, shown: str) -> None:
    assert str(rendered(text)).strip() == f"<p>{shown}</p>"


def test_a_picture_of_the_vault_is_shown_under_this_nodes_own_address_alone() -> None:
    def at(name: str) -> str:
        return "/pictures/img/a%20b.png" if name in ("a b.png", "img/a b.png") else ""

    here = '<img src="/pictures/img/a%20b.png" alt="{}">'
    text = "![one](img/a%20b.png) ![[a b.png]] ![[a b.png|300x200]] ![[a b.png|two]]"
    shown = " ".join(here.format(alt) for alt in ("one", "a b.png", "a b.png", "two"))
    assert str(rendered(text, pictures=at)).strip() == f"<p>{shown}</p>"
    assert "<img" not in rendered("![x](none.png) ![[none.png]] ![x](https://t.example/a.png)", pictures=at)
    assert "src" not in rendered("![x](y.png)", pictures=lambda _: "https://t.example/a.png")


@given(st.text(max_size=300))
def test_any_text_gives_only_listed_tags(text: str) -> None:
    html = rendered(text)
    assert "<img" not in html
    assert "<script" not in html


def test_no_text_has_an_id_that_a_page_uses_itself_whatever_a_parser_makes_of_it() -> None:
    """A second element of such an id would be led to, labelled or swapped in the place of the page's own."""
    templates = [one.read_text() for one in Path(str(STATIC)).with_name("templates").glob("*.html")]
    used = {name for one in templates for name in re.findall(r'\bid="([^"{]+)', one)}
    assert {"content", "chip", "preview"} <= used
    tags = ("h1", "h6", "p", "li", "a", "blockquote", "details")
    text = "\n\n".join(f'<{tag} id="{name}">x</{tag}>' for tag in tags for name in sorted(used))
    html = rendered(text, by=MarkdownIt("commonmark", {"html": True}))
    assert html.count("<h6>") == len(used)  # shown, each without its name
    assert "id=" not in html
    assert 'id="n-h-content"' in rendered("# Content")  # where a text's own links lead
