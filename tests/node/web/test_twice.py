"""A form sent twice makes one note: at once, after a restart, from the back button, with a bookmark; and no words are lost by that."""

import asyncio
import re
from typing import Any

import pytest

from weal_node.commons import idempotency
from weal_node.records import Note, Visibility


def once(text: str) -> str:
    (found,) = re.findall(r'name="once" value="([0-9a-f]{32})"', text)
    return str(found)


async def there(page: Any) -> dict[str, str]:
    return {note.title: note.body.strip() for note in page.vault.read_all()[0]}


@pytest.mark.parametrize("address", ["/notes/new", "/notes", "/today"])
async def test_two_presses_at_once_or_one_after_the_other_make_one_note(page: Any, address: str) -> None:
    fields = {"body": "Bread\nand butter", "once": once(await page.see(address))}
    if address == "/notes/new":
        fields |= {"title": "Bread", "visibility": "private", "needs": "butter", "offers": ""}
    answers = await asyncio.gather(*(page.send("/notes", **fields) for _ in range(4)))
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(page.vault.read_all()[0]) == 1
    again = await page.send("/notes", **fields)  # long after, as a browser sends it that is opened again
    assert again.headers["location"] == answers[0].headers["location"]
    assert len(page.vault.read_all()[0]) == 1


async def test_back_and_other_words_in_the_editor_become_the_same_note_s_next_version(page: Any) -> None:
    fields = {"title": "Bread", "body": "One.", "visibility": "private", "once": once(await page.see("/notes/new"))}
    await page.send("/notes", **fields)
    shown = (await page.send("/notes", 409, **(fields | {"body": "One, mended."}))).text
    assert "This form was saved already, as Bread." in shown
    assert "One, mended." in shown
    assert await there(page) == {"Bread": "One."}
    hidden = page.form(shown, "/notes")
    await page.send("/notes", **(fields | hidden | {"body": "One, mended."}))
    assert await there(page) == {"Bread": "One, mended."}


async def test_a_form_saved_public_and_undone_is_not_published_by_being_sent_again(page: Any) -> None:
    fields = {"title": "Bread", "body": "One.", "visibility": "public", "once": once(await page.see("/notes/new"))}
    where = (await page.send("/notes", **fields)).headers["location"].split("?")[0]
    await page.send(f"{where}/undo")
    await page.send("/notes", 409, **fields)
    assert [note.visibility for note in page.vault.read_all()[0]] == [Visibility.PRIVATE]


async def test_another_thought_from_a_page_that_was_shown_before_is_another_note(page: Any) -> None:
    shown = once(await page.see("/notes"))
    for body in ("First", "Second", "Second"):
        await page.send("/notes", body=body, once=shown)
    assert list(await there(page)) == ["First", "Second"]
    for body in ("Third", "Third"):  # without a token, as a page of an older version sends it
        await page.send("/notes", body=body)
    assert len(page.vault.read_all()[0]) == 4


async def test_what_is_no_token_of_ours_names_no_note(page: Any) -> None:
    for odd in ("x", "../../x", "A" * 32, "0" * 31):
        await page.send("/notes", body=f"odd {odd}", once=odd)
    assert all(re.fullmatch("[0-9a-f]{32}", note.id) for note in page.vault.read_all()[0])


async def test_a_captured_page_opened_and_saved_twice_is_one_note(page: Any) -> None:
    token = ""
    for _ in range(2):
        await page.see("/capture?title=A+page&text=words&url=https://example.org/")
        (clip,) = page.desk.tray.all(page.clock)
        editor = await page.see(f"/notes/new?clip={clip.id}")
        token = token or once(editor)
        assert once(editor) == token
        await page.send("/notes", title="A page", body="words", visibility="private", once=token)
    assert len(page.vault.read_all()[0]) == 1


async def test_the_same_command_again_within_a_minute_is_the_same_note(page: Any) -> None:
    saved = page.vault.save(Note("", "ideas/", "Plan", "Words.", Visibility.PRIVATE))
    wanted = Note("", "ideas/", "Plan", "Words.\n", Visibility.PRIVATE)
    written_ms = int((page.vault.root / saved.path).stat().st_mtime * 1_000)
    assert await idempotency.just_written(page.vault, wanted, written_ms + 59_000) == page.vault.read(saved.path)
    assert await idempotency.just_written(page.vault, wanted, written_ms + 61_000) is None
    elsewhere = Note("", "", "Plan", "Words.\n", Visibility.PRIVATE)
    assert await idempotency.just_written(page.vault, elsewhere, written_ms) is None
    page.clock = written_ms
    for again, count in ((False, 1), (False, 1), (True, 2)):
        fields = {"body": "Words.", "title": "Plan", "folder": "ideas", "again": again}
        answer = (await page.client.post("/cli/note", json=fields)).json()
        assert answer["new"] is again
        assert len(page.vault.read_all()[0]) == count
