"""A note's past on the page: also of a note whose front matter broke, and of a file that cannot be read at all."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from weal_node.config import Settings
from weal_node.records import Note, Visibility
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_node.web.page import STATIC
from weal_node.web.routes import routes
from weal_node.web.tray import Tray


class House:
    """A node's pages over a real vault."""

    def __init__(self, root: Path, client: httpx.AsyncClient) -> None:
        self.vault, self.client = Vault(root), client

    async def see(self, path: str) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def versions(self, note: str) -> list[str]:
        return re.findall(rf"/notes/{note}/history/([0-9a-f]+)", await self.see(f"/notes/{note}/history"))

    async def send(self, to: str, **fields: str) -> httpx.Response:
        answer = await self.client.post(to, data=fields)
        assert answer.status_code == 303, answer.text
        return answer


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "vault").mkdir()
    history.create(tmp_path / "vault")
    database = Database(tmp_path / "node.db")
    app = Starlette(routes=routes(str(STATIC)))

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {"csrf": "c"}}, receive, send)

    client = httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://node")
    made = House(tmp_path / "vault", client)
    app.state.desk = SimpleNamespace(
        settings=Settings(publish_delay_s=600), joined=None, paused=False, database=database, vault=made.vault, tray=Tray(),
        home=SimpleNamespace(vault=made.vault.root), now_ms=lambda: 1_000, names=dict,
    )  # fmt: skip
    yield made
    await client.aclose()
    database.close()


@pytest.mark.parametrize("broken", [b"---\ncreated: {{date}}\n", b"---\nvisibility: draft\nx: [\n", b"\xff\xfe---\n"])
async def test_a_file_that_breaks_keeps_its_page_its_history_and_its_way_back(house: House, broken: bytes) -> None:
    saved = house.vault.save(Note("", "", "Sun", "It shines.", Visibility.COMMUNITY))
    good = house.vault.raw(saved.path)
    bad = good.replace(b"---\n", broken, 1) if broken.startswith(b"-") else good + broken
    (house.vault.root / saved.path).write_bytes(bad)
    listed = await house.see("/notes")
    assert f"/notes/{saved.id}" in listed
    page = await house.see(f"/notes/{saved.id}")
    assert "notice warn" in page
    assert "/history" in page
    first, last = reversed(await house.versions(saved.id))  # the broken one was committed too
    assert history.at(house.vault.root, last, saved.path) == bad
    assert "It shines." in await house.see(f"/notes/{saved.id}/history/{first}")
    await house.send(f"/notes/{saved.id}/restore", commit=first)
    (back,) = house.vault.read_all()[0]
    assert (back.id, back.body, back.visibility, back.warnings) == (saved.id, "It shines.", Visibility.PRIVATE, ())
    await house.send(f"/notes/{saved.id}/restore", commit=last)  # the broken one comes back too, byte for byte
    assert house.vault.raw(saved.path) == bad
    (house.vault.root / saved.path).unlink()
    await house.send("/notes/gone", path=saved.path)
    assert house.vault.raw(saved.path) == bad


async def test_front_matter_is_mended_on_the_page(house: House) -> None:
    (house.vault.root / "Sun.md").write_text("---\ncreated: {{date}}\nneeds: [rain]  # much\n---\nIt shines.\n")
    note = house.vault.read("Sun.md")
    form = {"id": note.id, "title": "Sun", "needs": "", "offers": "", "licence": "", "visibility": "private"}
    await house.send("/notes", body=note.body.replace("It shines", "It shone"), **form)  # still broken: all is text
    (kept,) = house.vault.read_all()[0]
    assert kept.body == note.body.replace("It shines", "It shone")
    (house.vault.root / "Sun.md").write_text(note.body)
    await house.send("/notes", body=note.body.replace("{{date}}", "today"), **form)
    (found,) = house.vault.read_all()[0]
    assert (found.id, found.body, found.needs, found.warnings) == (note.id, "It shines.\n", ("rain",), ())
    assert house.vault.raw("Sun.md").startswith(b"---\ncreated: today\nneeds: [rain]  # much\n")


async def test_a_vault_of_another_program_is_listed_whole(house: House) -> None:
    files = {
        "Template.md": "---\ncreated: {{date}}\n---\n# {{title}}\n",
        "Rule.md": "---\nA rule stands above.\n",
        "Tags.md": "---\ntags: [" + ", ".join(f"t{n}" for n in range(40)) + "]\n---\nText\n",
        "Draft.md": "---\nvisibility: draft\n---\nText\n",
        "Sun.md": "---\naliases: [Sonne]\n---\nIt shines.\n",
    }
    for name, text in files.items():
        (house.vault.root / name).write_text(text)
    page = await house.see("/notes")
    assert all(f">{note.title}</a>" in page for note in house.vault.read_all()[0])
    assert len(house.vault.read_all()[0]) == len(files)
    assert "4 notes have front matter" in page
    answer = await house.client.get("/notes/named?name=Sonne")
    assert answer.headers["location"] == f"/notes/{house.vault.read('Sun.md').id}"


async def test_a_windows_file_stays_one_when_it_is_saved_on_the_page(house: House) -> None:
    raw = b"---\r\naliases: [Sol]\r\n---\r\nIt shines.\r\nAlways.\r\n"
    (house.vault.root / "Sun.md").write_bytes(raw)
    note = house.vault.read("Sun.md")
    form = {"id": note.id, "title": "Sun", "visibility": "private"}
    await house.send("/notes", body="It shines.\r\nAlways.\r\n", **form)
    assert house.vault.raw("Sun.md").endswith(b"---\r\nIt shines.\r\nAlways.\r\n")
    await house.send("/notes", body="It shines.\r\nEver.\r\n", **form)
    written = house.vault.raw("Sun.md")
    assert written.endswith(b"---\r\nIt shines.\r\nEver.\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")


async def test_a_licence_is_shown_where_a_note_may_leave_and_a_strange_one_is_warned_of(house: House) -> None:
    saved = house.vault.save(Note("", "", "Sun", "It shines.", Visibility.PRIVATE))
    assert 'placeholder="CC-BY-4.0"' in await house.see(f"/notes/{saved.id}")
    form = {"id": saved.id, "title": "Sun", "body": "It shines.", "visibility": "public"}
    await house.send("/notes", licence="CC0-1.0", **form)
    assert "under CC0-1.0" in await house.see(f"/notes/{saved.id}")
    await house.send("/notes", licence="Ask first", **form)
    page = await house.see(f"/notes/{saved.id}")
    assert "under NOASSERTION" in page
    assert "is no licence that Weal knows" in page
    assert house.vault.read(saved.path).licence == "Ask first"
