"""What speaks for a passage: its words by their rarity, a date for when; and below the floor nothing does."""

from hypothesis import given
from hypothesis import strategies as st

from weal_node.text.bearing import FLOOR, SENTENCES, SURE, Evidence, coverage, cue, heading, rarity, sentences


def test_a_rare_word_weighs_more_and_one_that_nobody_uses_most() -> None:
    assert rarity(0, 1_000) > rarity(1, 1_000) > rarity(500, 1_000) > 0
    weights = {"starter": rarity(2, 1_000), "weeks": rarity(400, 1_000)}
    assert coverage(weights, "", "The starters foamed.") > 0.5 > coverage(weights, "", "Two weeks of rain.")
    assert coverage(weights, "Starter", "in weeks") == 1.0  # the title is a part of what is said
    assert coverage({"cold room": 1.0}, "", "the room was cold") == 1.0
    assert coverage({}, "", "anything") == 0.0


@given(st.dictionaries(st.sampled_from(["oak", "elm", "ash"]), st.floats(0.1, 9)), st.text(max_size=40))
def test_coverage_is_a_share(weights: dict[str, float], text: str) -> None:
    assert 0.0 <= coverage(weights, "oak", text) <= 1.0


def test_below_the_floor_a_passage_does_not_bear_and_words_or_meaning_alone_can_carry_it() -> None:
    assert not Evidence(0.3, 0.3, 0.1, True).bears
    assert Evidence(FLOOR / 2, FLOOR / 2, 0.0, False).bears
    assert Evidence(0.2, 0.2, 0.8, False).bears
    assert Evidence(0.4, 0.4, 0.5, False).strength >= SURE


def test_a_date_answers_when_a_name_who_and_a_figure_how_many() -> None:
    assert cue("When was it?", "On the 3rd of June.")
    assert not cue("When was it?", "It was cold.")
    assert cue("Who was it?", "It was Ilona.")
    assert cue("Wie viele Gläser?", "11 Gläser")
    assert not cue("Why?", "On the 3rd of June Ilona ate 11.")


def test_sentences_with_the_words_are_read_first_and_a_single_one_not_apart() -> None:
    assert sentences("One sentence only.", {"one": 1.0}) == ()
    long = "\n".join(f"Filler line {number}." for number in range(30)) + "\nThe pump needs priming."
    picked = sentences(long, {"pump": 1.0})
    assert len(picked) == SENTENCES
    assert picked[-1] == "The pump needs priming."


def test_a_passage_stands_under_the_last_heading_above_its_place() -> None:
    text = "# July\nHail on the 11th.\n\n# September\nQuinces late."
    assert heading([], text, text.index("Hail")) == "July"
    assert heading([], text, text.index("Quinces")) == "September"
    assert heading(["# May\nSowed."], "More of it.", 0) == "May"
    assert heading(["no headings"], "#tag is none", 0) == ""
