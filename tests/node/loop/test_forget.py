"""Forgetting leaves nothing on this node, says where something remains, and takes nothing else with it."""

import asyncio
import hashlib
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from weal_node import keys as keyring
from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import NodeError, NotFoundError
from weal_node.loop import forget, index, publish
from weal_node.records import Choice, Label, Note, State, Visibility
from weal_node.store import disclosures, labels, notes, passages, records, states
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_protocol.record import Record

KEYS = keyring.new()
OWN = KEYS.agent_public.hex()
SECRET = "The treasure lies under the third oak from the left."
NOW = Settings(publish_delay_s=0)


class Commons:
    """Stands for the community's coordinator, which takes what comes."""

    id = "c" * 64

    async def publish(self, given: list[Record]) -> int:
        return len(given)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "vault").mkdir()
    history.create(tmp_path / "vault")
    database = Database(tmp_path / "node.db")
    yield database, Vault(tmp_path / "vault"), Commons()
    database.close()


def note(title: str, body: str, **more: Any) -> Note:
    return Note(more.pop("id", ""), more.pop("path", ""), title, body, Visibility.PUBLIC)


def holders(folder: Path, needle: bytes) -> list[str]:
    """Which files hold these bytes, git's objects unpacked."""
    found = [str(path) for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]
    command = ["git", "-C", str(folder / "vault"), "cat-file", "--batch-all-objects", "--batch"]
    return found + (["git"] if needle in subprocess.run(command, capture_output=True, check=True).stdout else [])


async def test_a_published_note_is_gone_from_files_history_and_database(node: Any, tmp_path: Path) -> None:
    database, vault, commons = node
    kept = await publish.save(database, vault, NOW, 0, note("Other", "Something quite different, and long enough."))
    saved = await publish.save(database, vault, NOW, 0, note("Map", SECRET))
    await publish.save(database, vault, NOW, 1, note("Map", f"{SECRET}\nDig.", id=saved.id, path=saved.path))
    await publish.send_due(database, vault, KEYS, commons, 2)
    (vault.root / saved.path).rename(vault.root / "Renamed.md")
    before = {entry.id: (entry.at_ms, entry.size) for entry in await database.read(disclosures.all_of)}
    assert holders(tmp_path, SECRET.encode())
    await index.by_words(database, vault, OWN)
    (left,) = await database.read(lambda connection: records.versions(connection, OWN, saved.id))
    gone = await forget.note(database, vault, OWN, "Renamed.md")
    assert (gone.versions, gone.left, gone.remains) == (2, 1, ())
    assert holders(tmp_path, SECRET.encode()) == []
    assert await database.read(lambda connection: notes.find(connection, saved.id)) is None
    assert await database.read(lambda connection: passages.of_note(connection, "", saved.id)) == ()
    # The header stays: a pull takes the record for known, and does not bring the body back.
    assert await database.read(lambda connection: records.known(connection, [left.id])) == {left.id}
    assert await database.read(lambda connection: records.raw(connection, [left.id])) == {}
    entries = await database.read(disclosures.all_of)
    assert {entry.id: (entry.at_ms, entry.size) for entry in entries} == before
    assert min(len(entry.payload) for entry in entries) == hashlib.sha256().digest_size
    assert [one.title for one in vault.read_all()[0]] == ["Other"]
    assert history.check(vault.root) == ""
    assert len(history.versions(vault.root, kept.path)) == 1
    await publish.save(database, vault, NOW, 3, note("After", "Life goes on, and so does the history."))
    with pytest.raises(NotFoundError):
        await forget.note(database, vault, OWN, saved.id)


async def test_what_still_quotes_a_forgotten_note_is_named(node: Any) -> None:
    database, vault, _ = node
    saved = await publish.save(database, vault, NOW, 0, note("Map", SECRET))
    await database.write(lambda connection: states.add(connection, [State("1" * 64, SECRET, "option")]))
    gone = await forget.note(database, vault, OWN, saved.id)
    assert gone.remains == ("1 row of states in the database quote it",)


async def test_a_note_whose_file_is_gone_is_forgotten_too_and_the_last_note_as_well(node: Any, tmp_path: Path) -> None:
    database, vault, _ = node
    saved = await publish.save(database, vault, NOW, 0, note("Map", SECRET))
    (vault.root / saved.path).unlink()
    assert (await forget.note(database, vault, OWN, saved.path)).remains == ()
    assert holders(tmp_path, SECRET.encode()) == []
    await publish.save(database, vault, NOW, 3, note("After", "The first note of a new history."))
    assert history.check(vault.root) == ""


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_file_that_cannot_be_read_is_forgotten_by_its_path_or_its_id(
    node: Any, tmp_path: Path, by_id: bool
) -> None:
    database, vault, _ = node
    saved = await publish.save(database, vault, NOW, 0, note("Map", SECRET))
    (vault.root / saved.path).write_bytes(vault.raw(saved.path) + b"\xff")
    assert vault.read_all()[0] == ()
    gone = await forget.note(database, vault, OWN, saved.id if by_id else saved.path)
    assert (gone.versions, gone.remains) == (2, ())
    assert holders(tmp_path, SECRET.encode()) == []
    with pytest.raises(NotFoundError):
        await forget.note(database, vault, OWN, saved.path)


async def test_a_forgotten_answer_leaves_no_byte(node: Any) -> None:
    database, _, _ = node
    given = [Label(f"{n:032x}", n, "1" * 64, "", Choice.ACCEPT, "teach") for n in range(200)]
    for one in given:
        await database.write(partial(labels.add, label=one))
    assert (await forget.label(database, given[7].id, 0)).remains == ()
    assert len(await database.read(labels.every)) == 199
    with pytest.raises(NotFoundError):
        await forget.label(database, given[7].id, 0)


async def test_an_exchange_that_was_killed_is_finished_or_taken_back(node: Any) -> None:
    _, vault, _ = node
    await asyncio.to_thread(vault.save, note("One", "A first note."))
    place = vault.root / ".git"
    place.rename(place.with_name(".git.old"))
    (vault.root / ".git.old").rename(vault.root / ".git.forgetting")  # as after the first of two renames
    assert history.recover(vault.root) == ["history"]
    (vault.root / ".git.forgetting").mkdir()  # as in the middle of writing anew
    assert history.recover(vault.root) == [".git.forgetting"]
    assert history.check(vault.root) == ""


def test_everything_goes_but_not_a_folder_that_was_only_opened(tmp_path: Path) -> None:
    there, place = tmp_path / "obsidian", Home(tmp_path / "home")
    there.mkdir()
    (there / "Idea.md").write_text("# Idea\n")
    place.root.mkdir()
    set_up(place, "ada", there)
    gone = forget.everything(place)
    assert not place.root.exists()
    assert (there / "Idea.md").read_text() == "# Idea\n"
    assert gone.remains == (f"{there}: your notes, as they are",)
    with pytest.raises(NodeError):
        forget.everything(place)
