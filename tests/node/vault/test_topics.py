"""A topic is the same however it is written, and nothing that a stranger writes makes it more than a plain line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.vault import topics


@pytest.mark.parametrize(
    "name", ["Oak trees", "  OAK   trees ", "woods/Oak trees.md", "oak\ttrees", "\u200boak trees\u202e"]
)
def test_one_topic_many_spellings(name: str) -> None:
    assert topics.key(name) == "oak trees"


@given(st.text(max_size=400))
def test_a_topic_is_a_plain_line_and_its_own_topic(name: str) -> None:
    key = topics.key(name)
    assert len(key) <= topics.MAX_TOPIC
    assert "\n" not in key
    assert "/" not in key
    assert topics.key(key) in (key, topics.key(topics.key(key)))


@given(st.text(alphabet="[]|# ab\n", max_size=40))
def test_pieces_are_all_of_the_text_but_the_marks(text: str) -> None:
    pieces = topics.split(text)
    assert all(shown for shown, _ in pieces)
    if "[[" not in text:
        assert "".join(shown for shown, _ in pieces) == text


def test_links_are_cut_out() -> None:
    assert topics.split("a [[Oak Trees|oaks]] b [[Elms#x]]") == (
        ("a ", ""),
        ("oaks", "oak trees"),
        (" b ", ""),
        ("Elms", "elms"),
    )
    assert topics.split("[[ ]] [[|x]]") == (("[[ ]] [[|x]]", ""),)
