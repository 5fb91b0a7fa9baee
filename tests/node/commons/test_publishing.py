"""Notes leave after their delay, written down first; until then they can be held back; what comes in is verified."""

from pathlib import Path
from typing import Any

from support.commons import Commons
from support.homes import empty_home
from weal_node import keys
from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.records import Note, Visibility
from weal_node.store import disclosures
from weal_node.store.database import Database
from weal_node.vault.folder import Vault

DELAY_MS = 600_000
KEYS = keys.new()


def opened(folder: Path) -> tuple[Database, Vault, Any]:
    return (*empty_home(folder), Commons())


def note(visibility: Visibility = Visibility.PUBLIC) -> Note:
    return Note("", "", "A walk", "By the river.", visibility)


async def test_a_note_leaves_after_its_delay_with_its_entry_in_the_ledger(tmp_path: Path) -> None:
    database, vault, commons = opened(tmp_path)
    ledger: list[int] = []

    async def look() -> None:
        ledger.append(len(await database.read(disclosures.all_of)))

    commons.meanwhile = look
    saved = await publishing.save(database, vault, Settings(), 0, note())
    assert await publishing.waiting(database) == {saved.id: DELAY_MS}
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS - 1) == 0
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 1
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 0
    assert ledger == [1]  # written down before it left
    assert commons.came[0].body == vault.raw(saved.path)
    database.close()


async def test_what_is_undone_or_private_stays(tmp_path: Path) -> None:
    database, vault, commons = opened(tmp_path)
    saved = await publishing.save(database, vault, Settings(), 0, note())
    assert await publishing.undo(database, vault, saved.id)
    assert vault.read(saved.path).visibility == Visibility.PRIVATE
    await publishing.save(database, vault, Settings(), 0, note(Visibility.PRIVATE))
    assert await publishing.send_due(database, vault, KEYS, commons, 10 * DELAY_MS) == 0
    assert commons.came == []
    database.close()


async def test_a_note_changed_by_another_editor_meanwhile_does_not_leave(tmp_path: Path) -> None:
    database, vault, commons = opened(tmp_path)
    saved = await publishing.save(database, vault, Settings(), 0, note())
    with (vault.root / saved.path).open("a") as file:
        file.write("not meant for anyone yet")
    assert await publishing.send_due(database, vault, KEYS, commons, DELAY_MS) == 0
    assert commons.came == []
    database.close()
