"""The vault on disk: guarded paths, and saves that a crash cannot tear.

A file is written beside its place, synced, renamed, and its folder synced; absence never means deletion.
"""

import hashlib
import os
import re
import secrets
import threading
import unicodedata
from dataclasses import replace
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.records import Note
from weal_node.vault import history, markdown

MAX_NOTES = 200_000


class Vault:
    """A folder of notes. Every save is a commit. Blocking: call from a thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._writing = threading.Lock()

    def read_all(self) -> tuple[tuple[Note, ...], tuple[str, ...]]:
        """Return every note, by path, and one line for each file that cannot be read."""
        notes, faults = [], []
        for path in sorted(self.root.rglob("*.md"))[:MAX_NOTES]:
            relative = path.relative_to(self.root).as_posix()
            if any(part.startswith(".") for part in relative.split("/")):
                continue
            try:
                notes.append(self.read(relative))
            except VaultError as fault:
                faults.append(str(fault))
        return tuple(notes), tuple(faults)

    def read(self, path: str) -> Note:
        """Return one note; a note without an id of ours gets one made from its path, so that links to it hold."""
        note = markdown.read(self.raw(path), path)
        return note if note.id else replace(note, id=_id_of(path))

    def raw(self, path: str) -> bytes:
        """Return the file's bytes; VaultError when it lies outside, is missing or too large."""
        place = self._guarded(path)
        try:
            if place.stat().st_size > markdown.MAX_NOTE_BYTES:
                raise VaultError(f"{path} is larger than {markdown.MAX_NOTE_BYTES // 1024} KiB", "Split the note")
            return place.read_bytes()
        except OSError as fault:
            raise VaultError(f"{path} cannot be read: {fault.strerror}", "Is it still there?") from fault

    def save(self, note: Note) -> Note:
        """Write the note and commit it; return it with the id and path it now has."""
        with self._writing:
            note = replace(note, id=note.id or secrets.token_hex(16), path=note.path or self._free_path(note.title))
            place = self._guarded(note.path)
            before = place.read_bytes() if place.exists() else None
            content = markdown.write(note, before)
            if len(content) > markdown.MAX_NOTE_BYTES:
                raise VaultError(f"the note is larger than {markdown.MAX_NOTE_BYTES // 1024} KiB", "Split it")
            markdown.read(content, note.path)  # what cannot be read back is not written
            place.parent.mkdir(parents=True, exist_ok=True)
            _durably(place, content)
            history.commit(self.root, note.path, f"{'Change' if before is not None else 'Add'} {note.path}")
            return note

    def _free_path(self, title: str) -> str:
        plain = unicodedata.normalize("NFKC", title).strip()
        stem = re.sub(r"[^\w\- ]+", "", plain).strip()[:80].strip() or "note"
        for number in range(1, 10_000):
            path = f"{stem}.md" if number == 1 else f"{stem} {number}.md"
            if not (self.root / path).exists():
                return path
        raise VaultError(f"there are too many notes called {stem}", "Choose another title")

    def _guarded(self, path: str) -> Path:
        parts = path.split("/")
        bad = any(part in {"", ".", ".."} or part.startswith(".") or "\\" in part or "\0" in part for part in parts)
        if bad or not path.endswith(".md") or len(path) > 400:
            raise VaultError(f"{path!r} is not a path of a note", "Use names without .., leading dots and backslashes")
        place = self.root
        for part in parts:
            place = place / part
            if place.is_symlink():
                raise VaultError(f"{path} leads through a symbolic link", "Move the note itself into the vault")
        if not place.resolve().is_relative_to(self.root.resolve()):
            raise VaultError(f"{path} lies outside the vault", "Move the note into the vault")
        return place


def _id_of(path: str) -> str:
    return hashlib.sha256(b"weal/note/" + path.encode()).hexdigest()[:32]


def _durably(place: Path, content: bytes) -> None:
    temporary = place.with_name(f".{place.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
