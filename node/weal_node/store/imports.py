"""What was imported, from where, and whether the person has said who may read it."""

import sqlite3
from dataclasses import dataclass
from itertools import starmap

from weal_node.store.rows import keyed, singly

SCHEMA = """
CREATE TABLE imports (
    origin TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    given_sha256 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    reviewed INTEGER NOT NULL DEFAULT 0,
    written INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX imports_by_path ON imports (path);
CREATE TABLE candidates (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waits'
) WITHOUT ROWID;
"""
# When what was imported was last changed at its source; where each source lay; the files that came with notes.
SOURCES = """
ALTER TABLE imports ADD COLUMN dated_ms INTEGER NOT NULL DEFAULT 0;
CREATE TABLE import_sources (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL,
    mark TEXT NOT NULL,
    folder TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE import_files (
    origin TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
"""
_COLUMNS = "origin, source, path, given_sha256, sha256, at_ms, reviewed, written, dated_ms"


@dataclass(frozen=True, slots=True)
class Imported:
    """One imported note. origin: what names it at its source.  given_sha256: of what the source held.
    sha256: of the file as it is written.  reviewed: 1 once the person has said who may read it.  written: 1 once the file is
    there: the entry is made first, so that nothing imported can leave before it is known as such.  dated_ms: when it was last
    changed at its source, Unix time, 0 for unknown."""

    origin: str
    source: str
    path: str
    given_sha256: str
    sha256: str
    at_ms: int
    reviewed: int = 0
    written: int = 0
    dated_ms: int = 0


@dataclass(frozen=True, slots=True)
class PrincipleCandidate:
    """A line that may be a principle, until the person says so. state: "waits", "taken" or "refused"."""

    id: str
    text: str
    source: str
    state: str = "waits"


def add(connection: sqlite3.Connection, imported: Imported) -> None:
    """Remember an import; one of the same origin is replaced, and has to be reviewed again."""
    connection.execute(
        f"INSERT INTO imports ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?) ON CONFLICT (origin) DO UPDATE SET "  # noqa: S608 -- our own names
        "source = excluded.source, path = excluded.path, given_sha256 = excluded.given_sha256, sha256 = excluded.sha256, "
        "at_ms = excluded.at_ms, reviewed = 0, written = 0, dated_ms = excluded.dated_ms",
        (
            imported.origin,
            imported.source,
            imported.path,
            imported.given_sha256,
            imported.sha256,
            imported.at_ms,
            imported.dated_ms,
        ),
    )


def written(connection: sqlite3.Connection, origins: list[str]) -> None:
    """Remember that these files are there."""
    connection.executemany("UPDATE imports SET written = 1 WHERE origin = ?", singly(origins))


def every(connection: sqlite3.Connection) -> dict[str, Imported]:
    """Return everything that was imported, by origin."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM imports")  # noqa: S608 -- same
    return keyed(Imported, rows)


def dates(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Return when each imported file was last changed at its source, Unix time in ms by its path and SHA-256, hex, and by "" and
    that where it was moved: it holds for as long as nobody changes the file here."""
    rows = connection.execute("SELECT path, sha256, dated_ms FROM imports WHERE dated_ms <> 0").fetchall()
    dates: dict[tuple[str, str], int] = {}
    for path, sha256, dated_ms in rows:
        dates["", sha256] = dates[path, sha256] = dated_ms
    return dates


def unreviewed(connection: sqlite3.Connection) -> tuple[Imported, ...]:
    """Return what the person has not looked at yet, by path."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM imports WHERE reviewed = 0 ORDER BY path")  # noqa: S608 -- same
    return tuple(starmap(Imported, rows))


def review(connection: sqlite3.Connection, paths: list[str]) -> None:
    """Remember that the person has said who may read these."""
    connection.executemany("UPDATE imports SET reviewed = 1 WHERE path = ?", singly(paths))


def now(connection: sqlite3.Connection, path: str, sha256: str) -> None:
    """Remember what an imported file is now that its review has changed it: a newer version from its source may replace it."""
    connection.execute("UPDATE imports SET sha256 = ? WHERE path = ?", (sha256, path))


def suggest(connection: sqlite3.Connection, candidates: list[PrincipleCandidate]) -> int:
    """Keep candidate principles; one that is known keeps its state. Return how many are new."""
    before = connection.total_changes
    connection.executemany(
        "INSERT INTO candidates (id, text, source) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        ((candidate.id, candidate.text, candidate.source) for candidate in candidates),
    )
    return connection.total_changes - before


def candidates(connection: sqlite3.Connection) -> tuple[PrincipleCandidate, ...]:
    """Return the candidates that wait for the person."""
    rows = connection.execute(
        "SELECT id, text, source, state FROM candidates WHERE state = 'waits' ORDER BY source, text"
    )
    return tuple(starmap(PrincipleCandidate, rows))


def decide(connection: sqlite3.Connection, candidate: str, state: str) -> str:
    """Take or refuse a candidate that waits; return its text, "" where none waits."""
    row = connection.execute(
        "UPDATE candidates SET state = ? WHERE id = ? AND state = 'waits' RETURNING text", (state, candidate)
    ).fetchone()
    return str(row[0]) if row else ""


def forget(connection: sqlite3.Connection, paths: list[str]) -> None:
    """Drop where these files came from; importing the same source again brings them again."""
    connection.executemany("DELETE FROM imports WHERE path = ?", singly(paths))
    connection.execute(
        "DELETE FROM import_sources WHERE NOT EXISTS (SELECT 1 FROM imports "
        "WHERE substr(origin, 1, length(import_sources.id) + 1) = import_sources.id || '/')"
    )  # where the one file of a source lay says what it is called


def unsuggest(connection: sqlite3.Connection, lines: list[str]) -> None:
    """Drop candidates that say one of these lines, with or without its mark of a list."""
    plain = {line.lstrip("-*+> ").strip() for line in lines} | set(lines)
    connection.executemany("DELETE FROM candidates WHERE text = ?", singly(plain))
