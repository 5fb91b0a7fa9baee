"""Where imported folders, archives and files lay, and which files came along with their notes. Its tables: imports.SOURCES."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

from weal_node.store.rows import keyed


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source that was imported. id: what the origins of all that is in it begin with.  place: where it lay.  mark: what its file
    system calls it.  folder: of the vault, into which it was put."""

    id: str
    place: str
    mark: str
    folder: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that came along. origin: what names it at its source.  path: in the vault.  sha256: as it came, hex."""

    origin: str
    path: str
    sha256: str


def keep(connection: sqlite3.Connection, source: KnownSource) -> None:
    """Remember a source, and where it lies now."""
    connection.execute(
        "INSERT INTO import_sources (id, place, mark, folder) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "place = excluded.place, mark = excluded.mark, folder = excluded.folder",
        (source.id, source.place, source.mark, source.folder),
    )


def every(connection: sqlite3.Connection) -> tuple[KnownSource, ...]:
    """Return all sources, by id."""
    rows = connection.execute("SELECT id, place, mark, folder FROM import_sources ORDER BY id")
    return tuple(starmap(KnownSource, rows))


def add_files(connection: sqlite3.Connection, files: list[KnownFile]) -> None:
    """Remember files that lie in the vault now."""
    connection.executemany(
        "INSERT INTO import_files (origin, path, sha256) VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE SET "
        "path = excluded.path, sha256 = excluded.sha256",
        ((file.origin, file.path, file.sha256) for file in files),
    )


def files(connection: sqlite3.Connection) -> dict[str, KnownFile]:
    """Return every file that came along, by origin."""
    rows = connection.execute("SELECT origin, path, sha256 FROM import_files")
    return keyed(KnownFile, rows)
