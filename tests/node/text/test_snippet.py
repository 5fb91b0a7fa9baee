"""A snippet joins to what stands in the text, and marks what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from weal_node.text.snippet import LENGTH, PLACE_WORDS, place, snippet

words = st.lists(st.sampled_from(["piano", "lessons", "the", "gardening", "x" * 300, "ÄÖ", "a.b"]), max_size=200)


@given(words, st.lists(st.sampled_from(["piano", "garden", "äö", "("]), max_size=3))
def test_its_pieces_join_to_a_stretch_of_the_text(text: list[str], terms: list[str]) -> None:
    found = "".join(piece for piece, _ in snippet(" ".join(text), terms))
    inside = found.removeprefix("… ").removesuffix(" …")
    assert inside in " ".join(text)
    assert len(inside) <= LENGTH


def test_what_was_asked_for_is_marked_in_other_forms_too() -> None:
    text = "Nothing here. " * 40 + "We garden on Sundays, gardening is fun." + " More of nothing." * 40
    found = snippet(text, ["gardening"])
    assert [piece for piece, asked in found if asked] == ["garden", "gardening"]
    assert found[0] == ("… ", False)
    assert found[-1] == (" …", False)


def test_the_place_is_a_run_of_plain_words_around_the_first_that_was_asked_for() -> None:
    text = "# Garden\n\n- Water it **daily**, and keep the slugs away from the lettuce at night or they will eat all\n- other"
    assert place(text, ["slugs"]) == "and keep the slugs away from the lettuce"
    assert len(place(text, ["nothing"]).split()) == PLACE_WORDS
    assert place("[[Oaks]] `x` **all** <b>", ["oaks"]) == ""
    assert place("1. one two three", ["two"]) == "one two three"
