"""Index: what was written here or came from others can be found, by its words at once and by its meaning soon after."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable
from functools import partial

from weal_node.errors import VaultError
from weal_node.features.weights import ENCODER_SHA256
from weal_node.records import Note
from weal_node.search.passages import UNDERSTOOD, split
from weal_node.store import embeddings, lexicon, passages
from weal_node.store.database import Database
from weal_node.store.passages import Document
from weal_node.vault import markdown
from weal_node.vault.folder import Vault, Version
from weal_node.worker import TorchWorker
from weal_protocol.items import item_id

AT_ONCE = 200  # notes a transaction
TEXTS = 16  # embedded at a time: a question that comes meanwhile waits a second at most

Pieces = list[tuple[str, str]]
Progress = Callable[[int, int], None]  # done, of all


def nothing(_done: int, _all: int) -> None:
    """Report progress to nobody."""


async def by_words(database: Database, vault: Vault, own_key: str, progress: Progress = nothing) -> int:
    """Take in every note of the vault and every record that is new or changed, and drop what is gone; return how many."""
    return await of_vault(database, vault, progress) + await of_records(database, own_key, progress)


async def by_meaning(database: Database, worker: TorchWorker) -> int:
    """Embed some of the passages that wait, the latest first; return how many, 0 when none is left."""
    rows = await database.read(partial(passages.waiting, limit=TEXTS))
    names = [name for *_, name in rows]
    known = await database.read(lambda connection: embeddings.find(connection, ENCODER_SHA256, names))
    fresh = {name: embedded(title, text) for _, title, text, name in rows if name not in known}
    vectors = await worker.embed(list(fresh.values())) if fresh else ()
    made = list(zip(fresh, vectors, strict=True))

    def keep(connection: sqlite3.Connection) -> None:
        embeddings.add(connection, ENCODER_SHA256, made)
        passages.understood(connection, [row[0] for row in rows])

    if rows:
        await database.write(keep)
    return len(rows)


def embedded(title: str, text: str) -> str:
    """Return what is embedded of a passage: it knows what its note is called."""
    return f"{title}\n{text}".strip()


def readable(note: Note) -> str:
    """Return a note's text, and after it what it needs and offers, each in a line."""
    lines = [f"Needs: {line}" for line in note.needs] + [f"Offers: {line}" for line in note.offers]
    return "\n".join([note.body.rstrip(), "", *lines]) if lines else note.body


def pieces(title: str, body: str) -> Pieces:
    """Return the passages of a text, each with the hash that its embedding is kept under."""
    return [
        (text, hashlib.sha256(embedded(title, text).encode()).hexdigest() if number < UNDERSTOOD else "")
        for number, text in enumerate(split(body))
    ]


async def of_vault(database: Database, vault: Vault, progress: Progress = nothing) -> int:
    """Take in what is new or changed in the vault, and drop what is gone; return how many."""
    found = {version.note.id: version for version in reversed(await asyncio.to_thread(vault.versions))}
    known = await database.read(partial(passages.versions, author=""))
    changed = [one for note, one in found.items() if known.get(note) != (one.sha256, one.note.visibility.value)]
    gone = [note for note in known if note not in found]
    for start in range(0, len(changed), AT_ONCE):
        made = await asyncio.to_thread(_documents, vault, changed[start : start + AT_ONCE])
        await database.write(partial(_replace, made=made))
        progress(min(start + AT_ONCE, len(changed)), len(changed))
    if gone:
        await database.write(partial(_remove, gone=[("", note) for note in gone]))
    return len(changed) + len(gone)


def _documents(vault: Vault, versions: list[Version]) -> list[tuple[Document, Pieces]]:
    return [(_document(vault, one), pieces(one.note.title, readable(one.note))) for one in versions]


def _document(vault: Vault, version: Version) -> Document:
    note = version.note
    try:
        written_ms = int((vault.root / note.path).stat().st_mtime * 1_000)
    except OSError:
        written_ms = 0  # it went away meanwhile, and will be dropped at the next look
    said = note.visibility.value
    return Document("", note.id, version.sha256, "note", note.path, note.title, note.tags, said, written_ms)


async def of_before(database: Database, progress: Progress = nothing) -> int:
    """Cut the words of passages anew that an earlier version cut otherwise; return how many. Until it is their turn they are
    found as they were."""
    done = 0
    while rows := await database.read(partial(lexicon.of_before, limit=AT_ONCE)):
        moved = await asyncio.to_thread(_recut, rows)
        await database.write_soon(partial(lexicon.move, moved=moved))
        done += len(rows)
        progress(done, done)
    return done


def _recut(rows: list[tuple[int, str, str, str]]) -> list[tuple[int, lexicon.Cut]]:
    return [(one, lexicon.cut(title, tags, text)) for one, title, tags, text in rows]


async def of_records(database: Database, own_key: str, progress: Progress = nothing) -> int:
    """Take in what others shared, and drop what was taken back; return how many."""
    done, last, total = 0, 0, await database.read(partial(passages.unread_count, own_key=own_key))
    while rows := await database.read(partial(passages.unread, own_key=own_key, after=last, limit=AT_ONCE)):
        # A stranger's front matter may take its parser a second: never on the event loop.
        made = await asyncio.to_thread(_all_mirrored, rows)
        await database.write(partial(_replace, made=made))
        done, last = done + len(rows), rows[-1][0]
        progress(min(done, total), total)
    gone = await database.read(passages.gone)
    if gone:
        await database.write(partial(_remove, gone=gone))
    return done + len(gone)


def _all_mirrored(rows: list[tuple[int, str, str, str, str, str, str, int, str]]) -> list[tuple[Document, Pieces]]:
    return [_mirrored(*row[1:]) for row in rows]


def _mirrored(
    record: str, kind: str, author: str, note: str, path: str, visibility: str, written_ms: int, body: str
) -> tuple[Document, Pieces]:
    title, text, tags = "", body, tuple[str, ...]()
    if kind == "note":
        try:
            found = markdown.read(body.encode(), path or "note.md")
            title, text, tags = found.title, readable(found), found.tags
        except VaultError:
            title = path  # malformed front matter of another: found by its words as they stand
    if kind == "item":
        path = item_id(body)  # by which its page is called
    return Document(author, note, record, kind, path, title, tags, visibility, written_ms), pieces(title, text)


def _remove(connection: sqlite3.Connection, gone: list[tuple[str, str]]) -> None:
    for author, note in gone:
        passages.remove(connection, author, note)


def _replace(connection: sqlite3.Connection, made: list[tuple[Document, Pieces]]) -> None:
    for of, parts in made:
        passages.replace(connection, of, parts)
