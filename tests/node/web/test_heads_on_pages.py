"""What a file says of its readers, and is not understood, is said on its page, among the notes and by doctor; nothing of it leaves."""

import re
from typing import Any

import pytest

from weal_node.commons import publishing, review
from weal_node.records import Visibility
from weal_node.store import imports
from weal_node.upkeep.doctor import examine

ODD = {
    "open/blank.md": "\n---\nvisibility: private\n---\nOf the blank.\n",
    "open/toml.md": '+++\nvisibility = "private"\n+++\nOf the plus.\n',
    "open/late.md": "# Late\n\nVisibility : privat\n\nOf the line.\n",
    "open/twice.md": "---\nvisibility: public\nVisibility: private\n---\nOf the two.\n",
}


@pytest.mark.slow
async def test_an_odd_head_keeps_the_note_here_and_is_named_everywhere(page: Any) -> None:
    page.vault.put([(path, text.encode()) for path, text in ODD.items()], "x")
    page.vault.put(
        [
            ("open/plain.md", b"Of nothing.\n"),
            ("open/trailing.md", b"--- \nvisibility: private\n---  \nOf one blank.\n"),
        ],
        "x",
    )
    await review.choose(page.database, page.vault, "open", "public")
    assert await publishing.notice(page.database, page.vault, page.desk.settings, 0) == 1
    (leaving,) = await publishing.waiting(page.database)
    there = {note.path: note for note in page.vault.read_all()[0]}
    assert there["open/plain.md"].id == leaving
    listed = await page.see("/notes")
    report = {one["name"]: one["detail"] for one in examine(page.desk.home, page.desk.settings)["checks"]}["vault"]
    assert "Something cannot be used as it stands" in listed
    assert f"Files with faults: {len(ODD)}" in await page.see("/notes")  # said aloud once, looked up afterwards
    assert f"{len(ODD)} warnings about front matter" in report
    for path in ODD:
        shown = await page.see(f"/notes/{there[path].id}")
        assert re.search(rf'<p class="small text">[^<]*{re.escape(path)}', shown), path
        assert "private" in shown
        assert path in listed
        assert path in report


async def test_whoever_chooses_for_all_imports_opens_none_that_says_private(page: Any) -> None:
    files = {
        "in/a.md": "Words.\n",
        "in/b.md": "---\nvisibility: private\n---\nMine.\n",
        "in/c.md": "---\nprivate: yes\n---\nMine too.\n",
    }
    page.vault.put([(path, text.encode()) for path, text in files.items()], "x")
    sums = {version.note.path: version.sha256 for version in page.vault.versions()}
    entries = [imports.Imported(path, "folder", path, sums[path], sums[path], 0) for path in files]

    def enter(connection: Any) -> None:
        for one in entries:
            imports.add(connection, one)

    await page.database.write(enter)
    await review.renew(page.database, page.vault)
    form = {"all": "yes", "path": "in/c.md", "visibility": "public"}
    assert (await page.client.post("/notes/review", data=form)).status_code == 303
    found = {note.path: note.visibility for note in page.vault.read_all()[0]}
    assert found == {"in/a.md": Visibility.PUBLIC, "in/b.md": Visibility.PRIVATE, "in/c.md": Visibility.PUBLIC}
    assert await page.database.read(imports.unreviewed) == ()


async def test_a_thought_that_says_private_is_and_an_editor_for_it_offers_that(page: Any) -> None:
    await review.choose(page.database, page.vault, "", "public")
    await page.send("/notes", body="Of the well\n\nvisibility: private")
    await page.send("/notes", body="Of the weather\n\nvisibility: 10 km")
    found = {note.title: note.visibility for note in page.vault.read_all()[0]}
    assert found == {"Of the well": Visibility.PRIVATE, "Of the weather": Visibility.PUBLIC}
    assert re.search(r'value="private" checked', await page.see("/notes/new?body=visibility:%20private"))
    refused = await page.send(
        "/notes", 400, body="+++\nvisibility = 'private'\n+++\nWords", title="T", visibility="public"
    )
    assert "looks like front matter" in refused.text
