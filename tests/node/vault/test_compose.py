"""A note out of the fields that a person filled in: what it keeps, what it is called, who may read it, and what is no note."""

import pytest

from weal_node.records import Note, Visibility
from weal_node.vault.compose import MAX_LINES, composed, typed
from weal_node.vault.rules import Rules
from weal_protocol.errors import WealError


def test_a_form_becomes_a_note_and_keeps_what_it_does_not_show() -> None:
    before = Note("a" * 32, "garden/x.md", "old", "b", Visibility.PRIVATE, ("n",), ("o",), ("tag",))
    note = composed(
        {"title": " New  title ", "body": "a\r\nb", "visibility": "community", "needs": "x\n\n y \n"}, before
    )
    assert (note.id, note.path, note.tags) == (before.id, before.path, before.tags)
    assert (note.title, note.body, note.visibility) == ("New title", "a\nb", Visibility.COMMUNITY)
    assert (note.needs, note.offers) == (("x", "y"), ("o",))


def test_a_form_keeps_line_ends_and_licence_of_the_note() -> None:
    before = Note("a" * 32, "x.md", "t", "a\r\nb\r\n", Visibility.PRIVATE, licence="MIT")
    assert composed({"title": "t", "body": "a\r\nb\r\n"}, before).body == before.body
    assert composed({"title": "t", "body": "a\nb\nc\n"}, before).body == "a\r\nb\r\nc\r\n"
    assert composed({"title": "t", "body": "a"}, before).licence == "MIT"
    assert composed({"title": "t", "body": "a", "licence": " CC0-1.0 "}, before).licence == "CC0-1.0"


def test_a_note_without_title_takes_its_first_line() -> None:
    assert composed({"body": "\n# Piano\nlessons"}, None).title == "Piano"


@pytest.mark.parametrize(
    "fields",
    [{}, {"title": " ", "body": "\n"}, {"title": "a", "visibility": "secret"}, {"title": "a", "needs": "x\n" * 40}],
)
def test_a_form_that_is_no_note_is_refused_by_name(fields: dict[str, str]) -> None:
    with pytest.raises(WealError):
        composed(fields, None)


def test_a_title_is_made_of_the_first_line_that_has_a_letter_else_of_the_first_that_has_anything() -> None:
    assert composed({"body": "\n---\n\n# Piano\n"}, Note("", "", "", "---\n", Visibility.PRIVATE)).title == "Piano"
    assert composed({"body": "\n!!\n??"}, None).title == "!!"


def test_who_may_read_a_new_note_is_said_by_the_person_else_by_the_text_else_by_its_folder_else_by_where_one_is() -> (
    None
):
    rules = Rules(folders={"garden": Visibility.COMMUNITY})
    said = {"title": "t", "folder": "garden", "visibility": "public"}
    assert composed(said, None, rules, Visibility.PRIVATE).visibility == "public"
    assert (
        composed(
            {"title": "t", "body": "Visibility: private", "folder": "garden"}, None, rules, Visibility.PUBLIC
        ).visibility
        == "private"
    )
    assert composed({"title": "t", "folder": "garden"}, None, rules, Visibility.PUBLIC).visibility == "community"
    assert composed({"title": "t"}, None, rules, Visibility.PUBLIC).visibility == "public"


def test_what_was_typed_stays_word_for_word_whether_it_is_a_note_or_not() -> None:
    fields = {"title": " ", "body": "a\r\nb", "needs": "x\n" * (MAX_LINES + 1), "visibility": "secret"}
    with pytest.raises(WealError):
        composed(fields, None)
    draft = typed(fields, None)
    assert (draft.title, draft.body, draft.visibility) == (" ", "a\nb", Visibility.PRIVATE)
    assert len(draft.needs) == MAX_LINES + 1
