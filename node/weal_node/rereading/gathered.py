"""Notes of the vault as the rules of `look` see them: without remarks, with what their links mean and when they were written."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from weal_node.look.notes import OwnNote
from weal_node.records import Note
from weal_node.vault import comments, prose
from weal_node.vault.dates import CHANGED, MADE
from weal_node.vault.links import Links, LinkTarget
from weal_node.vault.talk import when_ms
from weal_node.vault.versions import VaultNote

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_. ]?([01]\d)[-_. ]?([0-3]\d)(?!\d)")

Dates = Mapping[tuple[str, str], int]  # of what was imported: by path and digest, in ms


def links_of(versions: Iterable[VaultNote]) -> Links:
    """Return what links lead to among these notes."""
    return Links(LinkTarget(version.note.path, version.note.title, version.note.aliases) for version in versions)


def own_note(root: Path, version: VaultNote, links: Links, dates: Dates) -> OwnNote:
    """Return a note as the rules see it."""
    note = version.note
    body = comments.without(note.body) if comments.has(note.body) else note.body
    said = {name.casefold(): values for name, values in note.properties}
    named, made = named_ms(note.path), _first(said, MADE)
    changed = _first(said, CHANGED) or made or named or imported_ms(version, dates) or file_ms(root, note)
    return OwnNote(
        id=note.id,
        path=note.path,
        title=note.title,
        body=body,
        dated_ms=changed,
        written_ms=named or made or changed,
        aliases=note.aliases,
        tags=note.tags,
        links=tuple((target, links.find(target, note.path)) for target in prose.links(note.body)),
        properties=tuple(said.items()),
    )


def _first(said: Mapping[str, tuple[str, ...]], keys: Iterable[str]) -> int:
    return when_ms(*(value for key in keys for value in said.get(key, ())[:1]))


def named_ms(path: str) -> int:
    """Return the day in a file's name, Unix time in ms, 0 for none."""
    match = _DAY.search(path.rpartition("/")[2])
    if match is None:
        return 0
    try:
        return int(datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC).timestamp() * 1_000)
    except ValueError:
        return 0


def imported_ms(version: VaultNote, dates: Dates) -> int:
    """Return when an imported file was last changed at its source, 0 where somebody changed it here."""
    return dates.get((version.note.path, version.sha256)) or dates.get(("", version.sha256)) or 0


def file_ms(root: Path, note: Note) -> int:
    """Return when the file was last changed, 0 where it went away."""
    try:
        return int((root / note.path).stat().st_mtime * 1_000)
    except OSError:
        return 0
