"""Forget: a note, an answer, or everything; and look whether it is gone. What others hold is out of reach, and said so."""

import asyncio
import hashlib
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from weal_node.config import Home
from weal_node.errors import NodeError, NotFoundError, VaultError
from weal_node.features.layout import NAMES
from weal_node.store import (
    announcements,
    disclosures,
    edits,
    gate,
    holds,
    imports,
    labels,
    notes,
    passages,
    pasts,
    records,
)
from weal_node.store.database import Database
from weal_node.vault import history, markdown, rewrite
from weal_node.vault.folder import Vault

TELLING = 24  # characters from which a line of a note is looked for
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Forgotten:
    """what: in the person's words.  versions: of a note that were in the history.  left: how often it had been published.
    remains: where something of it still is; empty when it is gone from this node."""

    what: str
    versions: int = 0
    left: int = 0
    remains: tuple[str, ...] = ()


async def note(database: Database, vault: Vault, own_key: str, wanted: str) -> Forgotten:
    """Forget a note, by id or path, also one whose file is gone: file, every version, what the database holds of it."""
    note_id, path = await asyncio.to_thread(_find, vault, wanted)
    await asyncio.to_thread(vault.commit_outside, [path])
    paths = sorted({path, *(one.path for one in await asyncio.to_thread(history.versions, vault.root, path, 100_000))})
    versions = await asyncio.to_thread(rewrite.blobs, vault.root, paths)
    await asyncio.to_thread(vault.forget, paths)
    left = await database.write(partial(_drop, note_id=note_id, paths=paths, own_key=own_key))
    await database.compact()
    others = await asyncio.to_thread(_lines, [vault.raw(one.path) for one in vault.read_all()[0]])
    telling = await asyncio.to_thread(_lines, list(versions.values())) - others
    remains = await asyncio.to_thread(_remains, database.path, vault.root, paths, list(versions), telling)
    return Forgotten(f"the note {path}", len(versions), left, remains)


def _find(vault: Vault, wanted: str) -> tuple[str, str]:
    """Return id and path of a note that is there, or is only in the history."""
    for one in vault.read_all()[0]:
        if wanted in (one.id, one.path):
            return one.id, one.path
    gone = history.gone(vault.root)
    head = history.head(vault.root)
    for path in gone:
        raw = history.at(vault.root, head, path)
        try:
            note_id = markdown.read(raw, path).id
        except VaultError:
            note_id = ""
        note_id = note_id or hashlib.sha256(b"weal/note/" + path.encode()).hexdigest()[:32]
        if wanted in (note_id, path):
            return note_id, path
    raise NotFoundError("there is no such note", "Name it by its path in the vault, or by the id in its address")


def _drop(connection: sqlite3.Connection, note_id: str, paths: list[str], own_key: str) -> int:
    """Drop all rows about a note; of the ledger's entries keep that it left, not what. Return how often it had left."""
    left = 0
    for entry in disclosures.all_of(connection):
        if entry.what == "note" and _is_of(entry.payload, note_id, paths):
            disclosures.forget_payload(connection, entry.id, hashlib.sha256(entry.payload).digest())
            left += 1
    notes.forget(connection, note_id)
    pasts.forget(connection)  # the history was written anew
    holds.forget(connection, note_id)
    imports.forget(connection, paths)
    records.forget(connection, own_key, note_id)
    passages.forget(connection, "", note_id)
    announcements.unname(connection, NAMES)
    return left


def _is_of(payload: bytes, note_id: str, paths: list[str]) -> bool:
    for path in paths:
        try:
            found = markdown.read(payload, path)
        except VaultError:
            return False
        named = found.id or hashlib.sha256(b"weal/note/" + path.encode()).hexdigest()[:32]
        if named == note_id:
            return True
    return False


async def label(database: Database, wanted: str, now_ms: int) -> Forgotten:
    """Forget an answer of a node that does not run; what it believes is learnt anew when it starts."""
    if not await database.write(partial(drop_label, label=wanted, now_ms=now_ms)):
        raise NotFoundError("there is no such answer to forget", "`weal export` lists them, so does the page Answers")
    return await gone_label(database, wanted)


async def gone_label(database: Database, wanted: str) -> Forgotten:
    """Look whether a forgotten answer is gone from the database's files."""
    await database.compact()
    remains = await asyncio.to_thread(lambda: tuple(_in_files(database.path, [wanted.encode()])))
    return Forgotten(f"the answer {wanted}", remains=remains)


def drop_label(connection: sqlite3.Connection, label: str, now_ms: int) -> bool:
    """Drop one answer, what was guessed before it and what was said after it; only a commitment stays, a hash with a salt that is thrown away: that
    something was forgotten, not what. False where there is no such answer."""
    announcements.forget(connection, label)
    commitment = hashlib.sha256(secrets.token_bytes(32) + label.encode()).hexdigest()
    about = labels.item_of(connection, label)
    return (
        labels.remove(connection, label)
        and gate.forget(connection, label)
        and (labels.answered(connection, about) or gate.unsay(connection, about))
        and edits.commit(connection, commitment, now_ms)
    )


def everything(place: Home) -> Forgotten:
    """Delete this home; the caller holds its lock. A folder of notes that was only opened here stays as it is."""
    linked = place.vault.resolve() if place.vault.is_symlink() else None
    if not place.keys.is_dir():
        raise NodeError(f"there is no node in {place.root}", "Nothing was deleted")
    if linked is not None:
        place.vault.unlink()
    shutil.rmtree(place.root)
    left = (str(place.root),) if place.root.exists() else ()
    stays = (f"{linked}: your notes, as they are",) if linked is not None else ()
    return Forgotten(f"everything in {place.root}", remains=(*left, *stays))


def _lines(contents: list[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for content in contents:
        found.update(line for raw in content.splitlines() if len(line := raw.strip()) >= TELLING)
    return found


def _remains(database: Path, root: Path, paths: list[str], blobs: list[str], telling: set[bytes]) -> tuple[str, ...]:
    """Return where something of a note still is: its files, its contents in the history, its lines in the database."""
    found = [f"the file {path}" for path in paths if (root / path).exists()]
    found += [f"a version in the history: {blob}" for blob in rewrite.holds(root, blobs)]
    lines = sorted(telling)[:MOST_LINES]
    found += list(_in_tables(database, lines)) or list(_in_files(database, lines))
    return tuple(found)


def _in_tables(database: Path, lines: list[bytes]) -> Iterator[str]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = connection.execute(f'SELECT * FROM "{table.decode()}"')  # noqa: S608  # a name from the schema itself
            number = sum(any(line in cell for cell in row if isinstance(cell, bytes) for line in lines) for row in rows)
            if number:
                yield f"{number} row{'' if number == 1 else 's'} of {table.decode()} in the database quote it"
    finally:
        connection.close()


def _in_files(database: Path, needles: list[bytes]) -> Iterator[str]:
    for place in (database, database.with_name(database.name + "-wal")):
        content = place.read_bytes() if place.exists() else b""
        if any(needle in content for needle in needles):
            yield f"bytes of it in {place.name}"
