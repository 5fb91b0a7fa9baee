"""Stay: what is about to leave, as one list, and all of it or some kept here after all."""

import asyncio
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial

from weal_node.commons import publishing
from weal_node.errors import NotFoundError
from weal_node.records import Note, Visibility
from weal_node.store import holds, notes
from weal_node.store.database import Database
from weal_node.vault.folder import Vault, VaultNote
from weal_protocol import record

LEAST = 6  # hex digits by which a note can be named


@dataclass(frozen=True, slots=True)
class Going:
    """A note on its way out. due_ms: Unix time at which it may leave, None while it has not been looked through yet."""

    note: Note
    due_ms: int | None


async def going(database: Database, vault: Vault) -> tuple[Going, ...]:
    """Return what would leave by what files and folders say now, the earliest first; what is not looked through yet comes last."""
    standing = await database.read(notes.every)
    found = _by_id(await asyncio.to_thread(vault.versions))
    due = [
        Going(one.note, standing[key].due_ms if key in standing and standing[key].body_sha256 else None)
        for key, one in found.items()
        if _goes(one, standing.get(key))
    ]
    return tuple(sorted(due, key=lambda one: (one.due_ms is None, one.due_ms or 0, one.note.path)))


def count(notes_there: Iterable[Note], due: Collection[str]) -> int:
    """Return how many of these notes leave, of those that are due: without waiting for whoever writes the vault just now."""
    return sum(note.id in due and note.visibility != Visibility.PRIVATE for note in notes_there)


async def held(database: Database, vault: Vault) -> tuple[tuple[Note, holds.Hold], ...]:
    """Return what is held back until its person allows it, by path."""
    why = await database.read(holds.every)
    found = _by_id(await asyncio.to_thread(vault.versions)) if why else {}
    pairs = [(found[key].note, one) for key, one in why.items() if key in found]
    return tuple(sorted(pairs, key=lambda pair: pair[0].path))


async def keep(database: Database, vault: Vault, ids: Collection[str]) -> int:
    """Keep these notes here, in one commit: what has not left stays, and a note of which nothing left becomes private.
    Return how many of them were on their way."""
    chosen = {one.note.id for one in await going(database, vault)} & set(ids)
    standing = await database.write(partial(_withdraw, chosen=chosen))

    def written() -> None:
        found = _by_id(vault.versions())
        never_left = [
            found[key].note for key in chosen if key in found and not (key in standing and standing[key].record)
        ]
        still = [note for note in never_left if note.visibility != Visibility.PRIVATE]
        if still:
            private = [replace(note, visibility=Visibility.PRIVATE) for note in sorted(still, key=lambda one: one.path)]
            vault.save_all(private, message=f"Keep {len(private)} note{'' if len(private) == 1 else 's'} here")

    await asyncio.to_thread(written)
    return len(chosen)


async def undo(database: Database, vault: Vault, which: str) -> tuple[str, ...]:
    """Keep here what is about to leave or is held back: "all", or the one note whose id begins so. Return its paths;
    NotFoundError where no note, or more than one, is meant."""
    leaves = [one.note for one in await going(database, vault)]
    stands = [note for note, _ in await held(database, vault)]
    if which == "all":
        await keep(database, vault, [note.id for note in leaves])
        return tuple(note.path for note in leaves)
    meant = [note for note in (*leaves, *stands) if len(which) >= LEAST and note.id.startswith(which.lower())]
    if len(meant) != 1:
        raise NotFoundError(
            "no note of this id is about to leave",
            "Leaving, on Notes, lists those that are; what has left is with others",
        )
    if meant[0] in stands:
        await publishing.undo(database, vault, meant[0].id)
    else:
        await keep(database, vault, [meant[0].id])
    return (meant[0].path,)


def _withdraw(connection: sqlite3.Connection, chosen: Collection[str]) -> dict[str, notes.Publication]:
    for note in chosen:
        notes.withdraw(connection, note)
        holds.release(connection, note)
    return notes.every(connection)


def _by_id(versions: tuple[VaultNote, ...]) -> dict[str, VaultNote]:
    """Return each note once; of several files with one id the first by path, as everywhere."""
    return {one.note.id: one for one in reversed(versions)}


def _goes(one: VaultNote, standing: notes.Publication | None) -> bool:
    """Whether this version waits to leave, or will as soon as it has been looked through."""
    if one.note.visibility == Visibility.PRIVATE or one.size > record.MAX_BODY_BYTES:
        return False
    return bool(standing and standing.body_sha256) or not notes.knows(standing, one.sha256)
