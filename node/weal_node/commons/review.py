"""What may leave: a scan holds back what seems to give something away; folders have defaults; imports wait for review."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from weal_node.config import Settings
from weal_node.errors import NotFoundError
from weal_node.records import Note, Visibility
from weal_node.store import consents, folders, holds, imports, notes
from weal_node.store.database import Database
from weal_node.vault import sensitive
from weal_node.vault.folder import Vault
from weal_node.vault.leaving import outgoing
from weal_node.vault.rules import Rules
from weal_node.vault.sensitive import Finding
from weal_protocol import record
from weal_protocol.errors import WealError

COPIES = (
    "Nothing of yours has left this node yet. Once a note has left, others hold copies that nobody can call back: making it "
    "private later, or deleting it, does not reach them."
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A version that its person wants others to read. findings: what the scan saw in it."""

    note: str
    sha256: str
    size: int
    findings: tuple[Finding, ...]


def leaving(note: Note, content: bytes) -> Leaving | None:
    """Return what would leave with this file, or None for what stays: private, or too large for the commons."""
    if note.visibility == Visibility.PRIVATE or len(content) > record.MAX_BODY_BYTES:
        return None
    findings = sensitive.found(outgoing(content, note.path).decode(), note.path)
    return Leaving(note.id, hashlib.sha256(content).hexdigest(), len(content), findings)


def take_up(connection: sqlite3.Connection, candidate: Leaving, due_ms: int) -> bool:
    """Let this version leave at `due_ms`, or hold it back until the person allows what was found; True where it leaves."""
    allowed = holds.allowed(connection, candidate.note)
    fresh = (finding for finding in candidate.findings if finding.digest not in allowed)
    why = tuple(map(_described, fresh))
    if why:
        notes.hold(connection, candidate.note, candidate.sha256)
        holds.hold(connection, holds.Hold(candidate.note, candidate.sha256, why))
        return False
    holds.release(connection, candidate.note)
    notes.schedule(connection, candidate.note, due_ms, candidate.sha256)
    return True


def _described(finding: Finding) -> tuple[str, int, str]:
    return finding.kind, finding.line, finding.shown


def stay(connection: sqlite3.Connection, note: str) -> None:
    """Let nothing of this note leave any more."""
    notes.withdraw(connection, note)
    holds.release(connection, note)


async def allow(database: Database, vault: Vault, settings: Settings, now_ms: int, note: Note) -> None:
    """Let a held note leave, after the delay, with what the scan found: the person has looked at it."""
    content = await asyncio.to_thread(vault.raw, note.path)
    candidate = await asyncio.to_thread(leaving, note, content)
    if candidate is None:
        raise NotFoundError("nothing of this note is held back", "Load it again")

    def allowed(connection: sqlite3.Connection) -> None:
        holds.allow(connection, candidate.note, sensitive.digests(candidate.findings))
        take_up(connection, candidate, now_ms + settings.publish_delay_s * 1_000)

    await database.write(allowed)


async def first_ever(database: Database) -> bool:
    """Whether nothing of this person has left yet."""
    return not await database.read(notes.any_left)


def rules(connection: sqlite3.Connection) -> Rules:
    """Return the rules as they are stored."""
    waiting: set[str] = set()
    for imported in imports.unreviewed(connection):
        waiting |= {imported.path, imported.sha256}
    statements: dict[str, str] = {}
    for row in consents.every(connection):
        statements |= dict.fromkeys(filter(None, (row.note, row.path, row.sha256)), row.said)
    defaults = folders.every(connection)
    return Rules({folder: Visibility(value) for folder, value in defaults.items()}, frozenset(waiting), statements)


async def renew(database: Database, vault: Vault) -> None:
    """Let the vault follow the rules as they are stored now."""
    vault.rules = await database.read(rules)


async def choose(database: Database, vault: Vault, folder: str, visibility: str) -> None:
    """Set who may read the notes of a folder that do not say it themselves; "" takes the default away."""
    if visibility and visibility not in set(Visibility):
        raise WealError("visibility is public, community or private", "Choose one of them")
    await database.write(partial(folders.choose, folder=folder.strip("/"), visibility=visibility))
    await renew(database, vault)


async def review(
    database: Database, vault: Vault, settings: Settings, now_ms: int, paths: Sequence[str], visibility: Visibility
) -> int:
    """Give imported notes the visibility that the person chose, in one commit; return how many. What the scan finds is held.

    One whose front matter cannot be used stays private, and its file as it is: its own page can share it as it stands."""
    waiting = {imported.path for imported in await database.read(imports.unreviewed)}
    chosen = [path for path in dict.fromkeys(paths) if path in waiting]
    due = now_ms + settings.publish_delay_s * 1_000
    candidates: list[Leaving] = []
    sums: dict[str, str] = {}

    def kept(note: Note, content: bytes) -> None:
        sums[note.path] = hashlib.sha256(content).hexdigest()
        candidate = leaving(note, content)
        if candidate is not None:
            candidates.append(candidate)

    def update() -> list[Note]:
        versions = {version.note.path: version.note for version in vault.versions()}
        present = filter(None, map(versions.get, chosen))
        updated = [replace(note, visibility=visibility) for note in present if not note.broken]
        return vault.save_all(updated, kept, "Say who may read {path}") if updated else []

    saved = await asyncio.to_thread(update)

    def enter(connection: sqlite3.Connection) -> None:
        imports.review(connection, chosen)
        for path, sha256 in sums.items():
            imports.now(connection, path, sha256)
        for candidate in candidates:
            take_up(connection, candidate, due)

    await database.write(enter)
    await renew(database, vault)
    return len(saved)
