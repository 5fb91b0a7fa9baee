"""Publish and mirror: own notes leave after a delay, written down first; what others shared comes in, verified."""

import asyncio
import hashlib
import secrets
import sqlite3
from functools import partial

from weal_node.config import Settings
from weal_node.errors import VaultError
from weal_node.keys import Keys
from weal_node.loop.judge import Mind
from weal_node.outbound.community import Community
from weal_node.records import Note, State, Visibility
from weal_node.store import disclosures, notes, records
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_node.vault.folder import Vault
from weal_protocol import record
from weal_protocol.items import item_id

NOTE_CHARACTERS = 400  # of another's note, as a state to judge


async def written(database: Database, vault: Vault) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    """Return the vault's notes, and one line for each file that cannot be read."""
    return await asyncio.to_thread(vault.read_all)


async def waiting(database: Database) -> dict[str, int]:
    """Return when each note that waits will leave: Unix time in ms by note id."""
    return await database.read(notes.waiting)


async def save(database: Database, vault: Vault, settings: Settings, now_ms: int, note: Note) -> Note:
    """Write the note into the vault; unless it is private, let it leave after the delay."""
    saved = await asyncio.to_thread(vault.save, note)
    digest = hashlib.sha256(await asyncio.to_thread(vault.raw, saved.path)).hexdigest()
    due = now_ms + settings.publish_delay_s * 1_000
    if saved.visibility == Visibility.PRIVATE:
        await database.write(lambda connection: notes.withdraw(connection, saved.id))
    else:
        await database.write(lambda connection: notes.schedule(connection, saved.id, due, digest))
    return saved


async def undo(database: Database, vault: Vault, note_id: str) -> bool:
    """Hold back what has not left; a note of which nothing left becomes private. False when nothing waited."""
    held = await database.write(lambda connection: notes.withdraw(connection, note_id))
    standing = await database.read(lambda connection: notes.find(connection, note_id))
    found, _ = await written(database, vault)
    note = next((one for one in found if one.id == note_id), None)
    if held and note is not None and standing is not None and not standing.record:
        private = Note(
            note.id, note.path, note.title, note.body, Visibility.PRIVATE, note.needs, note.offers, note.tags
        )
        await asyncio.to_thread(vault.save, private)
    return held


async def send_due(database: Database, vault: Vault, keys: Keys, community: Community, now_ms: int) -> int:
    """Send every note whose delay is over and that still is as it was saved; return how many left."""
    sent = 0
    for due in await database.read(lambda connection: notes.due(connection, now_ms)):
        found, _ = await written(database, vault)
        note = next((one for one in found if one.id == due.note), None)
        body = await asyncio.to_thread(vault.raw, note.path) if note is not None else b""
        if note is None or note.visibility == Visibility.PRIVATE or hashlib.sha256(body).hexdigest() != due.body_sha256:
            await database.write(partial(_withdraw, note=due.note))
            continue
        made = record.make(
            "note",
            body,
            author=keys.agent,
            salt=secrets.token_bytes(16),
            written_ms=now_ms,
            note=bytes.fromhex(note.id),
            path=note.path,
            visibility=note.visibility.value,
            parents=(due.record,) if due.record else (),
        )
        await _send(database, community, made, now_ms)
        await database.write(partial(notes.published, note=note.id, record=made.id))
        sent += 1
    return sent


def _withdraw(connection: sqlite3.Connection, note: str) -> bool:
    return notes.withdraw(connection, note)


async def _send(database: Database, community: Community, made: record.Record, now_ms: int) -> None:
    """Enter the disclosure, then send: what left without an entry would be a lie of the ledger."""
    await database.write(
        lambda connection: disclosures.write(connection, now_ms, "commons", made.kind, made.body, len(made.raw))
    )
    await community.publish([made])


async def mirror(database: Database, keys: Keys, community: Community, mind: Mind) -> int:
    """Fetch what is new in the commons, keep it, and let the agent read it; return how many records came."""
    came = 0
    while True:
        after = await database.read(lambda connection: records.position(connection, community.id))
        fetched, position = await community.records(after)
        if position == after:
            return came
        rows = [_row(one, position) for one in fetched]
        read = (_state(row, keys.agent_public.hex()) for row in rows)
        await mind.add_states([state for state in read if state is not None])
        await database.write(partial(_keep, rows=rows, community=community.id, position=position))
        came += len(rows)


def _keep(connection: sqlite3.Connection, rows: list[records.Mirrored], community: str, position: int) -> None:
    records.add(connection, rows)
    records.advance(connection, community, position)


def _row(one: record.Record, position: int) -> records.Mirrored:
    return records.Mirrored(
        one.id,
        position,
        one.kind,
        one.author.hex(),
        one.note.hex(),
        one.path,
        one.visibility,
        one.written_ms,
        one.body.decode(),
        one.raw,
    )


def _state(row: records.Mirrored, own_key: str) -> State | None:
    """Return what can be judged in a record: an item's text, or another's note in short."""
    if row.kind == "item":
        return State(item_id(row.body), row.body)
    if row.author == own_key:
        return None
    try:
        note = markdown.read(row.body.encode(), row.path or "note.md")
    except VaultError:  # malformed front matter of another: kept, not judged
        return None
    text = f"{note.title}: {' '.join(note.body.split())}"[:NOTE_CHARACTERS]
    return State(item_id(text), text, "note")
