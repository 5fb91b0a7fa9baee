"""Whose words these are."""

import pytest

from support.own_notes import reading


@pytest.mark.parametrize(
    "path", ["Clippings/a.md", "References/b.md", "Book Reviews/c.md", "Templates/day.md", "README.md", "Readwise/x.md"]
)
def test_what_lies_among_others_words_is_not_the_persons(path: str) -> None:
    assert not reading(path, "I want to learn the piano.").own


@pytest.mark.parametrize("key", ["author", "source", "url", "isbn", "director", "pages"])
def test_what_names_a_source_is_not_the_persons(key: str) -> None:
    assert not reading("Notes/a.md", "I want to learn the piano.", said={key: "x"}).own


def test_a_diary_a_personal_note_and_a_tutorial() -> None:
    assert reading("2026-03-01.md", "Rain.").diary
    assert reading("Journal/March.md", "Rain.").personal
    assert reading("Rye.md", "I bake. I rest.").personal
    assert not reading("Rye.md", "Mix flour.\nWait.\nFold.\nBake.\nEat.\nCool.\nCut.\n").personal
    assert reading("Bash.md", "```\na\n```\n```\nb\n```\n").tutorial


def test_interviews_surveys_and_checklists_ask_somebody() -> None:
    assert reading("Interview with Tom.md", "I want to learn the piano.").asking
    assert reading("Talk.md", "What do you do?\nWhere?\nWhen?\nHow so?\nWith whom?\n").asking
    assert not reading("Talk.md", "What do I do?\n").asking


def test_a_form_for_other_notes_is_a_template() -> None:
    assert reading("Day.md", "# {{date}}\nI want to").template
