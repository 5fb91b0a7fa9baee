"""A note cannot act on the page that shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.web.rendering import rendered


def test_ordinary_markdown_is_shown() -> None:
    html = rendered(
        "# Piano\n\n*Lessons* on **Mondays**\n\n- one\n- two\n\n[site](https://example.org)\n\n|a|b|\n|-|-|\n|1|2|"
    )
    for part in ("<h1>Piano</h1>", "<em>Lessons</em>", "<li>one</li>", 'href="https://example.org"', "<td>1</td>"):
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


@given(st.text(max_size=300))
def test_any_text_gives_only_listed_tags(text: str) -> None:
    html = rendered(text)
    assert "<img" not in html
    assert "<script" not in html
