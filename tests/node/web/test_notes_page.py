"""The list of notes and the way to one: by date, by name, by a day, from a template; read first, edited on a tap."""

import os
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from weal_node.records import Note, Visibility
from weal_node.vault.folder import Vault
from weal_node.web.note_rows import NoteRow, beginning, grouped

DAY_MS = 86_400_000


def dated(vault: Vault, path: str, at_ms: int) -> None:
    os.utime(vault.root / path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))


def titles(page: str) -> list[str]:
    return re.findall(r'<strong class="text"><a href="/notes/[0-9a-f]{32}">([^<]+)</a>', page)


def today(page: Any) -> str:
    return datetime.fromtimestamp(page.clock / 1_000, UTC).astimezone().date().isoformat()


async def test_notes_stand_newest_first_under_their_days(page: Any) -> None:
    page.vault.put([("A.md", b"old\n"), ("B.md", b"# B\n\n- newest *words*\n"), ("C.md", b"of the week\n")], "x")
    for path, days in (("A.md", 400), ("B.md", 0), ("C.md", 3)):
        dated(page.vault, path, page.clock - days * DAY_MS)
    shown = await page.see("/notes")
    assert titles(shown) == ["B", "C", "A"]
    headings = re.findall(r"<h2>([^<]+)</h2>", shown)
    assert headings[:2] == ["Today", "This week"]
    assert re.fullmatch(r"[A-Z][a-z]+ 20\d\d", headings[2])
    assert '<span class="own muted">newest *words</span>' in shown


async def test_a_note_is_found_by_a_part_of_its_name_and_gone_to_by_the_whole(page: Any) -> None:
    page.vault.put(
        [("Bread log.md", b"x\n"), ("Soup.md", b"---\naliases: [Leek]\n---\nx\n"), ("Bread.md", b"x\n")], "x"
    )
    assert sorted(titles(await page.see("/notes?q=bre"))) == ["Bread", "Bread log"]
    assert titles(await page.see("/notes?q=lee")) == ["Soup"]
    assert "None here." in await page.see("/notes?q=nothing+such")
    there = {note.title: note.id for note in page.vault.read_all()[0]}
    for name, title in (("bread", "Bread"), ("LEEK", "Soup")):
        answer = await page.client.get("/notes", params={"q": name})
        assert answer.headers["location"] == f"/notes/{there[title]}"
    part = await page.client.get(
        "/notes?q=bread", headers={"hx-request": "true"}
    )  # while it is typed nobody is led away
    assert part.status_code == 200


async def test_one_tap_makes_the_note_of_the_day_once_from_its_template(page: Any) -> None:
    raw = b"---\ncreated: {{date}}\ntags: [day]\nvisibility: public\n---\n# {{title}}\n\n## Done\n"
    page.vault.put([("Templates/daily.md", raw), ("Journal/2020-01-01.md", b"x\n")], "x")
    first, second = [await page.send("/notes/daily") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert re.fullmatch(r"/notes/[0-9a-f]{32}/edit", first.headers["location"])
    made = page.vault.read(f"Journal/{today(page)}.md")
    assert made.body == f"# {today(page)}\n\n## Done\n"
    assert (made.visibility, made.tags, made.stated) == (Visibility.PRIVATE, ("day",), True)
    assert f"created: {today(page)}" in page.vault.raw(made.path).decode()
    assert "## Done" in await page.see(first.headers["location"])


async def test_without_a_template_the_note_of_the_day_is_empty_and_private(page: Any) -> None:
    await page.send("/notes/daily")
    (made,) = page.vault.read_all()[0]
    assert (made.path, made.title, made.visibility) == (f"Daily/{today(page)}.md", today(page), Visibility.PRIVATE)


async def test_a_new_note_begins_from_a_template_and_keeps_its_properties(page: Any) -> None:
    raw = b"---\nwhen: {{date}}\nneeds: [a room]\n---\nWith {{title}} at {{time}}\n"
    page.vault.put([("Templates/Meeting.md", raw)], "x")
    (template,) = page.vault.read_all()[0]
    assert f'value="{template.id}"' in await page.see("/notes")
    editor = await page.see(f"/notes/new?template={template.id}&title=Ilse")
    assert "With Ilse at" in editor
    assert "a room</textarea>" in editor
    fields = page.form(editor, "/notes") | {"title": "Tomasz", "body": "With {{title}}\n", "visibility": "private"}
    await page.send("/notes", **fields)
    made = page.vault.read("Tomasz.md")
    assert made.body == "With Tomasz\n"
    assert f"when: {today(page)}" in page.vault.raw("Tomasz.md").decode()
    assert made.id != template.id
    assert page.vault.raw("Templates/Meeting.md") == raw


async def test_a_note_is_read_first_and_its_editor_is_one_tap_away(page: Any) -> None:
    saved = page.vault.save(Note("", "", "Sun", "# Sun\n\nIt shines.\n", Visibility.PRIVATE))
    shown = await page.see(f"/notes/{saved.id}")
    assert "<textarea" not in shown
    assert f'href="/notes/{saved.id}/edit"' in shown
    assert shown.count("Sun</h1>") == 1  # a first line that says the title again is not shown twice
    editor = await page.see(f"/notes/{saved.id}/edit")
    assert "It shines.\n</textarea>" in editor
    form = page.form(editor, "/notes") | {"title": "Sun", "body": "It set.\n", "visibility": "private"}
    assert (await page.send("/notes", **form)).headers["location"] == f"/notes/{saved.id}?said=saved"
    assert page.vault.read("Sun.md").body == "It set.\n"


async def test_who_may_read_a_note_is_set_where_it_is_read(page: Any) -> None:
    saved = page.vault.save(Note("", "", "Sun", "It shines.\n", Visibility.PRIVATE))
    action = f"/notes/{saved.id}/readers"
    form = page.form(await page.see(f"/notes/{saved.id}"), action)
    await page.send(action, **form, visibility="public")
    now = page.vault.read("Sun.md")
    assert (now.visibility, now.body) == (Visibility.PUBLIC, "It shines.\n")
    await page.send(action, 400, **form, visibility="private")  # the file is another than the page showed
    await page.send(action, 400, seen="", visibility="everybody")


async def test_a_warning_is_shown_once_on_whichever_page_comes_first(page: Any) -> None:
    page.vault.put([("Draft.md", b"---\nvisibility: draft\n---\nText\n")], "x")
    (note,) = page.vault.read_all()[0]
    assert note.warnings
    part = await page.client.get(f"/notes/{note.id}", headers={"hx-request": "true"})
    assert 'class="notice warn text"' not in part.text  # nobody sees that part: it is not taken for shown
    assert 'class="notice warn text"' in await page.see(f"/notes/{note.id}")
    again = await page.see(f"/notes/{note.id}")
    assert 'class="notice warn text"' not in again
    assert "What of the file cannot be used" in again
    listed = await page.see("/notes")
    assert "Something cannot be used" not in listed
    assert "Files with faults: 1" in listed


@pytest.mark.parametrize(
    ("body", "expected"),
    [("# T\n\n> said\n", "said"), ("\n\n---\n", ""), ("%%aside%%\nplain", "plain"), ("x" * 300, "x" * 119 + "…")],
)
def test_a_row_shows_how_a_note_begins(body: str, expected: str) -> None:
    assert beginning(Note("", "t.md", "T", body, Visibility.PRIVATE)) == expected


def test_a_file_from_tomorrow_stands_under_today() -> None:
    row = NoteRow(Note("", "t.md", "T", "", Visibility.PRIVATE), 10 * DAY_MS, "", "")
    assert [heading for heading, _ in grouped([row], 9 * DAY_MS)] == ["Today"]
