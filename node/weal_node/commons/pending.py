"""What is about to leave, as one list, and all of it or some kept here after all."""

import asyncio
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter

from weal_node.commons import publishing
from weal_node.errors import NotFoundError
from weal_node.records import Note, Visibility
from weal_node.store import holds, notes
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_node.vault.versions import VaultNote, first_by_id
from weal_protocol import record

LEAST = 6  # hex digits by which a note can be named


@dataclass(frozen=True, slots=True)
class Going:
    """A note on its way out. due_ms: Unix time at which it may leave, None while it has not been looked through yet."""

    note: Note
    due_ms: int | None


async def going(database: Database, vault: Vault) -> tuple[Going, ...]:
    """Return what would leave by what files and folders say now, the earliest first; what is not looked through yet comes last."""
    publications = await database.read(notes.every)
    due: list[Going] = []
    for key, version in first_by_id(await asyncio.to_thread(vault.versions)).items():
        publication = publications.get(key)
        if _goes(version, publication):
            scheduled = publication is not None and bool(publication.body_sha256)
            due.append(Going(version.note, publication.due_ms if publication and scheduled else None))
    return tuple(sorted(due, key=lambda entry: (entry.due_ms is None, entry.due_ms or 0, entry.note.path)))


def count(notes: Iterable[Note], due: Collection[str]) -> int:
    """Return how many of these notes leave, of those that are due: without waiting for whoever writes the vault just now."""
    return sum(note.id in due and note.visibility != Visibility.PRIVATE for note in notes)


async def held(database: Database, vault: Vault) -> tuple[tuple[Note, holds.Hold], ...]:
    """Return what is held back until its person allows it, by path."""
    reasons = await database.read(holds.every)
    versions = first_by_id(await asyncio.to_thread(vault.versions)) if reasons else {}
    pairs = [(versions[key].note, hold) for key, hold in reasons.items() if key in versions]
    return tuple(sorted(pairs, key=lambda pair: pair[0].path))


async def keep(database: Database, vault: Vault, ids: Collection[str]) -> int:
    """Keep these notes here, in one commit: what has not left stays, and a note of which nothing left becomes private.
    Return how many of them were on their way."""
    leaving = {entry.note.id for entry in await going(database, vault)}
    chosen = leaving & set(ids)
    publications = await database.write(partial(_withdraw, chosen=chosen))
    await asyncio.to_thread(_make_private, vault, chosen - notes.gone_out(publications))
    return len(chosen)


def _make_private(vault: Vault, ids: Collection[str]) -> None:
    """Save those of these notes as private, in one commit, that are not."""
    private: list[Note] = []
    for key, version in first_by_id(vault.versions()).items():
        if key in ids and version.note.visibility != Visibility.PRIVATE:
            private.append(replace(version.note, visibility=Visibility.PRIVATE))
    if private:
        private.sort(key=lambda note: note.path)
        vault.save_all(private, message=f"Keep {len(private)} note{'' if len(private) == 1 else 's'} here")


async def undo(database: Database, vault: Vault, name: str) -> tuple[str, ...]:
    """Keep here what is about to leave or is held back: "all", or the one note whose id begins so. Return its paths;
    NotFoundError where no note, or more than one, is meant."""
    leaves = [entry.note for entry in await going(database, vault)]
    held_back = list(map(itemgetter(0), await held(database, vault)))
    if name == "all":
        await keep(database, vault, [note.id for note in leaves])
        return tuple(note.path for note in leaves)
    named = [note for note in (*leaves, *held_back) if len(name) >= LEAST and note.id.startswith(name.lower())]
    if len(named) != 1:
        raise NotFoundError(
            "no note of this id is about to leave",
            "Leaving, on Notes, lists those that are; what has left is with others",
        )
    if named[0] in held_back:
        await publishing.undo(database, vault, named[0].id)
    else:
        await keep(database, vault, [named[0].id])
    return (named[0].path,)


def _withdraw(connection: sqlite3.Connection, chosen: Collection[str]) -> dict[str, notes.Publication]:
    for note in chosen:
        notes.withdraw(connection, note)
        holds.release(connection, note)
    return notes.every(connection)


def _goes(version: VaultNote, publication: notes.Publication | None) -> bool:
    """Whether this version waits to leave, or will as soon as it has been looked through."""
    if version.note.visibility == Visibility.PRIVATE or version.size > record.MAX_BODY_BYTES:
        return False
    return bool(publication and publication.body_sha256) or not notes.knows(publication, version.sha256)
