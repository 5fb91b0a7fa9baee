"""What the pages compute for themselves."""

import pytest

from weal_node.records import Note, Visibility
from weal_node.web.departure import chip, minutes
from weal_node.web.page import TEMPLATES
from weal_node.web.privacy import readable
from weal_node.web.routes import TABLE, sentences


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


@pytest.mark.slow
def test_every_address_is_named_once_and_every_template_compiles() -> None:
    assert len({(method, path) for method, path, _ in TABLE}) == len(TABLE)
    for name in TEMPLATES.list_templates():
        TEMPLATES.get_template(name)
    assert all(text.endswith(".") for text in sentences().values())


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
