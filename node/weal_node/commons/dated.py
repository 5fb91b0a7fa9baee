"""Dated: when each note of the vault was last changed, and which of its warnings were not shown yet."""

import asyncio
import contextlib
import hashlib
import sqlite3
from collections.abc import Sequence
from functools import partial

from weal_node.records import Note
from weal_node.store import imports, warnings
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.vault.versions import VaultNote


async def changed(database: Database, vault: Vault) -> list[tuple[Note, int]]:
    """Return each note with when it was last changed, Unix time in ms, the newest first.

    What was imported keeps the date it had at its source until somebody changes it here, as in search."""
    dates = await database.read(imports.dates)
    dated = await asyncio.to_thread(vault.dated)
    rows = [(version.note, _own_date(version, dates) or at_ms) for version, at_ms in dated]
    return sorted(rows, key=lambda row: (-row[1], row[0].path))


def _own_date(version: VaultNote, dates: dict[tuple[str, str], int]) -> int:
    return dates.get((version.note.path, version.sha256)) or dates.get(("", version.sha256)) or 0


async def first_shown(database: Database, now_ms: int, said: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return those of these warnings that were never shown, and take them for shown from now on. said: (what it is about, the warning)."""
    digests = {row: hashlib.sha256("\0".join(row).encode(errors="replace")).hexdigest() for row in said}
    known = await database.read(warnings.shown) if digests else frozenset()
    new = frozenset(row for row, digest in digests.items() if digest not in known)
    if new:
        with contextlib.suppress(
            sqlite3.OperationalError
        ):  # on a full disk it is said again: the page is shown all the same
            await database.write(partial(warnings.show, digests=[digests[row] for row in new], now_ms=now_ms))
    return new
