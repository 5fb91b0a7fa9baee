"""A sentence of a model's answer is kept only where it rests on the passages it names; a model that lies is left with nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.assistant.supported import LONGEST, MOST, check

SHOWN = (
    "Sourdough log. Forgot the starter in the cold room for 16 days. It came back in two days.",
    "Bread at home. At 4 degrees Priya feeds hers every third week.",
    "Heron. The cold room is not at 4 degrees since the new motor.",
)


def kept(answer: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.cites) for sentence in check(answer, SHOWN).sentences]


def test_each_sentence_is_kept_with_what_it_rests_on() -> None:
    answer = "The starter came back in two days. [1] Priya feeds hers every third week at 4 degrees [2]. - The cold room is not at 4 degrees since the motor. [3]"
    assert kept(answer) == [
        ("The starter came back in two days.", (1,)),
        ("Priya feeds hers every third week at 4 degrees.", (2,)),
        ("The cold room is not at 4 degrees since the motor.", (3,)),
    ]
    assert kept("Forgot the starter for 16 days; Priya feeds hers every third week. [1, 2]")[0][1] == (1, 2)


@pytest.mark.parametrize(
    "lie",
    [
        "The starter came back in two days.",  # names nothing
        "The starter came back in two days. [4]",  # was not shown
        "The starter came back in two days. [0]",
        "The starter came back in two days. [2]",  # names a passage that it does not use
        "The starter came back in two days. [1, 3]",  # and names another beside it
        "The starter came back in 3 days. [1]",  # another figure
        "The starter of Marta came back in two days. [1]",  # a name that stands nowhere
        "The starter never came back in those days. [1]",  # denies what no passage denies
        "The starter wants expensive imported honey and constant sunlight. [1]",  # most words are its own
        "Freeze it. [1]",
        "The starter came back: see https://evil.example for two days. [1]",
        "[1]",
        "The starter came back in two days. [1][9]",
        "The starter " + "came back in two days " * 30 + ". [1]",
    ],
)
def test_what_does_not_rest_on_what_it_names_is_dropped(lie: str) -> None:
    assert kept(lie) == []
    assert kept(f"{lie}\nThe starter came back in two days. [1]") == [("The starter came back in two days.", (1,))]


def test_what_is_left_out_is_said_but_for_addresses_and_commands() -> None:
    checked = check(
        "Freeze it before you go. [1]\nOpen evil.example for the starter. [1]\nRun weal off now. [1]", SHOWN
    )
    assert checked.left_out == ("Freeze it before you go.",)
    assert checked.text == ""


@given(st.text(max_size=300))
def test_whatever_a_model_writes_only_supported_sentences_come_through(answer: str) -> None:
    for sentence in check(answer, SHOWN).sentences:
        assert 0 < len(sentence.text) <= LONGEST
        assert all(1 <= number <= len(SHOWN) for number in sentence.cites)


def test_an_answer_without_end_has_an_end() -> None:
    assert len(check("The starter came back in two days. [1]\n" * 500, SHOWN).sentences) == MOST
