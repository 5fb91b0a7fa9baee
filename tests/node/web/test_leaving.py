"""Bulk review and bulk undo, as a browser without JavaScript gets them: nothing that was flagged is out of sight, nothing is
undone one by one."""

import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from weal_node.commons import pending, publishing, review
from weal_node.records import Visibility
from weal_node.store import imports

FLAGGED = "Ring +49 171 1234567.\n"


async def imported(page: Any, files: Iterable[tuple[str, str]]) -> None:
    given = [(path, text.encode()) for path, text in files]
    page.vault.put(given, "Import")
    sums = {version.note.path: version.sha256 for version in page.vault.versions()}

    def enter(connection: Any) -> None:
        for path, _ in given:
            imports.add(connection, imports.Imported(path, "folder", path, sums[path], sums[path], 0))

    await page.database.write(enter)
    await review.renew(page.database, page.vault)


async def looked(page: Any, path: str) -> str:
    """The page of review once everything has been looked through."""
    while 'id="sift"' in (text := str(await page.see(path))):
        pass
    return text


def paths(text: str) -> list[str]:
    return re.findall(r'name="path" value="([^"]+)"', text)


@pytest.mark.slow
async def test_what_the_scan_saw_comes_first_of_all_that_waits_and_every_note_is_on_some_page(page: Any) -> None:
    names = [f"in/{number:03}.md" for number in range(230)]
    await imported(page, [(name, FLAGGED if name == "in/222.md" else "Words.\n") for name in names])
    pages = [await looked(page, f"/notes/review?page={number}") for number in (1, 2, 3)]
    assert paths(pages[0])[0] == "in/222.md"
    assert [len(paths(one)) for one in pages] == [100, 100, 30]
    assert sorted(path for one in pages for path in paths(one)) == names
    assert "1 of them may give something away" in pages[0]
    assert "a phone number" in pages[0]
    assert "/notes/review?page=3" in pages[1]
    assert not re.search(r'value="in/222.md" checked', pages[0])


async def test_while_it_is_looking_the_page_says_so_and_offers_nothing_to_publish(page: Any) -> None:
    await imported(page, [("a.md", "Words.\n")])

    async def still_looking() -> None:
        return None

    page.desk.sifting = SimpleNamespace(look=still_looking, done=0, total=1)
    text = await page.see("/notes/review")
    assert "0 of 1" in text
    assert 'name="visibility"' not in text


@pytest.mark.slow
async def test_all_that_was_made_public_is_listed_and_kept_here_at_once(page: Any) -> None:
    await imported(page, [(f"in/{number:03}.md", "Words.\n") for number in range(120)] + [("in/x.md", FLAGGED)])
    await page.send("/notes/review", all="yes", visibility="public")
    notes = await page.see("/notes")
    assert "120 notes are about to leave" in notes
    leaving = await page.see("/notes/leaving")
    assert len(re.findall(r'name="note" value="', leaving)) == 100
    assert "/notes/leaving?page=2" in leaving
    assert "Held back: 1" in leaving
    one = re.findall(r'name="note" value="([0-9a-f]{32})"', leaving)[:2]
    assert (await page.send("/notes/leaving")).headers["location"] == "/notes/leaving"  # nothing ticked, nothing said
    answer = await page.send("/notes/leaving", note=one)
    assert "They stay here." in await page.see(answer.headers["location"])
    assert "118 notes" in await page.see("/notes/leaving")
    await page.send("/notes/leaving", all="yes")
    assert "Nothing is about to leave" in await page.see("/notes/leaving")
    assert await publishing.waiting(page.database) == {}
    assert {note.visibility for note in page.vault.read_all()[0] if note.path != "in/x.md"} == {Visibility.PRIVATE}


async def test_the_number_of_notes_stands_beside_set_and_what_leaves_is_listed_after_it(page: Any) -> None:
    page.vault.put([("open/a.md", b"A\n"), ("open/b.md", b"---\nvisibility: private\n---\nB\n"), ("c.md", b"C\n")], "x")
    page.vault.put([("open/deep/d.md", b"D\n")], "x")
    assert "This decides for 2 notes" in await page.see("/notes?folder=open")
    assert "This decides for 3 notes" in await page.see("/notes")
    await review.choose(page.database, page.vault, "open/deep", "private")
    assert "This decides for 1 note " in await page.see("/notes?folder=open")
    answer = await page.send("/notes/folder", folder="open", visibility="public")
    assert answer.headers["location"] == "/notes/leaving?said=folder"
    assert "1 of them is still to be looked through" in await page.see("/notes/leaving")
    assert [one.note.path for one in await pending.going(page.database, page.vault)] == ["open/a.md"]
