"""What a new note begins from: a template is filled in, and the note of a day goes where the others lie."""

from datetime import UTC, datetime

import pytest

from weal_node.records import Note, Visibility
from weal_node.vault import beginnings

NOW = datetime(2026, 12, 3, 9, 5, 7, tzinfo=UTC)


def note(path: str) -> Note:
    return Note(path, path, path.rpartition("/")[2].removesuffix(".md"), "", Visibility.PRIVATE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{date}} {{time}}", "2026-12-03 09:05"),
        ("{{DATE:dddd, DD MMMM YYYY}}", "Thursday, 03 December 2026"),
        ("# {{title}}", "# Bread"),
        ("{{date:}} {{ date }} {{tittle}} {title}", "{{date:}} {{ date }} {{tittle}} {title}"),
    ],
)
def test_a_template_is_filled_in_and_what_is_none_stays(text: str, expected: str) -> None:
    assert beginnings.filled(text, "Bread", NOW) == expected


def test_a_title_that_is_not_known_yet_is_left_for_later() -> None:
    assert beginnings.filled("{{title}}", "", NOW) == "{{title}}"


def test_a_template_whose_head_is_none_before_it_is_filled_in_begins_a_note() -> None:
    raw = b"---\ncreated: {{date}}\nneeds: [flour]\n---\n# {{title}}\n"
    begun = beginnings.begun(raw, "Templates/day.md", "Bread", NOW)
    assert (begun.body, begun.needs, begun.broken) == ("# Bread\n", ("flour",), False)


def test_templates_lie_in_a_folder_of_that_name_and_one_of_them_is_a_day_s() -> None:
    notes = [
        note("Daily.md"),
        note("99 Templates/Meeting.md"),
        note("99 Templates/Daily note.md"),
        note("My templates.md"),
    ]
    assert [one.path for one in beginnings.templates(notes)] == [
        "99 Templates/Meeting.md",
        "99 Templates/Daily note.md",
    ]
    found = beginnings.daily_template(notes)
    assert found is not None
    assert found.path == "99 Templates/Daily note.md"
    assert beginnings.daily_template(notes[:2]) is None


def test_a_day_s_note_goes_where_most_of_them_lie() -> None:
    days = [note("Journal/2026-12-01.md"), note("Journal/2026-12-02.md"), note("2026-11-30.md")]
    assert beginnings.daily_folder(days) == "Journal"
    assert beginnings.daily_folder(days[2:]) == ""
    assert beginnings.daily_folder([note("a.md")]) == beginnings.DAILY_FOLDER
    assert beginnings.of_day(days, "2026-11-30") == days[2]
    assert beginnings.of_day([note("Templates/2026-11-30.md")], "2026-11-30") is None
