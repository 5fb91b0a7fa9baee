"""Sharing status: where each note stands on its way out: about to leave, held back, or not yet reviewed."""

import sqlite3
from dataclasses import dataclass

from weal_node.store import folders, holds, imports, notes
from weal_node.store.database import Database
from weal_node.store.holds import Hold


@dataclass(frozen=True, slots=True)
class SharingStatus:
    """All notes at one moment.

    due_ms: when each note that waits will leave, Unix time by note id.
    held: what the scan holds back, by note id.
    folder_defaults: who may read the notes of a folder that do not say it themselves, by folder.
    unreviewed: paths of imported notes of which the person has not said who may read them.
    """

    due_ms: dict[str, int]
    held: dict[str, Hold]
    folder_defaults: dict[str, str]
    unreviewed: tuple[str, ...]


async def sharing_status(database: Database) -> SharingStatus:
    """Return where the notes stand."""

    def look(connection: sqlite3.Connection) -> SharingStatus:
        return SharingStatus(
            notes.waiting(connection),
            holds.every(connection),
            folders.every(connection),
            tuple(imported.path for imported in imports.unreviewed(connection)),
        )

    return await database.read(look)
