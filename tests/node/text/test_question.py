"""A question is known by the words that say what is asked, in whatever order and language they stand."""

import pytest

from weal_node.text.question import read
from weal_protocol.errors import WealError


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("When did we move the rehearsals?", ("move", "rehearsals")),
        ("Wann ist die Probe?", ("probe",)),
        ("¿Cuándo es el ensayo?", ("ensayo",)),
        ("колко домата има на балкона?", ("домата", "балкона")),
        ("what colour is Lena's helmet?", ("colour", "lena", "helmet")),
        ("who are you?", ("who", "are", "you")),  # where all are words of asking, all count
        ("how is #garden doing?", ("garden",)),  # a tag in a question is its subject
    ],
)
def test_the_words_of_asking_are_left_out(text: str, terms: tuple[str, ...]) -> None:
    assert read(text).terms == terms


def test_a_question_is_known_again_in_another_order_and_form() -> None:
    assert read("When did the rehearsals move?").key == read("moves of rehearsal, when?").key != ""
    assert read("When did the rehearsals move?").key != read("When did the concert move?").key


def test_signs_alone_ask_nothing_and_a_long_question_is_read_from_its_beginning() -> None:
    assert read("???").terms == ()
    assert read("???").key == ""
    long = read("brakes " + "x" * 10 + " lorem" * 2_000)
    assert long.terms[0] == "brakes"
    assert len(long.terms) <= 16


def test_filters_hold_and_a_bad_one_is_named() -> None:
    assert read("brakes in:mine").query.scope == "mine"
    with pytest.raises(WealError, match="in: knows"):
        read("brakes in:nowhere")
