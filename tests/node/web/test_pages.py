"""What the pages compute for themselves."""

import pytest

from weal_node.commons.composing import composed
from weal_node.records import Note, Visibility
from weal_node.web.notes import chip, minutes
from weal_node.web.page import SAID, TEMPLATES
from weal_node.web.privacy import readable
from weal_node.web.routes import TABLE
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


def test_the_chip_counts_down() -> None:
    note = Note("a", "b", "c", "d", Visibility.PUBLIC)
    assert chip(note, 600_000, 0) == "public, leaves in 10:00 min"
    assert chip(note, 9_500, 0) == "public, leaves in 10 s"
    assert chip(note, 0, 5) == "public, leaves in 0 s"
    assert chip(note, None, 0) == "public"
    assert minutes(65_000) == "1:05 min"


def test_payloads_are_shown_as_text_or_in_hex() -> None:
    assert readable("Grüße\n".encode()) == "Grüße\n"
    assert readable(bytes(range(33))).startswith("00 01 02")


def test_every_address_is_named_once_and_every_template_compiles() -> None:
    assert len({(method, path) for method, path, _ in TABLE}) == len(TABLE)
    for name in TEMPLATES.list_templates():
        TEMPLATES.get_template(name)
    assert all(text.endswith(".") for text in SAID.values())


def test_no_template_holds_inline_script_or_style() -> None:
    assert TEMPLATES.loader is not None
    for name in TEMPLATES.list_templates():
        source = TEMPLATES.loader.get_source(TEMPLATES, name)[0]
        for forbidden in ("style=", "<style", "onclick", "javascript:", "|safe", "| safe", "hx-on"):
            assert forbidden not in source, name
        assert source.count("<script") == source.count('<script src="/static/')


def test_every_form_that_sends_carries_its_csrf() -> None:
    assert TEMPLATES.loader is not None
    for name in TEMPLATES.list_templates():
        source = TEMPLATES.loader.get_source(TEMPLATES, name)[0]
        for form in source.split("<form")[1:]:
            inside = form.split("</form>")[0]
            if 'method="post"' in inside.split(">")[0]:
                assert "csrf" in inside, name
