"""Bring: notes from elsewhere, planned first, then brought in batches; the same import again brings only what is new.

Each batch is entered as imported before its files are written (so nothing of it can leave, whatever it says), then written, committed
and marked. A stop or a kill at any moment is made good by running the same import again.
"""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.loop import share
from weal_node.store import imports
from weal_node.store.database import Database
from weal_node.store.imports import Candidate, Imported
from weal_node.vault import sensitive, sources
from weal_node.vault.folder import Vault
from weal_node.vault.place import guarded
from weal_node.vault.sources import Given, Refused, Source

BATCH = 100
MOST_SAID = 200  # refused or flagged notes that are named one by one

Progress = Callable[[int, int], bool]  # done and total (0 while it is not known); False stops


@dataclass(frozen=True, slots=True)
class Brought:
    """written: notes.  refused: (name, why).  whole: False where it was stopped."""

    written: int
    refused: tuple[tuple[str, str], ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. new, changed, known: notes.  flagged: (name, what the scan saw).  refused: (name, why).
    candidates: lines that may be principles."""

    kind: str
    into: str
    new: int = 0
    changed: int = 0
    known: int = 0
    flagged: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    flagged_in_all: int = 0
    refused_in_all: int = 0
    candidates: int = 0

    @property
    def total(self) -> int:
        """Return the number of notes that can be taken."""
        return self.new + self.changed + self.known


def planned(database: Database, place: Path, into: str, progress: Progress) -> Plan:
    """Look through a source and say what bringing it would do. Blocking; changes nothing."""
    source = _into(sources.recognise(place), into)
    done = database.read_now(imports.every)
    counts, flagged, refused = {"new": 0, "changed": 0, "known": 0}, [], []
    for number, one in enumerate(sources.notes(source)):
        if not progress(number, 0):
            break
        if isinstance(one, Refused):
            refused.append((one.name, one.why))
            continue
        fate = _fate(done.get(one.origin), one)
        counts[fate] += 1
        if fate != "known" and (findings := sensitive.found(one.content.decode(), one.path)):
            flagged.append((one.path, sensitive.said(findings)))
    return Plan(
        source.kind,
        source.name,
        **counts,
        flagged=tuple(flagged[:MOST_SAID]),
        refused=tuple(refused[:MOST_SAID]),
        flagged_in_all=len(flagged),
        refused_in_all=len(refused),
        candidates=len(sources.candidates(source)),
    )


async def bring(
    database: Database, vault: Vault, now_ms: int, place: Path, into: str, progress: Progress, total: int = 0
) -> Brought:
    """Bring what the plan names. Progress that says False stops after the batch."""
    source = _into(sources.recognise(place), into)
    done = await database.read(imports.every)
    taken = {one.path for one in done.values()}
    written, seen = 0, 0
    refused: list[tuple[str, str]] = []
    reading = sources.notes(source)
    while batch := await asyncio.to_thread(_next, reading):
        refused += [(one.name, one.why) for one in batch if isinstance(one, Refused)]
        due = [one for one in batch if isinstance(one, Given) and _fate(done.get(one.origin), one) != "known"]
        placed = await asyncio.to_thread(_placed, vault, source, due, done, taken, refused)
        written += await _write(database, vault, [(replace(entry, at_ms=now_ms), given) for entry, given in placed])
        seen += sum(isinstance(one, Given) for one in batch)
        if not progress(seen, max(total, seen)):
            return Brought(written, tuple(refused[:MOST_SAID]), whole=False)
    lines = await asyncio.to_thread(sources.candidates, source)
    await database.write(partial(imports.suggest, candidates=[_candidate(text, name) for text, name in lines]))
    return Brought(written, tuple(refused[:MOST_SAID]), whole=True)


async def _write(database: Database, vault: Vault, placed: list[tuple[Imported, Given]]) -> int:
    """Enter, write, commit, mark: in this order."""
    if not placed:
        return 0
    await database.write(partial(_enter, entries=[entry for entry, _ in placed]))
    await share.renew(database, vault)
    files = [(entry.path, given.content) for entry, given in placed]
    await asyncio.to_thread(vault.put, files, f"Import {len(files)} notes")
    await database.write(partial(imports.written, origins=[entry.origin for entry, _ in placed]))
    return len(files)


def _next(reading: Iterator[Given | Refused]) -> list[Given | Refused]:
    return list(islice(reading, BATCH))


def _into(source: Source, into: str) -> Source:
    chosen = sources.folder(into)
    return replace(source, name=chosen) if chosen else source


def _enter(connection: sqlite3.Connection, entries: list[Imported]) -> None:
    for entry in entries:
        imports.add(connection, entry)


def _fate(before: Imported | None, one: Given) -> str:
    if before is None:
        return "new"
    if not before.written:
        return "new"  # begun, and cut short
    return "known" if before.given_sha256 == _sha256(one.content) else "changed"


def _placed(
    vault: Vault,
    source: Source,
    due: list[Given],
    done: dict[str, Imported],
    taken: set[str],
    refused: list[tuple[str, str]],
) -> list[tuple[Imported, Given]]:
    """Give each note a path: its own, or that of its older version where nobody changed that since; never anyone else's."""
    placed = []
    for one in due:
        digest, before = _sha256(one.content), done.get(one.origin)
        path = f"{source.name}/{one.path}" if source.name else one.path
        try:
            if before is not None and _untouched(vault, before):
                path = before.path
            elif path in taken or guarded(vault.root, path).exists():
                folder, _, name = path.rpartition("/")
                path = vault.free_path(name.removesuffix(".md"), folder, taken)
            guarded(vault.root, path)
        except VaultError as fault:
            refused.append((one.path, fault.what))
            continue
        taken.add(path)
        entry = Imported(one.origin, source.kind, path, digest, digest, 0)
        done[one.origin] = replace(entry, written=1)
        placed.append((entry, one))
    return placed


def _untouched(vault: Vault, before: Imported) -> bool:
    try:
        return _sha256(vault.raw(before.path)) == before.sha256
    except VaultError:
        return not before.written  # it was never written, so the path is still its own


def _candidate(text: str, name: str) -> Candidate:
    return Candidate(hashlib.sha256(f"weal/candidate/{text}".encode()).hexdigest()[:32], text, name)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
