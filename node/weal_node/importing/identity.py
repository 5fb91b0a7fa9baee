"""Which source this is: one that was imported before, wherever it lies now, or a new one. What it is called decides nothing.

A folder that lies where it lay is the same; so is one that moved, or an archive packed anew, where most of what was taken from it
is in it byte for byte. Two that only share a name are two, and the second goes into a folder of its own.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from weal_node.store.import_sources import KnownSource
from weal_node.store.imports import Imported
from weal_node.vault import dates, naming
from weal_node.vault.sources import SourceReading

SAMPLE = 200  # notes of a known source that are looked for


@dataclass(frozen=True, slots=True)
class Identity:
    """source: as it is to be remembered, None for an export, whose conversations have names of their own.  id: begins its origins.
    under: a folder that names in it began with when it was imported by an earlier version.  folder: of the vault."""

    source: KnownSource | None
    id: str
    under: str
    folder: str


def identified(
    reading: SourceReading, into: str, known: Sequence[KnownSource], done: Mapping[str, Imported]
) -> Identity:
    """Return which source this is. into: the folder of the vault that was asked for, or "". Reads some of its notes."""
    source = reading.source
    if source.kind not in ("folder", "obsidian", "file"):
        return Identity(None, reading.id, "", into or source.name)
    place, mark = str(source.place.resolve()), _mark(source.place)
    taken = _by_source(done)
    same = _same(reading, place, mark, known, taken)
    if same is not None:
        folder = into or same.folder
        return Identity(
            KnownSource(same.id, place, mark, same.folder), same.id, _under(reading, same.id, taken), folder
        )
    earlier = f"{source.kind}:{into or source.name}"  # by which versions before 2026-12 knew it
    names = _below(done, f"{earlier}/")
    if names and earlier not in {source.id for source in known}:
        for under in {"", f"{reading.tree.top}/" if reading.tree.top else ""}:
            inner = _below(names, under)
            if inner and _alike(reading, inner):
                folder = into or source.name
                if source.kind == "file":  # all single files were of one source then
                    return Identity(None, earlier, under, folder)
                return Identity(KnownSource(earlier, place, mark, folder), earlier, under, folder)
    folder = into or _free(source.name, known, done)
    new = KnownSource(f"{source.kind}:{secrets.token_hex(8)}", place, mark, folder)
    return Identity(new, new.id, "", folder)


def _below(entries: Mapping[str, Imported], begin: str) -> dict[str, Imported]:
    """Return the entries whose names begin so, by the rest of their names."""
    return {name.removeprefix(begin): entry for name, entry in entries.items() if name.startswith(begin)}


def _same(
    reading: SourceReading,
    place: str,
    mark: str,
    known: Sequence[KnownSource],
    taken: Mapping[str, dict[str, Imported]],
) -> KnownSource | None:
    for known_source in known:
        same_place = known_source.place == place and (known_source.mark == mark or reading.source.kind == "file")
        if same_place or (known_source.place == place and _names(reading, taken.get(known_source.id, {}))):
            return known_source
    packed = place.lower().endswith(".zip")
    for known_source in known:
        # A folder that still lies where it lay is another one than this; an archive is a copy, and the newer one follows it.
        moved = not Path(known_source.place).exists() or packed or known_source.place.lower().endswith(".zip")
        if known_source.place != place and moved and _alike(reading, taken.get(known_source.id, {})):
            return known_source
    return None


def _alike(reading: SourceReading, taken: Mapping[str, Imported]) -> bool:
    """Whether at least half of what was taken from a source, or of what is in this one, is the same byte for byte."""
    names = _sample(taken)
    same = sum(_is(reading.note(name), taken[name]) for name in names)
    notes = sum(entry.name.lower().endswith(naming.TEXTS) for entry in reading.tree.entries)
    return bool(same) and 2 * same >= min(len(names), notes)


def _names(reading: SourceReading, taken: Mapping[str, Imported]) -> bool:
    names = _sample(taken)
    there = len(reading.tree.by_name.keys() & set(names))
    return bool(there) and 2 * there >= len(names)


def _is(content: bytes | None, entry: Imported) -> bool:
    return content is not None and dates.digest(content) == entry.given_sha256


def _sample(taken: Mapping[str, Imported]) -> list[str]:
    names = sorted(taken)
    return names[:: max(1, len(names) // SAMPLE)][:SAMPLE]


def _by_source(done: Mapping[str, Imported]) -> dict[str, dict[str, Imported]]:
    """Return what was taken, by its source and its name there."""
    by_source: dict[str, dict[str, Imported]] = {}
    for origin, entry in done.items():
        source, _, name = origin.partition("/")
        by_source.setdefault(source, {})[name] = entry
    return by_source


def _under(reading: SourceReading, source: str, taken: Mapping[str, dict[str, Imported]]) -> str:
    top = f"{reading.tree.top}/"
    return top if top != "/" and any(name.startswith(top) for name in taken.get(source, ())) else ""


def _mark(place: Path) -> str:
    status = place.stat()
    return f"{status.st_dev}:{status.st_ino}"


def _free(name: str, known: Sequence[KnownSource], done: Mapping[str, Imported]) -> str:
    """Return the folder for a new source: its name, with a number where another source lies there."""
    folders = [source.folder for source in known] + [imported.path.partition("/")[0] for imported in done.values()]
    taken = set(map(naming.fold, folders))
    free, number = name, 2
    while name and naming.fold(free) in taken:
        free, number = f"{name} {number}", number + 1
    return free
