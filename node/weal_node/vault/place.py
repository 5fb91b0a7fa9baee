"""Where a note may lie, which files are notes, and how a file is written so that a crash cannot tear it."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from weal_node.errors import VaultError, hardship

MAX_NOTES = 200_000
MAX_PATH = 400  # characters
MAX_NAME = 240  # bytes of one part; file systems hold 255, and a name beside it needs some more


def guarded(root: Path, path: str, endings: tuple[str, ...] = (".md",)) -> Path:
    """Return the place of a note's path, or of another file's; VaultError where it leads out of the vault, or could."""
    parts = path.split("/")
    if any(map(_is_bad, parts)) or not path.endswith(endings) or len(path) > MAX_PATH:
        what = "a note" if endings == (".md",) else "a picture"
        raise VaultError(f"{path[:80]!a} is not a path of {what}", "Use names without .., leading dots and backslashes")
    place = root
    for part in parts:
        place = place / part
        if place.is_symlink():
            raise VaultError(f"{path} leads through a symbolic link", "Move the note itself into the vault")
    if not os.path.realpath(place).startswith(os.path.realpath(root) + os.sep):
        raise VaultError(f"{path} lies outside the vault", "Move the note into the vault")
    return place


def _is_bad(part: str) -> bool:
    """Whether a part of a path could lead elsewhere, or be taken by no file system."""
    if part.startswith(".") or "\\" in part or not part or len(part.encode(errors="replace")) > MAX_NAME:
        return True
    return any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) < 0xE000 for letter in part)


def visible(names: Iterable[str]) -> list[str]:
    """Return the names that are not hidden, in order."""
    return sorted(name for name in names if not name.startswith("."))


def files(root: Path) -> list[tuple[str, Path]]:
    """Return path and place of every Markdown file, by path; nothing in hidden folders such as .git."""
    listed: list[tuple[str, Path]] = []
    for folder, inside, names in os.walk(root):
        inside[:] = visible(inside)
        for name in visible(names):
            if name.endswith(".md"):
                place = Path(folder, name)
                listed.append((place.relative_to(root).as_posix(), place))
    return sorted(listed)[:MAX_NOTES]


def durably(place: Path, content: bytes) -> None:
    """Write a file in one step: after a crash at any moment it is the old one or the new one, whole."""
    for folder in sorted(swapped(place, content)):
        sync(folder)


def swapped(place: Path, content: bytes) -> set[Path]:
    """Do the same, but for the folders that have to be synced before it holds: they are returned, and several files may share one.
    NoRoomError where the disk is full."""
    try:
        return _swapped(place, content)
    except OSError as fault:
        if (named := hardship(fault)) is not None:
            raise named from fault
        raise


def _swapped(place: Path, content: bytes) -> set[Path]:
    missing = [folder for folder in place.parents if not folder.exists()]
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{secrets.token_hex(4)}.weal.tmp")
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
    return {place.parent, *(folder.parent for folder in missing)}


def sync(folder: Path) -> None:
    """Let the disk have what a folder now lists."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
