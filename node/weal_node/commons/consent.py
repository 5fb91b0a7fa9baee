"""Consent before a node joins: its person ticks which of the notes written so far may leave; every other one stays here.

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
from weal_node.vault.folder import Vault
from weal_node.vault.rules import Rules
from weal_node.vault.versions import VaultNote, first_by_id
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
    versions = await asyncio.to_thread(_versions, vault)
    publications = await database.read(notes.every)
    firsts = first_by_id(versions)
    due = list(filter(_would, firsts.values()))
    left = notes.gone_out(publications)
    queued = await asyncio.to_thread(_looked_at, vault, due, left)
    letters = await database.read(mail.outgoing)
    queued.sort(key=lambda entry: entry.note.path)
    return ConsentQuestion(tuple(queued), len(firsts), len(vault.refused()), len(letters))


def _versions(vault: Vault) -> tuple[VaultNote, ...]:
    """Return every readable file as it would be if nothing had been kept at an earlier joining."""
    return vault.versions(replace(vault.rules, kept=MappingProxyType({})))


def _would(version: VaultNote) -> bool:
    return version.note.visibility != Visibility.PRIVATE and version.size <= record.MAX_BODY_BYTES


def _looked_at(vault: Vault, due: Sequence[VaultNote], left: Collection[str]) -> list[Queued]:
    queued = []
    for version in due:
        try:
            candidate = review.leaving(version.note, vault.raw(version.note.path))
        except VaultError:
            continue  # it went away meanwhile
        kinds = dict.fromkeys(finding.kind for finding in candidate.findings) if candidate else {}
        queued.append(Queued(version.note, ", ".join(kinds), version.note.id in left))
    return queued


def chosen(question: ConsentQuestion, names: Iterable[str]) -> frozenset[str]:
    """Return the ids of the notes that these words name, each by title, path or the beginning of its id. TypedError for one that names
    none, or several."""
    notes_due = [queued.note for queued in question.queued]
    ids: set[str] = set()
    for name in names:
        meant = _named(name, notes_due)
        if len(meant) != 1:
            why = "no note that would leave" if not meant else f"{len(meant)} notes that would leave"
            raise TypedError(
                f"{name[:80]!r} names {why}", "Name each by its path; `weal join INVITE` without --yes lists them"
            )
        ids.update(meant)
    return frozenset(ids)


def _named(name: str, notes_due: Sequence[Note]) -> list[str]:
    """Return the ids that a name means: of an id or path; else of a title; else those that begin so."""
    title = name.strip().casefold()
    exact, titled, begun = list[str](), list[str](), list[str]()
    for note in notes_due:
        if name in (note.id, note.path):
            exact.append(note.id)
        if note.title.casefold() == title:
            titled.append(note.id)
        if len(name) >= SHORTEST and note.id.startswith(name.lower()):
            begun.append(note.id)
    return exact or titled or begun


async def settle(database: Database, vault: Vault, settings: Settings, now_ms: int, ticked: Collection[str]) -> None:
    """Let the ticked notes leave, the full delay from now, and keep every other file here, readable or not. In one transaction."""
    await review.renew(database, vault)

    try:
        files, leaving = await asyncio.to_thread(_split, vault, ticked)
    except VaultError as fault:
        raise RefusedError(
            f"a note that was ticked cannot be read: {fault.what}", "Nothing was joined; again"
        ) from fault
    due_ms = now_ms + settings.publish_delay_s * 1_000

    def enter(connection: sqlite3.Connection) -> None:
        consents.instead(connection, files)
        consents.asked(connection, now_ms, folders.every(connection))
        leaves = {candidate.note for candidate in leaving}
        for note in notes.every(connection):
            if note not in leaves:
                review.stay(connection, note)
        for candidate in leaving:
            review.take_up(connection, candidate, due_ms)

    await database.write(enter)
    await review.renew(database, vault)


def _split(vault: Vault, ticked: Collection[str]) -> tuple[list[KeptFile], list[review.Leaving]]:
    """Return every file that stays here, and what leaves: the ticked notes, each as its first file by path."""
    versions = _versions(vault)
    firsts = first_by_id(versions)
    leaving: list[review.Leaving] = []
    for key, version in firsts.items():
        if key in ticked and _would(version):
            candidate = review.leaving(version.note, vault.raw(version.note.path))
            if candidate is not None:
                leaving.append(candidate)
    free, sums = set[str](), set[str]()
    for candidate in leaving:
        free.add(candidate.note)
        sums.add(candidate.sha256)
    files: list[KeptFile] = []
    for version in versions:
        leaves = version.note.id in free and version is firsts[version.note.id]
        if not leaves and (version.note.broken or version.note.visibility != Visibility.PRIVATE):
            files.append(_kept(version, free, sums))
    files += [KeptFile("", unreadable.path, "", ANYTHING) for unreadable in vault.refused()]
    return files, leaving


def _kept(version: VaultNote, free: Collection[str] = (), sums: Collection[str] = ()) -> KeptFile:
    """Return a file that stays. free, sums: ids and digests of those that leave, by which it must not be known."""
    statement = ANYTHING if version.note.broken else str(version.note.visibility) if version.note.stated else ""
    return KeptFile(
        "" if version.note.id in free else version.note.id,
        version.note.path,
        "" if version.sha256 in sums else version.sha256,
        statement,
    )


async def kept(database: Database, vault: Vault) -> tuple[Note, ...]:
    """Return the notes that stay here since a joining, by path."""
    if not await database.read(consents.every):
        return ()
    versions = await asyncio.to_thread(vault.versions)
    return tuple(version.note for version in versions if vault.rules.keeps(version.note, version.sha256))


async def release(database: Database, vault: Vault, settings: Settings, now_ms: int, ids: Collection[str]) -> int:
    """Let these notes, kept since a joining, leave after the delay, as their files and folders say; return how many."""
    wanted = [note for note in await kept(database, vault) if note.id in ids]
    if not wanted:
        return 0

    def let(connection: sqlite3.Connection) -> None:
        for note in wanted:
            consents.release(connection, note.id, note.path)

    await database.write(let)
    await review.renew(database, vault)

    def scan() -> list[review.Leaving]:
        notes_now = {version.note.path: version.note for version in vault.versions()}
        candidates: list[review.Leaving] = []
        for note in wanted:
            current = notes_now.get(note.path)
            candidate = review.leaving(current, vault.raw(note.path)) if current is not None else None
            if candidate is not None:
                candidates.append(candidate)
        return candidates

    candidates = await asyncio.to_thread(scan)
    due_ms = now_ms + settings.publish_delay_s * 1_000

    def take_up(connection: sqlite3.Connection) -> None:
        for candidate in candidates:
            review.take_up(connection, candidate, due_ms)

    await database.write(take_up)
    return len(candidates)


async def follow(database: Database, vault: Vault) -> None:
    """Keep up with what is kept: a file that was moved stays kept, one whose line says something new is its person's newer word, and
    one that comes later but was written before the joining is kept too."""
    rows, (since_ms, defaults) = await database.read(
        lambda connection: (consents.every(connection), consents.last(connection))
    )
    if not since_ms:
        return
    earlier = Rules({folder: Visibility(value) for folder, value in defaults.items()})
    scheduled = set(await database.read(notes.every))
    fresh, outdated = await asyncio.to_thread(_followed, vault, rows, since_ms, earlier, scheduled)
    if not fresh and not outdated:
        return

    def act(connection: sqlite3.Connection) -> None:
        for row in outdated:
            consents.release(connection, row.note, row.path)
        consents.keep(connection, fresh)

    await database.write(act)
    await review.renew(database, vault)


def _followed(
    vault: Vault, rows: Sequence[KeptFile], since_ms: int, earlier: Rules, scheduled: Collection[str]
) -> tuple[list[KeptFile], list[KeptFile]]:
    """Return rows to write, and rows to drop. earlier: the folders' defaults at the joining.  scheduled: ids of notes that were."""
    by_path, by_note, by_sum = dict[str, KeptFile](), dict[str, KeptFile](), dict[str, KeptFile]()
    for kept_file in rows:
        by_path[kept_file.path] = kept_file
        by_note[kept_file.note] = kept_file
        by_sum[kept_file.sha256] = kept_file
    by_note.pop("", None)  # of files of which only the path is known
    by_sum.pop("", None)
    fresh, outdated = [], []
    for version in vault.versions():
        row = by_path.get(version.note.path) or by_note.get(version.note.id)
        if row is None and version.sha256 in by_sum and vault.rules.keeps(version.note, version.sha256):
            fresh.append(replace(by_sum[version.sha256], note=version.note.id, path=version.note.path))
        elif row is None and version.note.id not in scheduled and _came_late(vault, version, since_ms, earlier):
            fresh.append(_kept(version))
        elif row is not None and row.sha256 != version.sha256:
            renewed = replace(row, sha256=version.sha256 if row.sha256 else "")
            if row.said != ANYTHING and _said(vault, version.note.path) not in ("", row.said):
                outdated.append(row)
            elif renewed != row:
                fresh.append(renewed)
    return fresh, outdated


def _came_late(vault: Vault, version: VaultNote, since_ms: int, earlier: Rules) -> bool:
    """Whether a file that would leave was written before the joining, and nobody has said since that it may: its own line is as old as
    it is, and a folder's default may be newer."""
    if version.note.visibility == Visibility.PRIVATE:
        return False
    try:
        written_ms = (vault.root / version.note.path).stat().st_mtime * 1_000
    except OSError:
        return False  # it went away meanwhile
    return written_ms < since_ms and (version.note.stated or earlier.of(version.note.path) == version.note.visibility)


def _said(vault: Vault, path: str) -> str:
    """Return who may read this file by its own line, "" where it has none that can be used."""
    try:
        note = markdown.read(vault.raw(path), path)
    except VaultError:
        return ""
    return str(note.visibility) if note.stated and not note.broken else ""
