"""The index: what was written here or came from others can be found, by its words at once and by its meaning soon after."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any

from weal_node.errors import OWN_FAULTS, VaultError
from weal_node.features.weights import ENCODER_SHA256
from weal_node.records import Note
from weal_node.store import (
    aside,
    embeddings,
    expulsions,
    imports,
    lexicon,
    passages,
    reading_places,
    record_counts,
    records,
)
from weal_node.store.database import Database
from weal_node.store.isolation import apart, each
from weal_node.store.passages import IndexedDocument
from weal_node.store.rows import column
from weal_node.text.passages import UNDERSTOOD, split
from weal_node.vault import comments, markdown, properties
from weal_node.vault.folder import Vault
from weal_node.vault.versions import VaultNote, first_by_id
from weal_node.worker import TorchWorker
from weal_protocol.items import item_id

AT_ONCE = 200  # notes a transaction
READER = "reader/index"
DROPPED = 500  # embeddings a transaction
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
    names = list(map(itemgetter(-1), rows))
    stored = await database.read(lambda connection: embeddings.find(connection, ENCODER_SHA256, names))
    fresh = {name: embedded(title, text) for _, title, text, name in rows if name not in stored}
    try:
        vectors = await worker.embed(list(fresh.values())) if fresh else ()
        vectors_by_name = list(zip(fresh, vectors, strict=True))
    except OWN_FAULTS:  # one of them: the others are embedded one by one, and it is found by its words alone
        vectors_by_name = []
        for name, text in fresh.items():
            vectors_by_name += [(name, vector) for vector in await _embedded_alone(worker, text)]

    def keep(connection: sqlite3.Connection) -> None:
        embeddings.add(connection, ENCODER_SHA256, vectors_by_name)
        passages.understood(connection, column(rows))

    if rows:
        await database.write(keep)
    return len(rows)


async def read_again(database: Database) -> None:
    """Let passages that another encoder read wait for this one. It is asked at every start, so a kill on the way costs nothing."""
    if await database.read(partial(passages.is_unread, encoder=ENCODER_SHA256)):
        await database.write(partial(passages.read_again, encoder=ENCODER_SHA256))


async def drop_vectors_of_before(database: Database) -> int:
    """Drop some embeddings that another encoder made, once nothing waits for this one; return how many, 0 when none is left."""
    return await database.write_soon(partial(embeddings.drop_others, encoder=ENCODER_SHA256, limit=DROPPED))


async def _embedded_alone(worker: TorchWorker, text: str) -> Sequence[Any]:
    try:
        return list(await worker.embed([text]))
    except OWN_FAULTS:
        return ()


def embedded(title: str, text: str) -> str:
    """Return what is embedded of a passage: it knows what its note is called."""
    return f"{title}\n{text}".strip()


def readable(note: Note) -> str:
    """Return a note's text, its remarks apart, and after it its properties, and what it needs and offers, each in a line."""
    lines = properties.lines(tuple((_no_wish(name), values) for name, values in note.properties))
    lines += map("Needs: {}".format, note.needs)
    lines += map("Offers: {}".format, note.offers)
    body = comments.apart(note.body)
    return "\n".join([body.rstrip(), "", *lines]) if lines else body


def _no_wish(name: str) -> str:
    """Return a property's name so that its line is not taken for a need or an offer."""
    return f"({name})" if name.casefold() in ("needs", "offers") else name


def pieces(title: str, body: str) -> Pieces:
    """Return the passages of a text, each with the hash that its embedding is kept under."""
    parts: Pieces = []
    for number, text in enumerate(split(body)):
        digest = hashlib.sha256(embedded(title, text).encode()).hexdigest() if number < UNDERSTOOD else ""
        parts.append((text, digest))
    return parts


async def of_vault(database: Database, vault: Vault, progress: Progress = nothing) -> int:
    """Take in what is new or changed in the vault, and drop what is gone; return how many."""
    versions = first_by_id(await asyncio.to_thread(vault.versions))
    indexed = await database.read(partial(passages.versions, author=""))
    changed = [
        version
        for note, version in versions.items()
        if indexed.get(note) != (version.sha256, version.note.visibility.value)
    ]
    removed = [note for note in indexed if note not in versions]
    dates = await database.read(imports.dates) if changed else {}
    for start in range(0, len(changed), AT_ONCE):
        documents = await asyncio.to_thread(_documents, vault, changed[start : start + AT_ONCE], dates)
        await database.write(partial(_replace, documents=documents))
        progress(min(start + AT_ONCE, len(changed)), len(changed))
    if removed:
        await database.write(partial(_remove, notes=removed))
    return len(changed) + len(removed)


def _documents(
    vault: Vault, versions: list[VaultNote], dates: dict[tuple[str, str], int]
) -> list[tuple[IndexedDocument, Pieces]]:
    return [
        (_document(vault, version, dates), pieces(version.note.title, readable(version.note))) for version in versions
    ]


def _document(vault: Vault, version: VaultNote, dates: dict[tuple[str, str], int]) -> IndexedDocument:
    note = version.note
    try:  # what was imported keeps the date it had at its source until somebody changes it here
        dated_ms = dates.get((note.path, version.sha256)) or dates.get(("", version.sha256))
        written_ms = dated_ms or int((vault.root / note.path).stat().st_mtime * 1_000)
    except OSError:
        written_ms = 0  # it went away meanwhile, and will be dropped at the next look
    visibility = note.visibility.value
    return IndexedDocument(
        "", note.id, version.sha256, "note", note.path, note.title, note.tags, visibility, written_ms
    )


async def of_before(database: Database, progress: Progress = nothing) -> int:
    """Cut the words of passages anew that an earlier version cut otherwise; return how many. Until it is their turn they are
    found as they were."""
    recut_count = 0
    while rows := await database.read(partial(lexicon.of_before, limit=AT_ONCE)):
        moved = await asyncio.to_thread(_recut, rows)
        await database.write_soon(partial(lexicon.move, moved=moved))
        recut_count += len(rows)
        progress(recut_count, recut_count)
    return recut_count


def _recut(rows: list[tuple[int, str, str, str]]) -> list[tuple[int, lexicon.Cut]]:
    return [(number, lexicon.cut(title, tags, text)) for number, title, tags, text in rows]


async def of_records(database: Database, own_key: str, progress: Progress = nothing) -> int:
    """Take in what others shared, and drop what was taken back; return how many."""
    count, total = 0, await database.read(partial(reading_places.left, reader=READER))
    while rows := await database.read(partial(_unread, limit=AT_ONCE)):
        readable_rows = await database.read(partial(_wanted, rows=rows, own_key=own_key))
        # A stranger's front matter may take its parser a second: never on the event loop.
        documents, bad = await asyncio.to_thread(each, readable_rows, _mirrored)
        await database.write(partial(_enter, rows=rows, documents=documents, bad=bad))
        count += len(rows)
        progress(min(count, total), total)
    return count


def _unread(connection: sqlite3.Connection, limit: int) -> tuple[records.Mirrored, ...]:
    return records.after(connection, reading_places.position(connection, READER), limit)


def _wanted(connection: sqlite3.Connection, rows: tuple[records.Mirrored, ...], own_key: str) -> list[records.Mirrored]:
    """Return which of these others may find: of each note the newest, nothing that was taken back, nothing that is there already."""
    hidden = expulsions.keys(connection)
    return [row for row in rows if row.author not in hidden and _is_wanted(connection, row, own_key)]


def _is_wanted(connection: sqlite3.Connection, row: records.Mirrored, own_key: str) -> bool:
    if row.kind not in ("note", "item") or not row.body or (row.author == own_key and row.kind != "item"):
        return False
    newest = record_counts.newest(connection, row.author, row.note, row.kind)
    return newest == row.id and not passages.there(connection, row.id)


def _enter(
    connection: sqlite3.Connection,
    rows: tuple[records.Mirrored, ...],
    documents: list[tuple[records.Mirrored, tuple[IndexedDocument, Pieces]]],
    bad: list[tuple[records.Mirrored, str]],
) -> None:
    """Enter what was made of these records, each by itself, and drop what they took the place of."""
    ready = {row.id: document for row, document in documents}
    for row, why in bad:
        aside.add(connection, "search", row.id, why)
    for row in rows:
        with apart(connection, partial(aside.add, connection, "search", row.id)):
            if row.id in ready:
                passages.replace(connection, *ready[row.id])
            elif _silent(connection, row):
                passages.remove(connection, row.author, row.note)
    reading_places.advance(connection, READER, rows[-1].position)


def _silent(connection: sqlite3.Connection, row: records.Mirrored) -> bool:
    """Whether the newest of a note was taken back: older ones say nothing either."""
    taken_back = row.kind in ("note", "item") and not row.body
    return taken_back and record_counts.newest(connection, row.author, row.note, row.kind) == row.id


def _mirrored(row: records.Mirrored) -> tuple[IndexedDocument, Pieces]:
    path, title, text, tags = row.path, "", row.body, tuple[str, ...]()
    if row.kind == "note":
        try:
            note = markdown.read(row.body.encode(), path or "note.md")
            text = readable(replace(note, body=comments.without(note.body)))
            title, tags = note.title, note.tags
        except VaultError:
            title = path  # malformed front matter of another: found by its words as they stand
    if row.kind == "item":
        path = item_id(row.body)  # by which its page is called
    document = IndexedDocument(
        row.author, row.note, row.id, row.kind, path, title, tags, row.visibility, row.written_ms
    )
    return document, pieces(title, text)


def _remove(connection: sqlite3.Connection, notes: list[str]) -> None:
    for note in notes:
        passages.remove(connection, "", note)


def _replace(connection: sqlite3.Connection, documents: list[tuple[IndexedDocument, Pieces]]) -> None:
    for document, parts in documents:
        passages.replace(connection, document, parts)
