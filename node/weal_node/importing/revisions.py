"""The versions of one note, from what is known of its past and what the history has added since."""

import asyncio
from functools import partial
from itertools import starmap

from weal_node.store import pasts
from weal_node.store.database import Database
from weal_node.store.pasts import NotePast
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_node.vault.history import Commit

MOST = 200


async def versions(database: Database, vault: Vault, path: str) -> tuple[Commit, ...]:
    """Return the commits that changed this file, newest first, through renames, at most MOST. What another editor wrote is
    committed first."""
    await asyncio.to_thread(vault.commit_outside, [path])
    known = await database.read(partial(pasts.find, path=path))
    head = await asyncio.to_thread(history.head, vault.root)
    if known is None or known.head != head:
        commits = await asyncio.to_thread(_read, vault, path, head, known)
        known = NotePast(head, tuple((commit.id, commit.at_ms, commit.said, commit.path) for commit in commits))
        await database.write(partial(pasts.keep, path=path, past=known))
    return tuple(starmap(Commit, known.versions))


def _read(vault: Vault, path: str, head: str, known: NotePast | None) -> tuple[Commit, ...]:
    """Read on from where it was known up to; all anew where that is no longer in the history, or the file came anew."""
    if known is None or not history.only_changed(vault.root, known.head, head, path):
        return history.versions(vault.root, path, MOST)
    fresh = history.versions(vault.root, path, MOST, since=known.head)
    return (*fresh, *starmap(Commit, known.versions))[:MOST]
