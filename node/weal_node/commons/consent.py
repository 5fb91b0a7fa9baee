"""Consent: before a node joins, its person ticks which of the notes written so far may leave; every other one stays here.

What is listed is read from the rule that publishes. A note that is kept counts as private until its person says on its page, or in
a line of its file that says something new, who may read it. Every delay begins at joining.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from weal_node.commons import review
from weal_node.config import Settings
from weal_node.errors import RefusedError, TypedError, VaultError
from weal_node.records import Note, Visibility
from weal_node.store import consents, folders, mail, notes
from weal_node.store.consents import ANYTHING, KeptFile
from weal_node.store.database import Database
from weal_node.vault import markdown
from weal_node.vault.folder import Vault, VaultNote
from weal_node.vault.rules import Rules
from weal_protocol import record

SHORTEST = 6  # hex digits by which a note can be named


@dataclass(frozen=True, slots=True)
class Queued:
    """A note that would leave if it were ticked. held: what the scan saw in it, so that it is held back even then, or "".
    left: whether an older or this version went to a community before."""

    note: Note
    held: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """What stands on the page of joining. queued: by path.  total: how many notes there are.  unread: files that cannot be read.
    letters: sealed messages that wait since another community was left."""

    queued: tuple[Queued, ...]
    total: int
    unread: int = 0
    letters: int = 0


async def gather(database: Database, vault: Vault) -> ConsentQuestion:
    """Return what would leave by what files and folders say, were it not asked about. Changes nothing."""
    await review.renew(database, vault)
    found = await asyncio.to_thread(_versions, vault)
    standing = await database.read(notes.every)
    firsts = {one.note.id: one for one in reversed(found)}
    due = [one for one in firsts.values() if _would(one)]
    queued = await asyncio.to_thread(_looked_at, vault, due, {key for key, one in standing.items() if one.record})
    letters = await database.read(mail.outgoing)
    return ConsentQuestion(
        tuple(sorted(queued, key=lambda one: one.note.path)), len(firsts), len(vault.refused()), len(letters)
    )


def _versions(vault: Vault) -> tuple[VaultNote, ...]:
    """Return every readable file as it would be if nothing had been kept at an earlier joining."""
    return vault.versions(replace(vault.rules, kept=MappingProxyType({})))


def _would(one: VaultNote) -> bool:
    return one.note.visibility != Visibility.PRIVATE and one.size <= record.MAX_BODY_BYTES


def _looked_at(vault: Vault, due: Sequence[VaultNote], left: Collection[str]) -> list[Queued]:
    found = []
    for one in due:
        try:
            seen = review.leaving(one.note, vault.raw(one.note.path))
        except VaultError:
            continue  # it went away meanwhile
        kinds = dict.fromkeys(finding.kind for finding in seen.findings) if seen else {}
        found.append(Queued(one.note, ", ".join(kinds), one.note.id in left))
    return found


def chosen(asked: ConsentQuestion, names: Iterable[str]) -> frozenset[str]:
    """Return the ids of the notes that these words name, each by title, path or the beginning of its id. TypedError for one that names
    none, or several."""
    found = set()
    for name in names:
        exact = [one.note.id for one in asked.queued if name in (one.note.id, one.note.path)]
        titled = [one.note.id for one in asked.queued if one.note.title.casefold() == name.strip().casefold()]
        begun = [one.note.id for one in asked.queued if len(name) >= SHORTEST and one.note.id.startswith(name.lower())]
        meant = exact or titled or begun
        if len(meant) != 1:
            why = "no note that would leave" if not meant else f"{len(meant)} notes that would leave"
            raise TypedError(
                f"{name[:80]!r} names {why}", "Name each by its path; `weal join INVITE` without --yes lists them"
            )
        found.update(meant)
    return frozenset(found)


async def settle(database: Database, vault: Vault, settings: Settings, now_ms: int, ticked: Collection[str]) -> None:
    """Let the ticked notes leave, the full delay from now, and keep every other file here, readable or not. In one transaction."""
    await review.renew(database, vault)

    def look() -> tuple[list[KeptFile], list[review.Leaving]]:
        found = _versions(vault)
        firsts = {one.note.id: one for one in reversed(found)}
        going = [one for key, one in firsts.items() if key in ticked and _would(one)]
        taken = [seen for one in going if (seen := review.leaving(one.note, vault.raw(one.note.path))) is not None]
        free, sums = {one.note for one in taken}, {one.sha256 for one in taken}
        stays = [one for one in found if one.note.id not in free or one is not firsts[one.note.id]]
        public = [one for one in stays if one.note.broken or one.note.visibility != Visibility.PRIVATE]
        kept = [_kept(one, free, sums) for one in public]
        return kept + [KeptFile("", one.path, "", ANYTHING) for one in vault.refused()], taken

    try:
        kept, taken = await asyncio.to_thread(look)
    except VaultError as fault:
        raise RefusedError(
            f"a note that was ticked cannot be read: {fault.what}", "Nothing was joined; again"
        ) from fault
    due_ms = now_ms + settings.publish_delay_s * 1_000

    def enter(connection: sqlite3.Connection) -> None:
        consents.instead(connection, kept)
        consents.asked(connection, now_ms, folders.every(connection))
        leaves = {one.note for one in taken}
        for note in notes.every(connection):
            if note not in leaves:
                review.stay(connection, note)
        for one in taken:
            review.take_up(connection, one, due_ms)

    await database.write(enter)
    await review.renew(database, vault)


def _kept(one: VaultNote, free: Collection[str] = (), sums: Collection[str] = ()) -> KeptFile:
    """Return a file that stays. free, sums: ids and digests of those that leave, by which it must not be known."""
    said = ANYTHING if one.note.broken else str(one.note.visibility) if one.note.stated else ""
    return KeptFile(
        "" if one.note.id in free else one.note.id, one.note.path, "" if one.sha256 in sums else one.sha256, said
    )


async def kept(database: Database, vault: Vault) -> tuple[Note, ...]:
    """Return the notes that stay here since a joining, by path."""
    if not await database.read(consents.every):
        return ()
    found = await asyncio.to_thread(vault.versions)
    return tuple(one.note for one in found if vault.rules.keeps(one.note, one.sha256))


async def release(database: Database, vault: Vault, settings: Settings, now_ms: int, ids: Collection[str]) -> int:
    """Let these notes, kept since a joining, leave after the delay, as their files and folders say; return how many."""
    meant = [one for one in await kept(database, vault) if one.id in ids]
    if not meant:
        return 0

    def let(connection: sqlite3.Connection) -> None:
        for one in meant:
            consents.release(connection, one.id, one.path)

    await database.write(let)
    await review.renew(database, vault)

    def look() -> list[review.Leaving]:
        there = {one.note.path: one.note for one in vault.versions()}
        seen = [review.leaving(there[one.path], vault.raw(one.path)) for one in meant if one.path in there]
        return [one for one in seen if one is not None]

    taken = await asyncio.to_thread(look)
    due_ms = now_ms + settings.publish_delay_s * 1_000
    await database.write(lambda connection: [review.take_up(connection, one, due_ms) for one in taken])
    return len(taken)


async def follow(database: Database, vault: Vault) -> None:
    """Keep up with what is kept: a file that was moved stays kept, one whose line says something new is its person's newer word, and
    one that comes later but was written before the joining is kept too."""
    rows, (since_ms, defaults) = await database.read(lambda found: (consents.every(found), consents.last(found)))
    if not since_ms:
        return
    then = Rules({folder: Visibility(value) for folder, value in defaults.items()})
    known = set(await database.read(notes.every))
    fresh, gone = await asyncio.to_thread(_followed, vault, rows, since_ms, then, known)
    if not fresh and not gone:
        return

    def act(connection: sqlite3.Connection) -> None:
        for one in gone:
            consents.release(connection, one.note, one.path)
        consents.keep(connection, fresh)

    await database.write(act)
    await review.renew(database, vault)


def _followed(
    vault: Vault, rows: Sequence[KeptFile], since_ms: int, then: Rules, known: Collection[str]
) -> tuple[list[KeptFile], list[KeptFile]]:
    """Return rows to write, and rows to drop. then: the folders' defaults at the joining.  known: ids of notes that were scheduled."""
    by_path, by_note = {one.path: one for one in rows}, {one.note: one for one in rows if one.note}
    by_sum = {one.sha256: one for one in rows if one.sha256}
    fresh, gone = [], []
    for one in vault.versions():
        row = by_path.get(one.note.path) or by_note.get(one.note.id)
        if row is None and one.sha256 in by_sum and vault.rules.keeps(one.note, one.sha256):
            fresh.append(replace(by_sum[one.sha256], note=one.note.id, path=one.note.path))
        elif row is None and one.note.id not in known and _came_late(vault, one, since_ms, then):
            fresh.append(_kept(one))
        elif row is not None and row.sha256 != one.sha256:
            now = replace(row, sha256=one.sha256 if row.sha256 else "")
            if row.said != ANYTHING and _said(vault, one.note.path) not in ("", row.said):
                gone.append(row)
            elif now != row:
                fresh.append(now)
    return fresh, gone


def _came_late(vault: Vault, one: VaultNote, since_ms: int, then: Rules) -> bool:
    """Whether a file that would leave was written before the joining, and nobody has said since that it may: its own line is as old as
    it is, and a folder's default may be newer."""
    if one.note.visibility == Visibility.PRIVATE:
        return False
    try:
        written_ms = (vault.root / one.note.path).stat().st_mtime * 1_000
    except OSError:
        return False  # it went away meanwhile
    return written_ms < since_ms and (one.note.stated or then.of(one.note.path) == one.note.visibility)


def _said(vault: Vault, path: str) -> str:
    """Return who may read this file by its own line, "" where it has none that can be used."""
    try:
        note = markdown.read(vault.raw(path), path)
    except VaultError:
        return ""
    return str(note.visibility) if note.stated and not note.broken else ""
