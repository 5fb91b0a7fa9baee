"""The vault on disk: guarded paths, and saves that a crash cannot tear.

A file is written beside its place, synced, renamed, and its folder synced; absence never means deletion.
"""

import hashlib
import os
import re
import secrets
import stat
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.records import Note
from weal_node.vault import history, markdown

MAX_NOTES = 200_000


@dataclass(frozen=True, slots=True)
class Version:
    """A note as its file now says it. sha256: of the file's bytes, hex.  size: in bytes."""

    note: Note
    sha256: str
    size: int


class Vault:
    """A folder of notes. Every save is a commit. Blocking: call from a thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._writing = threading.Lock()
        self._read: dict[str, tuple[tuple[int, ...], Version | VaultError]] = {}

    def read_all(self) -> tuple[tuple[Note, ...], tuple[str, ...]]:
        """Return every note, by path, and one line for each file that cannot be read."""
        found = self._look()
        faults = tuple(str(one) for one in found if isinstance(one, VaultError))
        return tuple(one.note for one in found if isinstance(one, Version)), faults

    def versions(self) -> tuple["Version", ...]:
        """Return every note that can be read, by path, with the digest of its file."""
        with self._writing:
            return tuple(one for one in self._look() if isinstance(one, Version))

    def _look(self) -> list["Version | VaultError"]:
        """Look at every file; only those that changed since the last look are read."""
        before, now = self._read, {}
        for path, place in _files(self.root):
            try:
                status = place.lstat()
            except OSError:
                continue  # it went away meanwhile
            mark = (status.st_mtime_ns, status.st_size, status.st_ino, stat.S_IFMT(status.st_mode))
            known = before.get(path)
            now[path] = known if known is not None and known[0] == mark else (mark, self._version(path))
        self._read = now
        return [entry for _, entry in now.values()]

    def _version(self, path: str) -> "Version | VaultError":
        try:
            raw = self.raw(path)
            return Version(_named(markdown.read(raw, path)), hashlib.sha256(raw).hexdigest(), len(raw))
        except VaultError as fault:
            return fault

    def read(self, path: str) -> Note:
        """Return one note; a note without an id of ours gets one made from its path, so that links to it hold."""
        return _named(markdown.read(self.raw(path), path))

    def raw(self, path: str) -> bytes:
        """Return the file's bytes; VaultError when it lies outside, is missing or too large."""
        place = self._guarded(path)
        try:
            if place.stat().st_size > markdown.MAX_NOTE_BYTES:
                raise VaultError(f"{path} is larger than {markdown.MAX_NOTE_BYTES // 1024} KiB", "Split the note")
            return place.read_bytes()
        except OSError as fault:
            raise VaultError(f"{path} cannot be read: {fault.strerror}", "Is it still there?") from fault

    def save(self, note: Note, kept: Callable[[Note, bytes], None] | None = None) -> Note:
        """Write the note and commit it; return it with the id and path it now has.

        `kept` is called with note and file once they are on disk, before anyone can see them in `versions`.
        """
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
            if kept is not None:
                kept(note, content)
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


def _named(note: Note) -> Note:
    return note if note.id else replace(note, id=hashlib.sha256(b"weal/note/" + note.path.encode()).hexdigest()[:32])


def _files(root: Path) -> list[tuple[str, Path]]:
    """Return path and place of every Markdown file, by path; nothing in hidden folders such as .git."""
    found = []
    for folder, inside, names in os.walk(root):
        inside[:] = [name for name in inside if not name.startswith(".")]
        places = (Path(folder, name) for name in names if name.endswith(".md") and not name.startswith("."))
        found += [(place.relative_to(root).as_posix(), place) for place in places]
    return sorted(found)[:MAX_NOTES]


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
