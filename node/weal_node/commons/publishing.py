"""Own notes leave after a delay, written down first. What others share comes in by `reconcile`."""

import asyncio
import contextlib
import sqlite3
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from weal_node.commons import consent, review
from weal_node.commons.admission import Quota, admit
from weal_node.config import Settings
from weal_node.errors import StaysHereError, UnknownParentsError, VaultError
from weal_node.keys import Keys
from weal_node.outbound.community import Community
from weal_node.records import Note, Visibility
from weal_node.store import consents, disclosures, holds, imports, notes, records
from weal_node.store.database import Database
from weal_node.vault import sensitive
from weal_node.vault.folder import Vault
from weal_node.vault.leaving import outgoing
from weal_node.vault.versions import VaultNote, first_by_id
from weal_protocol import licences, record
from weal_protocol.errors import MalformedError


async def written(database: Database, vault: Vault) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    """Return the vault's notes, and one line for each file that cannot be read."""
    return await asyncio.to_thread(vault.read_all)


async def own_note(database: Database, vault: Vault, note_id: str) -> Note | None:
    """Return the own note of this id, of several files with it the first by path; None where no file has it."""
    for note in (await written(database, vault))[0]:
        if note.id == note_id:
            return note
    return None


async def waiting(database: Database) -> dict[str, int]:
    """Return when each note that waits will leave: Unix time in ms by note id."""
    return await database.read(notes.waiting)


@dataclass(frozen=True, slots=True)
class Revision:
    """How a save follows the file that is there. seen, over: see `Vault.save`.  message: of its commit, "" for the usual one."""

    seen: str = ""
    message: str = ""
    over: bytes | None = None


ANEW = Revision()


async def save(
    database: Database, vault: Vault, settings: Settings, now_ms: int, note: Note, revision: Revision = ANEW
) -> Note:
    """Write the note into the vault; unless it is private, let it leave after the delay, or hold it back (see `review`).

    ChangedMeanwhileError where another program changed the file since `revision` saw it."""
    due, too_large = now_ms + settings.publish_delay_s * 1_000, False

    def schedule(saved: Note, content: bytes) -> None:
        nonlocal too_large
        too_large = saved.visibility != Visibility.PRIVATE and len(content) > record.MAX_BODY_BYTES
        database.write_now(partial(_saved, note=saved, candidate=review.leaving(saved, content), due_ms=due))

    saved = await asyncio.to_thread(vault.save, note, schedule, revision.seen, revision.message, revision.over)
    if vault.rules.unreviewed or vault.rules.kept:
        await review.renew(database, vault)
    if too_large:
        limit = f"{record.MAX_BODY_BYTES // 1024} KiB"
        raise StaysHereError(
            f"the note is saved, but stays here: it is larger than {limit}", "Split it, or make it private"
        )
    return saved


def _saved(connection: sqlite3.Connection, note: Note, candidate: review.Leaving | None, due_ms: int) -> None:
    imports.review(connection, [note.path])  # who saves an imported note has said who may read it
    consents.release(connection, note.id, note.path)  # and so has who saves one that was kept at joining
    if candidate is None:
        review.stay(connection, note.id)
    else:
        review.take_up(connection, candidate, due_ms)


async def notice(database: Database, vault: Vault, settings: Settings, now_ms: int) -> int:
    """Let notes leave, after the delay, that another editor wrote or changed and that are public or for the community, by
    their file or their folder. Return how many. A version that left or was held back is known."""
    await consent.follow(database, vault)
    versions = first_by_id(await asyncio.to_thread(vault.versions))
    publications = await database.read(notes.every)
    fresh = [version for key, version in versions.items() if _is_fresh(version, publications.get(key))]
    due = now_ms + settings.publish_delay_s * 1_000
    scanned = await asyncio.to_thread(_scan, vault, fresh) if fresh else []
    return await database.write(lambda connection: _take_up(connection, scanned, due)) if scanned else 0


def _is_fresh(version: VaultNote, publication: notes.Publication | None) -> bool:
    """Whether a file says something that others may read and that neither left nor was held back yet."""
    if version.note.visibility == Visibility.PRIVATE or version.size > record.MAX_BODY_BYTES:
        return False
    return not notes.knows(publication, version.sha256)


def _scan(vault: Vault, fresh: list[VaultNote]) -> list[review.Leaving]:
    candidates = []
    for version in fresh:
        with contextlib.suppress(VaultError):  # it went away meanwhile
            candidate = review.leaving(version.note, vault.raw(version.note.path))
            if candidate is not None and candidate.sha256 == version.sha256:
                candidates.append(candidate)
    return candidates


def _take_up(connection: sqlite3.Connection, fresh: list[review.Leaving], due_ms: int) -> int:
    """Schedule what still is not known now that no one else writes; return how many leave."""
    count = 0
    for candidate in fresh:
        if not notes.knows(notes.find(connection, candidate.note), candidate.sha256):
            count += review.take_up(connection, candidate, due_ms)
    return count


async def undo(database: Database, vault: Vault, note_id: str) -> bool:
    """Hold back what has not left; a note of which nothing left becomes private. False when nothing waited."""
    held = await database.write(lambda connection: _held(connection, note_id))
    publication = await database.read(lambda connection: notes.find(connection, note_id))
    note = await own_note(database, vault, note_id)
    if held and note is not None and publication is not None and not publication.record:
        await asyncio.to_thread(vault.save, replace(note, visibility=Visibility.PRIVATE))
    return held


def _held(connection: sqlite3.Connection, note: str) -> bool:
    held_back = note in holds.every(connection)
    holds.release(connection, note)
    return notes.withdraw(connection, note) or held_back


async def send_due(database: Database, vault: Vault, keys: Keys, community: Community, now_ms: int) -> int:
    """Send every note whose delay is over and that still is as it was saved; return how many left."""
    left = 0
    waiting_now = await database.read(lambda connection: notes.due(connection, now_ms))
    vault_notes = {note.id: note for note in reversed((await written(database, vault))[0])} if waiting_now else {}
    for due in waiting_now:
        note = vault_notes.get(due.note)
        body = await _body(vault, note)
        candidate = await asyncio.to_thread(review.leaving, note, body) if note is not None else None
        if note is None or candidate is None or candidate.sha256 != due.body_sha256:
            await database.write(partial(notes.withdraw, note=due.note, body_sha256=due.body_sha256))
            continue
        if not await database.write(partial(_may_leave, candidate=candidate, due_ms=due.due_ms)):
            continue
        extra = await database.read(partial(notes.followed, note=due.note))
        origin = await database.read(partial(notes.origin, note=due.note))
        parents = (due.record,) if due.record else ()
        make = partial(
            record.make,
            "note",
            await asyncio.to_thread(outgoing, body, note.path),
            author=keys.agent,
            salt=due.salt,
            written_ms=due.due_ms,
            note=bytes.fromhex(note.id),
            path=PurePosixPath(note.path).name,  # its folders are nobody else's business
            visibility=note.visibility.value,
            licence=licences.identifier(note.licence),
        )
        try:
            made = make(parents=(*parents, *extra), forked_from="" if due.record else origin)
        except MalformedError:  # a file's name that no other vault could take
            await database.write(partial(notes.withdraw, note=due.note, body_sha256=due.body_sha256))
            continue
        # A second try sends the same bytes, which the commons takes as one record; an upgrade between the two makes others.
        if not due.entered or not await database.read(partial(records.known, ids=[made.id])):
            await database.write(partial(_enter, note=note.id, made=made, now_ms=now_ms))
        try:
            await community.publish([made])
        except UnknownParentsError:  # the last version went to another community: here the note begins anew
            made = make()
            await database.write(partial(_enter, note=note.id, made=made, now_ms=now_ms))
            await community.publish([made])
        await database.write(partial(_sent, note=note.id, made=made, body_sha256=due.body_sha256, named=extra))
        left += 1
    return left


def _may_leave(connection: sqlite3.Connection, candidate: review.Leaving, due_ms: int) -> bool:
    """Ask once more, by the rules of now: a newer Weal may see what the one that scheduled it did not."""
    allowed = holds.allowed(connection, candidate.note)
    return sensitive.digests(candidate.findings) <= allowed or review.take_up(connection, candidate, due_ms)


async def _body(vault: Vault, note: Note | None) -> bytes:
    try:
        return await asyncio.to_thread(vault.raw, note.path) if note is not None else b""
    except VaultError:
        return b""  # it went away or became too large meanwhile


def _enter(connection: sqlite3.Connection, note: str, made: record.Record, now_ms: int) -> None:
    """Enter the disclosure before the bytes leave: what left without an entry would be a lie of the ledger."""
    disclosures.write(connection, now_ms, "commons", made.kind, made.raw, disclosures.Amount(len(made.raw)))
    notes.enter(connection, note)
    # Kept like any other from here on, so that members may pull it from this node while the coordinator is away.
    admit(connection, [made], is_author=lambda _: True, own=made.author, limits=Quota())


def _sent(
    connection: sqlite3.Connection, note: str, made: record.Record, body_sha256: str, named: tuple[str, ...]
) -> None:
    notes.published(connection, note, made.id, body_sha256)
    notes.named(connection, note, named)
