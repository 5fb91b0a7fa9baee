"""What never becomes a line: by words, and a trade's own words are not taken for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from support.own_notes import NOW_MS, held, note
from weal_node.look import guard, harvest
from weal_node.look.gathering import meanings
from weal_node.look.page import Said, compose

TENDER = (
    "Maybe I should just give up",
    "I want to visit her grave more often",
    "I need to tell Jonas that we broke up",
    "I should call the debt collector",
    "I want to stop the chemo",
    "I’d like to hurt myself",
    "I want to sleep with her again",
    "Ich will zur Beerdigung fahren",
    "I need to ask the doctor about the lump",
    "I can't go on like this",
)
HARMLESS = (
    "I want to pay down our technical debt in the parser",
    "I need to remove dead code from the worker",
    "I want to learn to bake pain au chocolat",
    "I want to get an interlibrary loan for the thesis",
    "Separated eggs keep two days",
    "I grab a coffee and plan the week",
)


@pytest.mark.parametrize("text", TENDER)
def test_what_hurts_is_kept_back(text: str) -> None:
    assert guard.tender(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_words_of_a_trade_are_not(text: str) -> None:
    assert not guard.tender(text)


@pytest.mark.parametrize("path", ["Therapy/2026-11-01.md", "Journal/2026-11-02 funeral.md", "Money/Debts.md"])
def test_a_note_about_it_gives_nothing_whatever_its_sentences(path: str) -> None:
    held_notes = held(note(path, "I want to walk along the coast with Ilse. I love long walks by the sea.\n"))
    assert compose(held_notes, meanings(held_notes, {}, {}), Said(), NOW_MS).findings == ()
    assert harvest.likes(held_notes.facts) == ()


@pytest.mark.parametrize(
    "body",
    [
        "Rain all day.\n\nMum died in March.\n\nI want to walk along the coast path again.\n\nTea.\n",
        "I want to walk along the coast path again.\nMum died in March.\n\nTea.\n",
        "# Diary\n\nTea.\n\n## The funeral\n\nText.\n\nMore.\n\nI need to call Ilse about flowers.\n",
    ],
)
def test_a_sentence_beside_it_or_below_its_heading_is_kept_back_too(body: str) -> None:
    held_notes = held(note("Journal/2026-11-02.md", body))
    assert not held_notes.facts[0].reading.tender, "it is touched once: the rest of the note may speak"
    assert compose(held_notes, meanings(held_notes, {}, {}), Said(), NOW_MS).findings == ()


@given(
    st.lists(
        st.sampled_from(
            (
                *TENDER,
                *HARMLESS,
                "I want to learn the piano.",
                "# Plans",
                "- [ ] call Tom about jam",
                "",
                "[[Cold Room]]",
            )
        ),
        max_size=12,
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_no_line_act_or_like_ever_touches_it(lines: list[str]) -> None:
    body = "\n".join(lines)
    held_notes = held(note("Journal/2026-11-02.md", body), note("Plans.md", body + "\nI want to build a shed.\n", 400))
    shown = compose(held_notes, meanings(held_notes, {}, {}), Said(), NOW_MS).findings
    texts = [finding.act for finding in shown] + [quote.quote for finding in shown for quote in finding.quotes]
    texts += [wish.act for wish in harvest.acts(held_notes.facts)] + [
        like.quoted.quote for like in harvest.likes(held_notes.facts)
    ]
    assert not guard.tender(*texts)
