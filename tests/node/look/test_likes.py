"""Likes and dislikes with their object, and the question that makes them an answer."""

import pytest

from support.own_notes import reading
from weal_node.look.likes import likes


@pytest.mark.parametrize(
    ("sentence", "liked", "thing"),
    [
        ("I love baking bread on Sundays.", True, "baking bread on Sundays"),
        ("I hate writing the same code twice.", False, "writing the same code twice"),
        ("I can't stand loud open-plan offices.", False, "loud open-plan offices"),
        ("The Heron is one of my favourite places.", True, "The Heron"),
        ("Enjoyed the long walk home, although it rained.", True, "the long walk home"),
        ("Aldermere Market is wonderful in the rain.", True, "Aldermere Market"),
    ],
)
def test_a_like_is_found_with_its_object(sentence: str, liked: bool, thing: str) -> None:
    (like,) = likes(reading("Journal/2026-11-01.md", f"{sentence}\n"))
    assert (like.likes, like.object) == (liked, thing)
    assert like.asks == f"You wrote: “{sentence}” Count it as an answer?"


@pytest.mark.parametrize(
    "sentence",
    [
        "I would love a bigger kitchen.",
        "If I like the wine, I buy it.",
        "Like a river, it went on.",
        "The things I love are few.",
        "Do I like the wine?",
        "I love you and your garden.",
        "I used to love baking bread.",
    ],
)
def test_what_is_no_like_is_not(sentence: str) -> None:
    assert list(likes(reading("Journal/2026-11-01.md", f"{sentence}\n"))) == []


def test_a_pronoun_takes_the_heading_unless_that_says_nothing() -> None:
    (like,) = likes(reading("Journal/2026-11-01.md", "## The Heron\nI love it here.\n"))
    assert like.object == "The Heron"
    assert list(likes(reading("2026-11-01.md", "## Notes\nI love it here.\n"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "I love his laugh at the table.",
        "I miss her.",
        "The blue one (odd but I like it).",
        "Ben: I love the sea in winter.",
    ],
)
def test_what_leans_on_somebody_or_is_said_by_another_is_no_like(text: str) -> None:
    assert list(likes(reading("Journal/Rye.md", text))) == []
