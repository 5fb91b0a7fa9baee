"""A note's past on the page: also of a note whose front matter broke, and of a file that cannot be read at all."""

import re
from typing import Any

import pytest

from weal_node.records import Note, Visibility
from weal_node.vault import history


async def versions(page: Any, note: str) -> list[str]:
    return re.findall(rf"/notes/{note}/history/([0-9a-f]+)", await page.see(f"/notes/{note}/history"))


@pytest.mark.slow
@pytest.mark.parametrize("broken", [b"---\ncreated: {{date}}\n", b"---\nvisibility: draft\nx: [\n", b"\xff\xfe---\n"])
async def test_a_file_that_breaks_keeps_its_page_its_history_and_its_way_back(page: Any, broken: bytes) -> None:
    saved = page.vault.save(Note("", "", "Sun", "It shines.", Visibility.COMMUNITY))
    good = page.vault.raw(saved.path)
    bad = good.replace(b"---\n", broken, 1) if broken.startswith(b"-") else good + broken
    (page.vault.root / saved.path).write_bytes(bad)
    listed = await page.see("/notes")
    assert f"/notes/{saved.id}" in listed
    shown = await page.see(f"/notes/{saved.id}")
    assert "notice warn" in listed + shown  # said once, wherever it is seen first
    assert "/history" in shown
    first, last = reversed(await versions(page, saved.id))  # the broken one was committed too
    assert history.at(page.vault.root, last, saved.path) == bad
    assert "It shines." in await page.see(f"/notes/{saved.id}/history/{first}")
    await page.send(f"/notes/{saved.id}/restore", commit=first)
    (back,) = page.vault.read_all()[0]
    assert (back.id, back.body, back.visibility, back.warnings) == (saved.id, "It shines.", Visibility.PRIVATE, ())
    await page.send(f"/notes/{saved.id}/restore", commit=last)  # the broken one comes back too, byte for byte
    assert page.vault.raw(saved.path) == bad
    (page.vault.root / saved.path).unlink()
    await page.send("/notes/gone", path=saved.path)
    assert page.vault.raw(saved.path) == bad


async def test_front_matter_is_mended_on_the_page(page: Any) -> None:
    (page.vault.root / "Sun.md").write_text("---\ncreated: {{date}}\nneeds: [rain]  # much\n---\nIt shines.\n")
    note = page.vault.read("Sun.md")
    form = {"id": note.id, "title": "Sun", "needs": "", "offers": "", "licence": "", "visibility": "private"}
    await page.send("/notes", body=note.body.replace("It shines", "It shone"), **form)  # still broken: all is text
    (kept,) = page.vault.read_all()[0]
    assert kept.body == note.body.replace("It shines", "It shone")
    (page.vault.root / "Sun.md").write_text(note.body)
    await page.send("/notes", body=note.body.replace("{{date}}", "today"), **form)
    (found,) = page.vault.read_all()[0]
    assert (found.id, found.body, found.needs, found.warnings) == (note.id, "It shines.\n", ("rain",), ())
    assert page.vault.raw("Sun.md").startswith(b"---\ncreated: today\nneeds: [rain]  # much\n")


async def test_a_vault_of_another_program_is_listed_whole(page: Any) -> None:
    files = {
        "Template.md": "---\ncreated: {{date}}\n---\n# {{title}}\n",
        "Rule.md": "---\nA rule stands above.\n",
        "Tags.md": "---\ntags: [" + ", ".join(f"t{n}" for n in range(40)) + "]\n---\nText\n",
        "Draft.md": "---\nvisibility: draft\n---\nText\n",
        "Sun.md": "---\naliases: [Sonne]\n---\nIt shines.\n",
    }
    for name, text in files.items():
        (page.vault.root / name).write_text(text)
    shown = await page.see("/notes")
    assert all(f">{note.title}</a>" in shown for note in page.vault.read_all()[0])
    assert len(page.vault.read_all()[0]) == len(files)
    warned = re.findall(r'<li class="text"><a href="[^"]+">([^<]+)</a>: ', shown)
    assert sorted(warned) == ["Draft", "Rule", "Tags", "{{title}}"]
    assert "Something cannot be used as it stands" in shown
    again = await page.see("/notes")  # it is said aloud once, and can be looked up afterwards
    assert "Something cannot be used as it stands" not in again
    assert "Files with faults: 4" in again
    answer = await page.client.get("/notes/named?name=Sonne")
    assert answer.headers["location"] == f"/notes/{page.vault.read('Sun.md').id}"


async def test_a_windows_file_stays_one_when_it_is_saved_on_the_page(page: Any) -> None:
    raw = b"---\r\naliases: [Sol]\r\n---\r\nIt shines.\r\nAlways.\r\n"
    (page.vault.root / "Sun.md").write_bytes(raw)
    note = page.vault.read("Sun.md")
    form = {"id": note.id, "title": "Sun", "visibility": "private"}
    await page.send("/notes", body="It shines.\r\nAlways.\r\n", **form)
    assert page.vault.raw("Sun.md").endswith(b"---\r\nIt shines.\r\nAlways.\r\n")
    await page.send("/notes", body="It shines.\r\nEver.\r\n", **form)
    written = page.vault.raw("Sun.md")
    assert written.endswith(b"---\r\nIt shines.\r\nEver.\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")


async def test_a_licence_is_shown_where_a_note_may_leave_and_a_strange_one_is_warned_of(page: Any) -> None:
    saved = page.vault.save(Note("", "", "Sun", "It shines.", Visibility.PRIVATE))
    assert 'placeholder="CC-BY-4.0"' in await page.see(f"/notes/{saved.id}/edit")
    form = {"id": saved.id, "title": "Sun", "body": "It shines.", "visibility": "public"}
    await page.send("/notes", licence="CC0-1.0", **form)
    assert "under CC0-1.0" in await page.see(f"/notes/{saved.id}")
    await page.send("/notes", licence="Ask first", **form)
    shown = await page.see(f"/notes/{saved.id}")
    assert "under NOASSERTION" in shown
    assert "is no licence that Weal knows" in shown
    assert page.vault.read(saved.path).licence == "Ask first"
