"""Forgetting a note, an answer, or everything, and a look whether it is gone. What others hold is out of reach, and said so."""

import asyncio
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from weal_node.config import Home
from weal_node.errors import NodeError, NotFoundError, VaultError
from weal_node.mind.answers import drop_answer
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Note
from weal_node.rereading import digests
from weal_node.search import indexing
from weal_node.store import answers
from weal_node.store.database import Database
from weal_node.upkeep import erased_rows, remains
from weal_node.vault import history, markdown, rewrite
from weal_node.vault.folder import Vault
from weal_node.vault.versions import UnreadableNote


@dataclass(frozen=True, slots=True)
class Forgotten:
    """what: in the person's words.  versions: of a note that were in the history.  left: how often it had been published.
    remains: where something of it still is, as read back.  elsewhere: where words stand that it had too.  closed: what could not be
    looked into.  states: what was put to the person because of it, and is no more."""

    what: str
    versions: int = 0
    left: int = 0
    remains: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteTraces:
    """What there is of a note, before it is forgotten. gone: whether its file is, and only the history has it."""

    id: str
    path: str
    title: str
    versions: int
    left: int
    gone: bool


async def find(database: Database, vault: Vault, wanted: str) -> NoteTraces:
    """Return what would be lost; NotFoundError where no note of this id or path is. Changes nothing."""
    note_id, path = await asyncio.to_thread(_find, vault, wanted)
    paths = await asyncio.to_thread(_paths, vault, path)
    contents = await asyncio.to_thread(rewrite.blobs, vault.root, paths)
    left = await database.read(lambda connection: len(erased_rows.published(connection, note_id, paths)))
    titles = _titles(contents.values(), path)
    return NoteTraces(
        note_id, path, titles[0] if titles else path, len(contents), left, not (vault.root / path).exists()
    )


async def note(database: Database, vault: Vault, own_key: str, wanted: str) -> Forgotten:
    """Forget a note, by id or path, also one whose file is gone: file, every version, what the database holds of it. Then read back."""
    note_id, path = await asyncio.to_thread(_find, vault, wanted)
    await asyncio.to_thread(vault.commit_outside, [path])
    paths = await asyncio.to_thread(_paths, vault, path)
    versions = await asyncio.to_thread(rewrite.blobs, vault.root, paths)
    contents = list(versions.values())
    own = await asyncio.to_thread(remains.lines, contents)
    titles = await asyncio.to_thread(_titles, contents, path)
    embedded = await asyncio.to_thread(_embedded, contents, path)
    await asyncio.to_thread(vault.forget, paths)
    others = await asyncio.to_thread(remains.lines, [vault.raw(other_note.path) for other_note in vault.read_all()[0]])
    sought = remains.Sought((note_id,), tuple(paths), titles, own, own & others)
    about = erased_rows.Erased(note_id, tuple(paths), own_key, sought, embedded)
    left, states = await database.write(partial(erased_rows.rows, about=about))
    busy = await _compacted(database)
    remnants = await asyncio.to_thread(remains.look, database.path, vault.root, sought)
    surely = (
        *remnants.surely,
        *busy,
        *map("a version in the history: {}".format, rewrite.holds(vault.root, [*versions])),
    )
    return Forgotten(f"the note {path}", len(versions), left, surely, remnants.maybe, remnants.closed, states)


async def _compacted(database: Database) -> tuple[str, ...]:
    """Rewrite the database's file; say so where somebody reads it just now, and its log may hold words still."""
    try:
        await database.compact()
    except NodeError as fault:
        return (f"the database's log may: {fault.what}. It is emptied when the node is next started",)
    return ()


def _paths(vault: Vault, path: str) -> list[str]:
    return sorted({path, *(commit.path for commit in history.versions(vault.root, path, 100_000))})


def _titles(contents: Iterable[bytes], path: str) -> tuple[str, ...]:
    """Return what the note was ever called, by title and other names."""
    names: dict[str, None] = {}
    for content in contents:
        try:
            version = markdown.read(content, path)
        except VaultError:
            continue
        names.update(dict.fromkeys((version.title, *version.aliases)))
    return tuple(filter(None, names))


def _embedded(contents: Iterable[bytes], path: str) -> frozenset[str]:
    """Return under which digests embeddings of its passages may lie, of every version."""
    embedded: set[str] = set()
    for content in contents:
        try:
            version = markdown.read(content, path)
        except VaultError:
            continue
        embedded.update(digest for _, digest in indexing.pieces(version.title, indexing.readable(version)) if digest)
        embedded.update(digests.of(version))
    return frozenset(embedded)


def _find(vault: Vault, wanted: str) -> tuple[str, str]:
    """Return id and path of a note that is there, readable or not, or is only in the history."""
    known: list[Note | UnreadableNote] = [*vault.read_all()[0], *vault.refused()]
    for entry in known:
        if wanted in (entry.id, entry.path):
            return entry.id, entry.path
    gone = history.gone(vault.root)
    head = history.head(vault.root)
    for path in gone:
        raw = history.at(vault.root, head, path)
        try:
            note_id = markdown.read(raw, path).id
        except VaultError:
            note_id = markdown.id_in(raw)
        note_id = note_id or hashlib.sha256(b"weal/note/" + path.encode()).hexdigest()[:32]
        if wanted in (note_id, path):
            return note_id, path
    raise NotFoundError("there is no such note", "Name it by its path in the vault, or by the id in its address")


async def find_answer(database: Database, wanted: str) -> Answer:
    """Return an answer; NotFoundError where there is none of this id."""
    for answer in await database.read(answers.every):
        if answer.id == wanted:
            return answer
    raise NotFoundError("there is no such answer to forget", "`weal export` lists them, so does the page Answers")


async def answer(database: Database, vault: Path, wanted: str, now_ms: int, mind: Mind | None = None) -> Forgotten:
    """Forget an answer, and look whether it is gone from every file of the home. mind: of a node that runs, which learns anew what it
    believes; any other does so when it starts."""
    if not await database.write(partial(drop_answer, answer=wanted, now_ms=now_ms)):
        raise NotFoundError("there is no such answer to forget", "`weal export` lists them, so does the page Answers")
    if mind is not None:
        await mind.relearn()
    busy = await _compacted(database)
    sought = remains.Sought((), lines=frozenset({wanted.encode()}))
    remnants = await asyncio.to_thread(remains.look, database.path, vault, sought)
    return Forgotten(
        f"the answer {wanted}", remains=(*remnants.surely, *busy), elsewhere=remnants.maybe, closed=remnants.closed
    )


def everything(place: Home) -> Forgotten:
    """Delete this home; the caller holds its lock. A folder of notes that was only opened here stays as it is."""
    linked = place.vault.resolve() if place.vault.is_symlink() else None
    if not place.keys.is_dir():
        raise NodeError(f"there is no node in {place.root}", "Nothing was deleted")
    if linked is not None:
        place.vault.unlink()
    shutil.rmtree(place.root, ignore_errors=True)  # what cannot be deleted is listed below
    left: tuple[str, ...] = ()
    if place.root.exists():
        files = [file for file in sorted(place.root.rglob("*")) if not file.is_dir()]
        left = tuple(map(str, files)) or (str(place.root),)
    stays = (f"{linked}: your notes, as they are",) if linked is not None else ()
    return Forgotten(f"everything in {place.root}", remains=(*left, *stays))
