"""The page before joining, as a browser without JavaScript gets it: it lists what would leave, ticks nothing, and joins only with what
was ticked."""

import re
from typing import Any

import pytest

from weal_node.commons import consent, publishing, review
from weal_node.federation.membership import JoinRequest
from weal_node.records import Note, Visibility
from weal_protocol.invite import Invite

INVITE = Invite("Aldermere", "127.0.0.1:1", "127.0.0.1:1", "a" * 64, "b" * 64, "c" * 24).text


@pytest.fixture
def wishes(page: Any) -> list[JoinRequest]:
    """What the person's press would have joined with; the community is another test's."""
    pressed: list[JoinRequest] = []

    async def join(wish: JoinRequest) -> str:
        pressed.append(wish)
        return "Aldermere"

    page.desk.join = join
    return pressed


@pytest.mark.slow
async def test_notes_that_would_leave_are_listed_none_is_ticked_and_the_first_button_keeps_them(
    page: Any, wishes: list[JoinRequest]
) -> None:
    for title, seen in (("Bicycle repair", "public"), ("Sourdough", "community"), ("Diary", "private")):
        await publishing.save(
            page.database, page.vault, page.desk.settings, 0, Note("", "", title, "Words.", Visibility(seen))
        )
    page.vault.put([("open/Folder says it.md", b"x\n")], "x")
    await review.choose(page.database, page.vault, "open", "public")
    shown = (await page.send("/community/terms", 200, invite=INVITE)).text
    assert "Notes that may leave: 3 of your 4" in shown
    for words in ("Bicycle repair", "Sourdough", "Folder says it", "by its folder", "10 minutes", "four public keys"):
        assert words in shown
    assert "Diary" not in shown
    boxes = re.findall(r'<input type="checkbox" name="note" value="([0-9a-f]{32})"([^>]*)>', shown)
    assert len(boxes) == 3
    assert not any("checked" in more for _, more in boxes)
    assert re.findall(r"<button[^>]*>([^<]*)</button>", shown.split('action="/community/join"')[1])[:2] == [
        "Join, keep all notes here",
        "Join, and let the ticked notes leave in 10 minutes",
    ]
    ticks = [boxes[0][0], boxes[2][0]]
    await page.send("/community/join", invite=INVITE, tier="light", note=ticks)  # as a press of Enter sends it
    await page.send("/community/join", invite=INVITE, tier="light", note=ticks, let="")
    await page.send("/community/join", invite=INVITE, tier="light", note=ticks, let="ticked")
    assert [one.ticked for one in wishes] == [frozenset(), frozenset(), frozenset(ticks)]


async def test_without_notes_the_page_says_so(page: Any, wishes: list[JoinRequest]) -> None:
    shown = (await page.send("/community/terms", 200, invite=INVITE)).text
    assert "Nothing that you have written so far leaves." in shown
    assert "let the ticked notes" not in shown


async def test_what_was_kept_is_named_on_its_page_and_leaves_when_it_is_ticked_later(page: Any) -> None:
    saved = await publishing.save(
        page.database, page.vault, page.desk.settings, 0, Note("", "", "Bread", "Words.", Visibility.PUBLIC)
    )
    await consent.settle(page.database, page.vault, page.desk.settings, page.clock, ())
    assert "Kept here since you joined" in await page.see(f"/notes/{saved.id}")
    assert "Kept here since you joined: 1" in await page.see("/notes/leaving")
    await page.send("/notes/kept", note=saved.id)
    assert await publishing.waiting(page.database) == {saved.id: page.clock + 600_000}
    assert "Kept here since you joined" not in await page.see("/notes/leaving")


async def test_whoever_follows_a_link_to_no_note_writes_what_nobody_else_reads(page: Any) -> None:
    page.desk.joined = None
    for default, checked in (("", "private"), ("community", "community")):
        await review.choose(page.database, page.vault, "", default)
        shown = await page.see("/notes/named?name=Nowhere")
        assert re.findall(r'name="visibility" value="(\w+)" checked', shown) == [checked]


async def test_alone_a_new_note_is_private_on_every_way_until_its_person_says_otherwise(page: Any) -> None:
    assert re.findall(r'name="visibility" value="(\w+)" checked', await page.see("/notes/new")) == ["private"]
    await page.send("/notes", body="A quick thought")
    answer = await page.client.post("/cli/note", json={"body": "From the terminal"})
    assert answer.json()["visibility"] == "private"
    assert {one.visibility for one in page.vault.read_all()[0]} == {Visibility.PRIVATE}
    await page.send("/notes", body="Said otherwise", visibility="public")
    assert await publishing.waiting(page.database) != {}
