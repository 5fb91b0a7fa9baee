"""Which files of the vault the history holds as they now are, by hash: the folder on one side, the newest commit on the other."""

import hashlib
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.vault.commits import blob_id, tree
from weal_node.vault.place import files, guarded, visible

MAX_BYTES = 64 * 1024 * 1024  # of a file in the history, also of one that is too large to be read as a note
STEADY_NS = 2_000_000_000  # a file that changed just now may change again within one tick of its file system's clock
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Missing:
    """A note that the history does not hold as it now is. why: it never will, unless the person does something; "" for not yet."""

    path: str
    why: str = ""


class Folder:
    """The vault's files by what git would call them. A file is read again only when its status has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}

    def blob(self, path: str) -> str:
        """Return the id of this file's bytes; VaultError says why the history cannot keep it."""
        place = guarded(self._root, path)
        try:
            status = place.stat()
            if not stat.S_ISREG(status.st_mode):
                raise VaultError(f"{path} is no plain file", "Take it out of the vault")
            if status.st_size > MAX_BYTES:
                raise VaultError(
                    f"{path} is larger than {MAX_BYTES >> 20} MiB, too large for the history", "Split the note"
                )
            mark = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
            remembered = self._known.get(path)
            if remembered is not None and remembered[0] == mark:
                return remembered[1]
            blob = _blob_of(place, status.st_size)
        except OSError as fault:
            raise VaultError(
                f"{path} cannot be read: {fault.strerror}", "Is it still there, and yours to read?"
            ) from fault
        if time.time_ns() - max(mark[:2]) > STEADY_NS:
            self._known[path] = mark, blob
        return blob

    def is_foreign(self, path: str, tree: Mapping[str, str]) -> bool:
        """Whether a file is there that the history could keep, and this commit does not hold as it is."""
        try:
            return self.blob(path) != tree.get(path)
        except VaultError:
            return False

    def compare(self, tree: Mapping[str, str]) -> tuple[int, list[Missing]]:
        """Return how many notes are there, and which of them are not, or not so, in this commit, by path."""
        listed, missing = files(self._root), []
        for path, _ in listed:
            try:
                if self.blob(path) != tree.get(path):
                    missing.append(Missing(path))
            except VaultError as fault:
                if os.path.lexists(self._root / path):  # else it went away meanwhile
                    missing.append(Missing(path, f"{fault.what}. {fault.hint}"))
        return len(listed), missing


def look(root: Path) -> tuple[int, list[Missing]]:
    """Return how many notes the folder has, and which of them the history does not hold as they are. Changes nothing."""
    return Folder(root).compare(tree(root))


def _blob_of(place: Path, size: int) -> str:
    with place.open("rb") as file:
        head = file.read(PIECE)
        if len(head) < PIECE:
            return blob_id(head)
        digest = hashlib.sha1(b"blob %d\0" % size + head, usedforsecurity=False)
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def links(root: Path) -> list[str]:
    """Return the folders of the vault that are links to others, by path; no note is read through them."""
    linked: list[str] = []
    for folder, inside, _ in os.walk(root):
        inside[:] = visible(inside)
        places = map(Path(folder).joinpath, inside)
        linked += [place.relative_to(root).as_posix() for place in places if place.is_symlink()]
    return sorted(linked)
