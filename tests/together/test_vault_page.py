"""The vault on the page of a real node, without JavaScript: import, review, versions, what is held back, what a bookmark brings."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from support.waiting import PATIENCE_S

pytestmark = pytest.mark.together


@contextmanager
def logged_in(node: Any) -> Iterator[httpx.Client]:
    """A client that behaves like a browser without JavaScript."""
    with httpx.Client(
        base_url=node.address, follow_redirects=True, timeout=PATIENCE_S, headers={"origin": node.address}
    ) as client:
        assert client.get(node.link).status_code == 200
        yield client


def note_of(client: httpx.Client, title: str) -> dict[str, Any]:
    return next(note for note in client.get("/api/notes").json()["notes"] if note["title"] == title)


def test_import_review_versions_and_what_is_held(start_node: Any, tmp_path: Path) -> None:
    node = start_node("ada")
    place = tmp_path / "Old notes"
    (place / ".obsidian").mkdir(parents=True)
    (place / "Garden.md").write_text("---\nvisibility: public\naliases: [plot]\n---\n[[Trees]] need water. #plants\n")
    (place / "Trees.md").write_text("Oaks last. Ring +49 171 1234567.\n")
    (place / "USER.md").write_text("- Prefers quiet streets\n")
    command = [sys.executable, "-m", "weal_node", "import", str(place), "--home", str(node.home), "--yes", "--json"]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (done["state"], done["written"], done["plan"]["flagged"]) == ("done", 3, 1)
    with logged_in(node) as client:
        csrf = client.get("/api/session").json()["csrf"]
        assert "3 imported notes stay private" in client.get("/notes").text
        assert note_of(client, "Garden")["visibility"] == "private"
        review = client.get("/notes/review").text
        assert "the file says public" in review
        assert "a phone number" in review
        assert "Prefers quiet streets" in review
        chosen = {"csrf": csrf, "folder": "Old", "visibility": "public"}
        assert "Nothing waits" not in client.post("/notes/review", data=chosen).text
        chosen["folder"] = "Old notes"
        assert "Nothing waits" in client.post("/notes/review", data=chosen).text
        garden, trees = note_of(client, "Garden"), note_of(client, "Trees")
        assert garden["leaves_ms"]
        assert trees["leaves_ms"] is None
        page = client.get(f"/notes/{trees['id']}").text
        assert "Held back: it seems to hold a phone number" in page
        assert "others hold copies" in page  # nothing has left yet
        assert "asked about when you join" in client.post(f"/notes/{trees['id']}/allow", data={"csrf": csrf}).text
        page = client.get(f"/notes/{garden['id']}").text
        assert client.get(re.findall(r'href="(/notes/named[^"]+)"', page)[0]).url.path == f"/notes/{trees['id']}"
        assert "Garden" in client.get("/notes?tag=plants&folder=Old notes").text
        seen = re.findall(r'name="seen" value="([0-9a-f]{64})"', page)[0]
        form = {
            "csrf": csrf,
            "id": garden["id"],
            "seen": seen,
            "title": "Garden",
            "body": "Mine",
            "visibility": "private",
        }
        (node.home / "vault/Old notes/Garden.md").write_text("---\naliases: [plot]\n---\nTheirs\n")
        clash = client.post("/notes", data=form)
        assert clash.status_code == 409
        assert "changed elsewhere" in clash.text
        assert "Mine</textarea>" in clash.text
        seen = re.findall(r'name="seen" value="([0-9a-f]{64})"', clash.text)[0]
        assert "Saved." in client.post("/notes", data={**form, "seen": seen}).text
        versions = re.findall(
            r'href="(/notes/[0-9a-f]+/history/([0-9a-f]+))"', client.get(f"/notes/{garden['id']}/history").text
        )
        assert len(versions) == 4  # imported, reviewed, theirs, mine
        assert "+Mine" in client.get(versions[0][0]).text
        assert "-Theirs" in client.get(versions[1][0] + "?against=now").text
        restored = client.post(f"/notes/{garden['id']}/restore", data={"csrf": csrf, "commit": versions[3][1]})
        assert "need water" in restored.text
        assert note_of(client, "Garden")["visibility"] == "private"  # the text came back, not who may read it
        (node.home / "vault/Old notes/Trees.md").unlink()
        assert "Trees.md" in client.get("/notes/gone").text
        client.post("/notes/gone", data={"csrf": csrf, "path": "Old notes/Trees.md"})
        assert "Oaks last" in (node.home / "vault/Old notes/Trees.md").read_text()
        decided = re.findall(r'action="(/notes/candidates/[0-9a-f]+)"', review)[0]
        client.post(decided, data={"csrf": csrf, "choice": "more"})
        assert "Prefers quiet streets" in client.get("/mirror").text


def test_a_bookmark_brings_a_page_into_the_editor_and_nothing_further(start_node: Any) -> None:
    node = start_node("ada")
    elsewhere = {"sec-fetch-site": "cross-site"}
    sent = {"title": "A <b>page</b>", "url": "https://example.org/x", "text": "One\n<script>two</script>"}
    plain = f"http://127.0.0.1:{httpx.URL(node.address).port}"
    with httpx.Client(base_url=plain) as stranger:
        shown = stranger.get("/capture", params=sent, headers=elsewhere)
        stranger.get("/capture", params={"title": "A picture's"}, headers={**elsewhere, "sec-fetch-dest": "image"})
        assert shown.status_code == 200
        assert "<script>" not in shown.text
        assert "ada" not in shown.text
        assert httpx.URL(node.address).host not in shown.text
        assert stranger.get("/notes/new", params=sent, headers=elsewhere).status_code == 421
        assert stranger.post("/capture", headers=elsewhere).status_code == 403
    with logged_in(node) as client:
        csrf = client.get("/api/session").json()["csrf"]
        listing = client.get("/notes").text
        assert f"open('{plain}/capture" in unquote(unescape(listing))
        assert "A picture" not in listing
        (clip,) = re.findall(r'href="(/notes/new\?clip=[0-9a-f]+)"', listing)
        editor = client.get(clip).text
        assert "&gt; One\n&gt; &lt;script&gt;two&lt;/script&gt;\n\n&lt;https://example.org/x&gt;" in editor
        assert re.search(r'value="private" checked', editor)
        client.post("/notes/captured", data={"csrf": csrf, "id": clip.partition("=")[2]})
        assert "/notes/new?clip=" not in client.get("/notes").text
        preview = client.post("/notes/preview", data={"csrf": csrf, "title": "T", "body": "*so*"}).text
        assert "<em>so</em>" in preview
        assert client.get("/api/notes").json()["notes"] == []
        quick = client.post("/notes", data={"csrf": csrf, "visibility": "public", "body": "A thought\nand more"})
        assert "asked about when you join" in quick.text
        (node.home / "vault/sea.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        assert (
            '<img src="/pictures/sea.png"'
            in client.post("/notes/preview", data={"csrf": csrf, "title": "T", "body": "![[sea.png]]"}).text
        )
        picture = client.get("/pictures/sea.png")
        assert (picture.headers["content-type"], picture.headers["x-content-type-options"]) == ("image/png", "nosniff")
        assert picture.headers["content-security-policy"].startswith("default-src 'none'")
        with httpx.Client(base_url=node.address) as stranger:
            assert "PNG" not in stranger.get("/pictures/sea.png").text
        assert "1 note, the earliest first" in client.get("/notes/leaving").text
        command = [sys.executable, "-m", "weal_node", "note", "--undo", "all", "--home", str(node.home)]
        assert "A thought.md stays here" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "Nothing is about to leave" in client.get("/notes/leaving").text
        began = time.monotonic()
        (node.home / "vault/Outside.md").write_text("# By another editor\n")
        while "By another editor" not in client.get("/notes").text:
            assert time.monotonic() - began < 2
