"""Notes from elsewhere are brought: planned first, then in batches; the same import again brings only what is new.

Each batch is entered as imported before its files are written (so nothing of it can leave, whatever it says), then written, committed
and marked. A stop or a kill at any moment is made good by running the same import again.
"""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, starmap
from pathlib import Path

from weal_node.commons import review
from weal_node.errors import VaultError
from weal_node.importing import come_along
from weal_node.importing.identity import identified
from weal_node.importing.import_plan import MOST_SAID, Brought, Looked, Plan
from weal_node.importing.placing import KNOWN, Placed, Places, fate
from weal_node.store import import_sources, imports
from weal_node.store.database import Database
from weal_node.store.import_sources import KnownFile, KnownSource
from weal_node.store.imports import Imported, PrincipleCandidate
from weal_node.vault import sensitive, sources
from weal_node.vault.folder import Vault
from weal_node.vault.place import guarded
from weal_node.vault.sources import RefusedPart, SourceNote, SourceReading

BATCH = 100

Progress = Callable[[int, int], bool]  # done and total (0 while it is not known); False stops


def planned(database: Database, place: Path, into: str, progress: Progress, vault: Vault | None = None) -> Plan:
    """Look through a source and say what bringing it would do. Blocking; changes nothing.

    vault: to look what was changed in it; without, nothing is taken to be. VaultError where nothing of the source can be taken."""
    if vault is not None and place.expanduser().resolve().is_relative_to(vault.root.resolve()):
        raise VaultError(f"{place.name} lies in your vault already", "Its notes are on the page Notes")
    reading = SourceReading(sources.recognise(place))
    try:
        known, done = database.read_now(import_sources.every), database.read_now(imports.every)
        identity = identified(reading, sources.folder(into), known, done)
        reading.id, reading.under = identity.id, identity.under
        looked, whole = Looked(reading.source.kind, identity.folder), True
        places = Places(vault, identity.folder, reading.source.kind, done) if vault is not None else None
        for number, part in enumerate(reading.notes()):
            if not progress(number, 0):
                whole = False
                break
            if isinstance(part, RefusedPart):
                looked.refuse(part)
                continue
            what_it_is = fate(done.get(part.origin), part)
            placed = places.place(part) if places is not None and what_it_is == "changed" else None
            looked.note(part, what_it_is, placed)
            if what_it_is != KNOWN and (findings := sensitive.found(part.content.decode(), part.path)):
                looked.flag(part.path, sensitive.said(findings))
        files = database.read_now(import_sources.files)
        if whole:
            along, refused = come_along.planned(reading, files, vault, identity.folder)
            looked.files(along, refused)
        plan = looked.plan(reading.tally, len(reading.candidates()))
    finally:
        reading.close()
    if whole and plan.nothing:
        raise VaultError(f"nothing in {place.name} can be imported: {plan.why_nothing}", plan.next_step)
    return plan


async def bring(database: Database, vault: Vault, now_ms: int, place: Path, into: str, progress: Progress) -> Brought:
    """Bring what the plan names. Progress is told how many notes were seen; where it says False, no batch follows."""
    reading = await asyncio.to_thread(lambda: SourceReading(sources.recognise(place)))
    try:
        done = await database.read(imports.every)
        known = await database.read(import_sources.every)
        identity = await asyncio.to_thread(identified, reading, sources.folder(into), known, done)
        reading.id, reading.under = identity.id, identity.under
        if identity.source is not None:
            await database.write(partial(import_sources.keep, source=identity.source))
        places = Places(vault, identity.folder, reading.source.kind, done)
        written, seen = 0, 0
        refused: list[tuple[str, str]] = []
        notes = reading.notes()
        while batch := await asyncio.to_thread(_next, notes):
            notes_read, due = 0, list[SourceNote]()
            for part in batch:
                if isinstance(part, RefusedPart):
                    refused.append((part.name, part.why))
                    continue
                notes_read += 1
                if fate(done.get(part.origin), part) != KNOWN:
                    due.append(part)
            placed = await asyncio.to_thread(_placed, places, due, done, refused)
            written += await _write(database, vault, placed, now_ms)
            seen += notes_read
            if not progress(seen, seen):
                return Brought(written, tuple(refused[:MOST_SAID]), whole=False)
        files, faults = await _bring_files(database, vault, reading, identity.folder)
        lines = await asyncio.to_thread(reading.candidates)
    finally:
        reading.close()
    await database.write(partial(imports.suggest, candidates=list(starmap(_candidate, lines))))
    refused += come_along.all_refused(faults)
    return Brought(written, tuple(refused[:MOST_SAID]), whole=True, files=files)


async def _write(database: Database, vault: Vault, placed: list[Placed], now_ms: int) -> int:
    """Enter, write, commit, mark: in this order."""
    if not placed:
        return 0
    entries = [replace(note.entry, at_ms=now_ms) for note in placed]
    await database.write(partial(_enter, entries=entries))
    await review.renew(database, vault)
    files = [(note.entry.path, note.content) for note in placed]
    await asyncio.to_thread(vault.put, files, f"Import {len(files)} notes")
    await asyncio.to_thread(_date, vault, entries)
    await database.write(partial(imports.written, origins=[entry.origin for entry in entries]))
    return len(files)


async def _bring_files(
    database: Database, vault: Vault, reading: SourceReading, folder: str
) -> tuple[int, list[RefusedPart]]:
    """Put the files that the notes show, and remember them; return how many, and what could not come."""
    known = await database.read(import_sources.files)
    files, faults, count = come_along.put(reading, known, vault, folder), list[RefusedPart](), 0
    while batch := await asyncio.to_thread(lambda: list(islice(files, BATCH))):
        files_here: list[KnownFile] = []
        for file, fault in batch:
            files_here += [file] if file else []
            faults += [fault] if fault else []
        count += len(files_here)
        await database.write(partial(import_sources.add_files, files=files_here))
    return count, faults


def _date(vault: Vault, entries: list[Imported]) -> None:
    """Give files the date that they had: other programs sort by it. No fault where a disk will not: ours is in the store."""
    for entry in entries:
        if entry.dated_ms:
            try:
                os.utime(guarded(vault.root, entry.path), ns=(entry.dated_ms * 1_000_000,) * 2)
            except OSError:
                continue


def _next(notes: Iterator[SourceNote | RefusedPart]) -> list[SourceNote | RefusedPart]:
    return list(islice(notes, BATCH))


def _enter(connection: sqlite3.Connection, entries: list[Imported]) -> None:
    for entry in entries:
        imports.add(connection, entry)


def _placed(
    places: Places, due: list[SourceNote], done: dict[str, Imported], refused: list[tuple[str, str]]
) -> list[Placed]:
    placed = []
    for wanted_note in due:
        try:
            note = places.place(wanted_note)
        except VaultError as fault:
            refused.append((wanted_note.path, fault.what))
            continue
        done[wanted_note.origin] = replace(note.entry, written=1)
        placed.append(note)
    return placed


def _candidate(text: str, name: str) -> PrincipleCandidate:
    return PrincipleCandidate(hashlib.sha256(f"weal/candidate/{text}".encode()).hexdigest()[:32], text, name)


__all__ = ["BATCH", "Brought", "KnownSource", "Plan", "bring", "planned"]
