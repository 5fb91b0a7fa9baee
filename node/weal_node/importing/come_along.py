"""The pictures and other files that imported notes show, put where the notes name them. They are in no history."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from weal_node.errors import VaultError
from weal_node.store.import_sources import KnownFile
from weal_node.vault import dates, shown, sources
from weal_node.vault.folder import Vault
from weal_node.vault.place import durably, guarded
from weal_node.vault.sources import RefusedPart, ShownFile, SourceReading
from weal_node.vault.tree import SourceFile, UnreadableError

ANY = ("",)  # ending of a file
MAX_ALL = 1024**3  # bytes of one import: a backup holds twice that, with all the rest of the home


@dataclass(slots=True)
class Along:
    """What comes with the notes, by kind. notes: how many notes show what is new."""

    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    notes: int = 0

    @property
    def count(self) -> int:
        """Return how many are new."""
        return sum(self.new.values())

    @property
    def said(self) -> str:
        """The new ones, by kind."""
        return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in sorted(self.new.items()))


def planned(
    reading: SourceReading, known: Mapping[str, KnownFile], root: Vault | None, folder: str
) -> tuple[Along, list[RefusedPart]]:
    """Return what would come along, and what cannot. Call after the notes were read; changes nothing."""
    along, refused = Along(), list[RefusedPart]()
    for file, fault in _due(reading, known, root, folder):
        if fault:
            refused.append(fault)
        elif file.entry is None:
            along.known += 1
        else:
            along.new[shown.kind(file.path)] += 1
            along.notes += file.notes
    return along, refused


def put(
    reading: SourceReading, known: Mapping[str, KnownFile], vault: Vault, folder: str
) -> Iterator[tuple[KnownFile | None, RefusedPart | None]]:
    """Put the files where they belong, one after the other. Blocking."""
    for file, fault in _due(reading, known, vault, folder):
        if fault or file.entry is None:
            yield None, fault
            continue
        try:
            content = reading.tree.read(file.entry, sources.MAX_FILE)
            place = guarded(vault.root, file.path, ANY)
            durably(place, content)
        except UnreadableError as why:
            yield None, RefusedPart(_name(file.entry.name), f"{why.what} (notes that show it: {file.notes})")
            continue
        if file.entry.changed_ms:
            os.utime(place, ns=(file.entry.changed_ms * 1_000_000,) * 2)
        yield KnownFile(file.origin, file.path, dates.digest(content)), None


@dataclass(frozen=True, slots=True)
class _Due:
    """A file and its place. entry: None where it is there already."""

    entry: SourceFile | None
    origin: str
    path: str
    notes: int


_NOTHING = _Due(None, "", "", 0)


def _due(
    reading: SourceReading, known: Mapping[str, KnownFile], vault: Vault | None, folder: str
) -> Iterator[tuple[_Due, RefusedPart | None]]:
    room = MAX_ALL
    for file in reading.files():
        if isinstance(file, RefusedPart):
            yield _NOTHING, file
            continue
        name = _name(file.entry.name)
        path = f"{folder}/{file.path}" if folder else file.path
        origin = f"{reading.id}/{name}"
        try:
            is_there = _there(reading, file, known.get(origin), vault, path)
        except VaultError as fault:
            yield _NOTHING, RefusedPart(name, f"{fault.what} (notes that show it: {file.notes})")
            continue
        room -= 0 if is_there else file.entry.size
        if not is_there and room < 0:
            why = f"more than {MAX_ALL >> 30} GiB come with these notes (notes that show it: {file.notes})"
            yield _NOTHING, RefusedPart(name, why)
            continue
        reading.tally.take("file")
        yield _Due(None if is_there else file.entry, origin, path, file.notes), None


def _there(reading: SourceReading, file: ShownFile, former: KnownFile | None, vault: Vault | None, path: str) -> bool:
    """Whether this file came before, or lies there; VaultError where it cannot come."""
    if vault is None:
        return False
    place = guarded(vault.root, path, ANY)
    if former is None and not place.exists():
        return False
    digest = dates.digest(reading.tree.read(file.entry, sources.MAX_FILE))
    if former is not None and former.sha256 == digest:
        return True  # also where its person took it away since
    if not place.exists():
        return False
    lies = dates.digest(place.read_bytes()) if place.is_file() and place.stat().st_size <= sources.MAX_FILE else ""
    if lies != digest and (former is None or lies != former.sha256):
        raise VaultError(f"another file lies at {path} here, and stays")
    return lies == digest


def _name(name: str) -> str:
    return name.encode(errors="replace").decode()


def all_refused(parts: Iterable[RefusedPart]) -> list[tuple[str, str]]:
    """Return names and reasons."""
    return [(part.name, part.why) for part in parts]
