"""Sentences are told apart by what they are for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.proposals.sentences import goals, limits, questions, resources, sentences


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Rain today. How do I keep slugs off lettuce? I am tired.", ("How do I keep slugs off lettuce?",)),
        ("- [ ] find a carpenter for the shed\n- [x] buy nails for it", ("find a carpenter for the shed",)),
        ("TODO: ask about the water bill", ("ask about the water bill",)),
        ("I wonder who owns the empty lot.", ("I wonder who owns the empty lot.",)),
        ("Nothing is open here at all.", ()),
    ],
)
def test_questions(text: str, asked: tuple[str, ...]) -> None:
    assert questions(text) == asked


def test_goal_resource_and_limit_are_told_apart() -> None:
    text = (
        "We want to hold a concert in spring. I have a hall that stands empty in the evenings. "
        "There must not be noise after ten. I have to leave. What do you have that I want to use?"
    )
    assert goals(text) == ("We want to hold a concert in spring.",)
    assert resources(text) == ("I have a hall that stands empty in the evenings.",)
    assert limits(text) == ("There must not be noise after ten.",)
    assert goals("Needs: bicycle repair") == ("Needs: bicycle repair",)
    assert resources("Offers: piano lessons") == ("Offers: piano lessons",)


@given(st.text(max_size=400))
def test_whatever_is_found_stands_in_the_text(text: str) -> None:
    flat = " ".join(text.split())
    for one in (*sentences(text), *questions(text), *goals(text), *resources(text), *limits(text)):
        assert one in flat
