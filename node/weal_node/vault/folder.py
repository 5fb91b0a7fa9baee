"""The vault on disk: guarded paths, and saves that a crash cannot tear.

A file is written beside its place, synced, renamed, and its folder synced; absence never means deletion.
"""

import hashlib
import os
import re
import secrets
import stat
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from weal_node.errors import ChangedMeanwhileError, VaultError
from weal_node.records import Note
from weal_node.vault import history, markdown, rewrite
from weal_node.vault.kept import MAX_BYTES, Folder
from weal_node.vault.links import Index
from weal_node.vault.place import durably, files, guarded, swapped, sync
from weal_node.vault.rules import Rules
from weal_node.vault.versions import UnreadableNote, VaultNote, readable, unreadable
from weal_protocol.letters import normal

Kept = Callable[[Note, bytes], None]
NO_RULES = Rules()
MAX_KEPT_BYTES = MAX_BYTES  # of a file in the history, also of one that is too large to be read as a note
MOST_TITLE = 400  # characters of a title that make a file's name
CHUNK = 200  # files of others in one commit
CHUNK_BYTES = 64 * 1024 * 1024  # of them, which pass through memory


class Vault:
    """A folder of notes. Every save is a commit. Blocking: call from a thread.

    `rules` may be replaced at any time; what is read afterwards follows the new ones.
    """

    def __init__(self, root: Path, rules: Rules = NO_RULES) -> None:
        self.root = root
        self.changes = (
            0  # how often something may have changed: who looks at everything looks again once this is another
        )
        self.links = Index()
        self._rules = rules
        self._writing = threading.RLock()
        self._read: dict[str, tuple[tuple[int, ...], VaultNote | UnreadableNote]] = {}
        self._files = Folder(root)

    @property
    def rules(self) -> Rules:
        """What the person said of folders and imports."""
        return self._rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._rules = rules
        self.changes += 1

    @property
    def writing(self) -> threading.RLock:
        """What is held while something is written."""
        return self._writing

    def read_all(self) -> tuple[tuple[Note, ...], tuple[str, ...]]:
        """Return every note, by path, and one line for each file that cannot be read."""
        entries = self._look()
        faults = tuple(str(entry.why) for entry in unreadable(entries))
        return tuple(version.note for version in readable(entries)), faults

    def versions(self, rules: Rules | None = None) -> tuple[VaultNote, ...]:
        """Return every note that can be read, by path, with the digest of its file; by other rules than the vault's where they are given."""
        with self._writing:
            return readable(self._look(rules))

    def dated(self) -> list[tuple[VaultNote, int]]:
        """Return every note that can be read, by path, with when its file was last changed: Unix time in ms."""
        with self._writing:
            found = readable(self._look())
            return [(version, self._read[version.note.path][0][0] // 1_000_000) for version in found]

    def refused(self) -> tuple[UnreadableNote, ...]:
        """Return every file that cannot be read as a note, by path."""
        with self._writing:
            return unreadable(self._look())

    def _look(self, rules: Rules | None = None) -> list[VaultNote | UnreadableNote]:
        """Look at every file; only those that changed since the last look are read."""
        former, current = self._read, {}
        for path, place in files(self.root):
            try:
                status = place.lstat()
            except OSError:
                continue  # it went away meanwhile
            mark = (status.st_mtime_ns, status.st_size, status.st_ino, stat.S_IFMT(status.st_mode))
            known = former.get(path)
            current[path] = known if known is not None and known[0] == mark else (mark, self._version(path))
        self._read = current
        return [self._ruled(entry, rules or self.rules) for _, entry in current.values()]

    def _version(self, path: str) -> VaultNote | UnreadableNote:
        try:
            raw = self.raw(path)
            return VaultNote(_named(markdown.read(raw, path)), hashlib.sha256(raw).hexdigest(), len(raw))
        except VaultError as fault:
            return UnreadableNote(path, self._id(path) or _id_of(path), fault)

    def _id(self, path: str) -> str:
        """Return the id that a file which cannot be read names in its first lines."""
        try:
            place = guarded(self.root, path)
            if not place.is_file():
                return ""
            with place.open("rb") as file:
                return markdown.id_in(file.read(markdown.MAX_FRONT_BYTES))
        except (VaultError, OSError):
            return ""

    def _ruled(self, entry: VaultNote | UnreadableNote, rules: Rules) -> VaultNote | UnreadableNote:
        return replace(entry, note=rules.over(entry.note, entry.sha256)) if isinstance(entry, VaultNote) else entry

    def read(self, path: str) -> Note:
        """Return one note; a note without an id of ours gets one made from its path, so that links to it hold."""
        raw = self.raw(path)
        return self.rules.over(_named(markdown.read(raw, path)), hashlib.sha256(raw).hexdigest())

    def raw(self, path: str, most: int = markdown.MAX_NOTE_BYTES) -> bytes:
        """Return the file's bytes; VaultError when it lies outside, is missing or too large."""
        place = guarded(self.root, path)
        try:
            status = place.stat()
            if not stat.S_ISREG(status.st_mode):
                raise VaultError(f"{path} is no plain file", "Take it out of the vault")
            if status.st_size > most:
                in_history = status.st_size <= MAX_KEPT_BYTES
                hint = (
                    "Split the note"
                    if in_history
                    else "Split the note: so large a file is not kept in the history either"
                )
                raise VaultError(f"{path} is larger than {most // 1024} KiB", hint)
            return place.read_bytes()
        except OSError as fault:
            raise VaultError(f"{path} cannot be read: {fault.strerror}", "Is it still there?") from fault

    def save(
        self, note: Note, kept: Kept | None = None, seen: str = "", message: str = "", over: bytes | None = None
    ) -> Note:
        """Write the note and commit it; return it with the id and path it now has. A path that ends with "/" is the folder
        of a new note.

        `kept` is called with note and file once they are on disk, before anyone can see them in `versions`.
        `seen`: SHA-256 of the file as the person last saw it; ChangedMeanwhileError where it now is another.
        `over`: the file whose other keys are kept, where that is not the one which is there now.
        """
        with self._writing:
            before = self._before(note.path)
            if seen and before is not None and hashlib.sha256(before).hexdigest() != seen:
                raise ChangedMeanwhileError(
                    f"{note.path} was changed elsewhere meanwhile", "Look at both, then save what should hold"
                )
            overs = {note.path: over} if over is not None else {}
            (saved,) = self.save_all(
                [note], kept, message or f"{'Add' if before is None else 'Change'} {{path}}", overs
            )
            return saved

    def save_all(
        self,
        notes: Sequence[Note],
        kept: Kept | None = None,
        message: str = "Change {path}",
        overs: Mapping[str, bytes] = MappingProxyType({}),
    ) -> list[Note]:
        """Write notes, as `save` does, in one commit. What another editor wrote there meanwhile is committed first."""
        with self._writing:
            saved, written = [], []
            for note in notes:
                note = replace(note, id=note.id or secrets.token_hex(16), path=self._path(note), stated=True)
                content = markdown.write(note, overs.get(note.path, self._before(note.path)))
                markdown.read(content, note.path)  # what cannot be read back, or is too large, is not written
                saved.append(note)
                written.append((note.path, content))
            self._keep_others(list(dict(written)))
            for note, (path, content) in zip(saved, written, strict=True):
                durably(guarded(self.root, path), content)
                if kept is not None:
                    kept(note, content)
            self._commit(written, message.format(path=saved[0].path))
            return saved

    def put(self, contents: Sequence[tuple[str, bytes]], message: str) -> None:
        """Write files as they are, and commit them together; for imports, and for what was in the history, readable or not."""
        with self._writing:
            self._keep_others(list(dict(contents)))
            folders: set[Path] = set()
            for path, content in contents:
                folders |= swapped(guarded(self.root, path), content)
            for folder in sorted(folders):
                sync(folder)
            self._commit(contents, message)

    def commit_outside(self, paths: Iterable[str] | None = None) -> list[str]:
        """Commit what other editors wrote, at these paths or anywhere; return the paths that were committed.

        A file that is gone is no change: what was in it stays in the history."""
        with self._writing:
            tree = history.tree(self.root)
            if paths is None:
                changed = [file.path for file in self._files.compare(tree)[1] if not file.why]
            else:
                changed = [path for path in sorted(set(paths)) if self._files.is_foreign(path, tree)]
        committed: list[str] = []
        while changed:  # a person who saves meanwhile waits for one piece, not for all
            with self._writing:
                part = self._piece(changed)
                if part:
                    committed += history.commit(self.root, part, "Change {path}, by another program")
        return committed

    def _piece(self, paths: list[str]) -> dict[str, bytes]:
        """Take the next files off the list and return what is in them now."""
        part: dict[str, bytes] = {}
        while paths and len(part) < CHUNK and sum(map(len, part.values())) < CHUNK_BYTES:
            path = paths.pop(0)
            try:
                part[path] = self.raw(path, MAX_KEPT_BYTES)
            except VaultError:
                continue  # it went away meanwhile, or grew too large: the next look says so
        return part

    def forget(self, paths: Sequence[str]) -> None:
        """Take these files out of the folder and out of the whole history."""
        with self._writing:
            places = list(map(partial(guarded, self.root), paths))
            rewrite.without(self.root, paths)
            for place in places:
                place.unlink(missing_ok=True)
            self.changes += 1

    def free_path(self, title: str, folder: str = "", taken: Iterable[str] = ()) -> str:
        """Return a path for a new note of this title where no file is, and which is not `taken`."""
        plain = normal("NFKC", title[:MOST_TITLE]).strip()
        stem = re.sub(r"[^\w\- ]+", "", plain).strip()[:80].strip() or "note"
        begin = folder.strip("/") + "/" if folder.strip("/") else ""
        for number in range(1, 10_000):
            path = f"{begin}{stem}.md" if number == 1 else f"{begin}{stem} {number}.md"
            if path not in taken and not guarded(self.root, path).exists():
                return path
        raise VaultError(f"there are too many notes called {stem}", "Choose another title")

    def _path(self, note: Note) -> str:
        return self.free_path(note.title, note.path) if not note.path or note.path.endswith("/") else note.path

    def _before(self, path: str) -> bytes | None:
        if not path or path.endswith("/"):
            return None
        place = guarded(self.root, path)
        return place.read_bytes() if place.exists() else None

    def _keep_others(self, paths: Sequence[str]) -> None:
        """See that the history holds what is about to be overwritten, byte for byte; VaultError where it does not and cannot."""
        history.check_ready(self.root)  # before anything is written
        tree = history.tree(self.root)
        existing = [path for path in paths if os.path.lexists(guarded(self.root, path))]
        for path in existing:
            if (self.root / path).stat().st_size > MAX_KEPT_BYTES:
                raise VaultError(f"{path} is too large for the history, and would be lost", "Move it away first")
        foreign = [path for path in existing if self._files.blob(path) != tree.get(path)]
        if foreign:
            self.commit_outside(foreign)
            tree = history.tree(self.root)
        for path in foreign:
            if self._files.blob(path) != tree.get(path):
                raise ChangedMeanwhileError(
                    f"{path} is being changed by another program, and its text would be lost", "Save again in a moment"
                )

    def _commit(self, written: Sequence[tuple[str, bytes]], message: str) -> None:
        history.commit(self.root, dict(written), message)
        self.changes += 1


def _named(note: Note) -> Note:
    return note if note.id else replace(note, id=_id_of(note.path))


def _id_of(path: str) -> str:
    return hashlib.sha256(b"weal/note/" + path.encode(errors="surrogateescape")).hexdigest()[:32]
