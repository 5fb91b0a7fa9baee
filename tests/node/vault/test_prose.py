"""Prose: code is not what its writer says, and line ends are theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.vault import prose


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("```\n# no\n```\n# yes\n", "yes"),
        ("~~~\n```\n# no\n~~~\n# yes\n", "yes"),
        ("````\n```\n# no\n````\n# yes\n", "yes"),
        ("``` in a line ```\n# yes\n", "yes"),
        ("# yes\n```\n# no", "yes"),
        ("```\n# no, it never ends", ""),
    ],
)
def test_a_heading_in_a_fence_is_none(body: str, said: str) -> None:
    assert prose.heading(body) == said
    assert prose.tags(body.replace("# ", "#")) == ((said,) if said else ())


def test_links_in_code_lead_nowhere() -> None:
    assert prose.links("[[a]] `[[b]]`\n```\n[[c]]\n```\n[[a|x]] [[d#e]]") == ("a", "d")


@given(st.text("a\r\n", max_size=40), st.text("a\r\n", max_size=40))
def test_a_form_that_changes_only_line_ends_changes_nothing(text: str, before: str) -> None:
    shown = before.replace("\r\n", "\n").replace("\r", "\n")
    assert prose.ended(shown.replace("\n", "\r\n"), before) == before
    made = prose.ended(text, before)
    assert made.replace("\r\n", "\n").replace("\r", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")
    if made != before:
        assert "\r" not in made.replace("\r\n", "")
        assert ("\r\n" in made) == (prose.windows(before) and "\n" in made)
