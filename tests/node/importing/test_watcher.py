"""Another editor's changes are seen at once: committed, and on their way where they say that they are public."""

import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.importing.watcher import attend
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault

SEEN_WITHIN_S = 2.0
BUSY = 5  # this machine may be doing other things too


def until(vault: Vault, path: str) -> float:
    """Wait for a file's first commit; what is waited for happens on the disk, so there is nothing to be told by."""
    began = time.monotonic()
    while not history.versions(vault.root, path):
        assert time.monotonic() - began < BUSY * SEEN_WITHIN_S, path
    return time.monotonic() - began


@pytest.mark.slow
async def test_what_another_editor_does_is_committed_and_scheduled(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    root.mkdir()
    history.create(root)
    (root / "before.md").write_text("# Written while nobody looked\n")
    database, vault = Database(tmp_path / "node.db"), Vault(root)
    watching = asyncio.create_task(attend(database, vault, Settings(), lambda: 0))
    try:
        await asyncio.to_thread(until, vault, "before.md")
        (root / "new.md").write_text("---\nvisibility: public\n---\n# New\n")
        await asyncio.to_thread(until, vault, "new.md")
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder/deep.md").write_text("# Came with its folder\n")
        (tmp_path / "folder").rename(root / "folder")
        await asyncio.to_thread(until, vault, "folder/deep.md")
        assert len(await publishing.waiting(database)) == 1  # it said that it is public
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        database.close()
