"""A note shows the pictures of its vault; any other file, and any other address, stays unseen."""

from typing import Any

from weal_node.records import Note, Visibility

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


async def test_a_note_shows_what_lies_beside_it_and_links_to_what_does_not(page: Any) -> None:
    (page.vault.root / "trip").mkdir()
    (page.vault.root / "trip/a b.png").write_bytes(PNG)
    (page.vault.root / "trip/bad.png").write_bytes(b"<svg onload=alert(1)>")
    body = "![the sea](a%20b.png) ![[a b.png]] ![far](https://t.example/x.png)"
    note = page.vault.save(Note("", "trip/", "Trip", body, Visibility.PRIVATE))
    shown = await page.see(f"/notes/{note.id}")
    assert shown.count('<img src="/pictures/trip/a%20b.png"') == 2
    assert shown.count("<img") == 2
    assert 'rel="noopener noreferrer">far (picture at t.example)</a>' in shown
    answer = await page.client.get("/pictures/trip/a%20b.png")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    for path in ("trip/bad.png", "trip/none.png", "..%2Fnode.db", "%2e%2e/x.png", "trip/Trip.md"):
        assert (await page.client.get(f"/pictures/{path}")).status_code == 404


async def test_a_preview_shows_them_too(page: Any) -> None:
    (page.vault.root / "a.png").write_bytes(PNG)
    answer = await page.send("/notes/preview", 200, title="T", body="![[a.png]]")
    assert '<img src="/pictures/a.png" alt="a.png">' in answer.text
