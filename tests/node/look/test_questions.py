"""Open questions: own ones, with nothing after them."""

import pytest

from support.own_notes import reading
from weal_node.look.questions import questions


@pytest.mark.parametrize(
    "body",
    [
        "I wonder whether the starter lives through two weeks in the cold room.\n",
        "Open question: how do we heat the shed in winter?\n",
        "How could we open at eleven on Saturdays?\n",
    ],
)
def test_an_own_question_that_was_left_is_found(body: str) -> None:
    assert len(list(questions(reading("Journal/2026-11-01.md", body)))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "How do I create an ingress? Write a file.\n",  # its answer follows
        "How could we open at eleven?\nWe ask Tom first.\n",
        "Why not?\n",
        "What do you want to do with your life?\n",
        "[How do I stop wanting more than I have](https://example.org)?\n",
        "# How could we open at eleven?\n",
    ],
)
def test_a_question_that_is_answered_or_nobodys_is_not(body: str) -> None:
    assert list(questions(reading("Journal/2026-11-01.md", body))) == []
