"""A version of a note of the commons, and a suggestion to one, as they are shown: title, text, who contributed, what differs."""

import difflib
import sqlite3
from dataclasses import dataclass

from weal_node.errors import VaultError
from weal_node.store import records
from weal_node.vault import markdown, topics

ANCESTORS = 400  # versions looked back on for who contributed
DIFF_LINES = 800  # of a version (0.3 s where every line is repeated as badly as can be); longer ones are shown whole, not compared


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A version of a note that nothing follows yet. by: who else's suggestions it has taken in, hex keys."""

    record: str
    title: str
    text: str
    written_ms: int
    licence: str
    by: tuple[str, ...]
    forked_from: tuple[str, str, str] | None  # author, note and title of what it began as a copy of
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()  # as in `records.Note`


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion to a note. accepted: whether a version names it.  diff: lines, each with its sign first; () where it is too long."""

    record: str
    author: str
    written_ms: int
    text: str
    accepted: bool
    diff: tuple[str, ...]


def version(connection: sqlite3.Connection, version: records.Mirrored) -> NoteVersion:
    """Return a version of a note as it is shown, with who contributed and what it began as a copy of."""
    origin = records.find(connection, version.forked_from or _first(connection, version).forked_from)
    came_from = (origin.author, origin.note, _title(origin)) if origin is not None else None
    return NoteVersion(
        version.id,
        _title(version),
        markdown.body_of(version.body, version.path),
        version.written_ms,
        version.licence,
        _contributors(connection, version),
        came_from,
        _properties(version),
    )


def _properties(version: records.Mirrored) -> tuple[tuple[str, tuple[str, ...]], ...]:
    try:
        return markdown.read(version.body.encode(), version.path or "note.md").properties
    except VaultError:
        return ()


def _title(version: records.Mirrored) -> str:
    try:
        return topics.plain(markdown.read(version.body.encode(), version.path or "note.md").title)
    except VaultError:
        return topics.plain(version.path)


def _first(connection: sqlite3.Connection, version: records.Mirrored) -> records.Mirrored:
    """Return the version of this note that follows none, where its lineage is short enough to look."""
    for _ in range(ANCESTORS):
        before = _former(connection, version)
        if before is None:
            break
        version = before
    return version


def _former(connection: sqlite3.Connection, version: records.Mirrored) -> records.Mirrored | None:
    """Return the first version of its note that this one follows."""
    for parent in records.parents(connection, version.id):
        former = records.find(connection, parent)
        if former is not None and former.kind == "note":
            return former
    return None


def _contributors(connection: sqlite3.Connection, version: records.Mirrored) -> tuple[str, ...]:
    """Return whose suggestions this version and those before it took in."""
    seen, waiting, contributors = {version.id}, [version.id], dict[str, None]()
    while waiting and len(seen) < ANCESTORS:
        for parent in records.parents(connection, waiting.pop()):
            before = records.find(connection, parent)
            if before is None or parent in seen:
                continue
            seen.add(parent)
            if before.kind == "suggestion":
                contributors[before.author] = None
            else:
                waiting.append(parent)
    return tuple(contributors)


def suggestion(connection: sqlite3.Connection, suggestion: records.Mirrored, taken: str) -> Suggestion:
    """Return a suggestion as it is shown. taken: the version that accepted it, "" for none."""
    parents = records.parents(connection, suggestion.id)
    base = records.find(connection, parents[0]) if parents else None
    text, before = markdown.body_of(suggestion.body), markdown.body_of(base.body) if base is not None else ""
    return Suggestion(
        suggestion.id, suggestion.author, suggestion.written_ms, text, bool(taken), difference(before, text)
    )


def difference(before: str, after: str) -> tuple[str, ...]:
    """Return what changed, as lines of a unified diff without its head; () where a text is too long to compare here."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > DIFF_LINES:
        return ()
    lines = difflib.unified_diff(old, new, lineterm="", n=2)
    return tuple(line for line in lines if not line.startswith(("---", "+++")))[:400]
