"""Pictures that lie in the vault: which file a note means, and its bytes where they are a raster image and nothing else.

The kind is read from the bytes, not from the name, so that a page or a script under a picture's name is never served. SVG is
none of these: it can hold scripts and addresses.
"""

import os
import posixpath
import stat
from collections.abc import Callable
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.vault.links import Links, LinkTarget
from weal_node.vault.place import guarded, visible
from weal_protocol import letters

MAX_BYTES = 20 * 1024 * 1024
MOST_FILES = 200_000  # looked at for a picture that is named without its folder
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".PNG", ".JPG", ".JPEG", ".GIF", ".WEBP")

Finder = Callable[[str], str]


def kind(content: bytes) -> str:
    """Return the media type of a raster image by its first bytes, "" of anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def read(root: Path, path: str) -> tuple[bytes, str]:
    """Return the picture's bytes and media type; VaultError where it lies outside, is missing, too large or no picture."""
    place = guarded(root, path, ENDINGS)
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise VaultError(f"{path} is no plain file", "Take it out of the vault")
            content = file.read(MAX_BYTES + 1)
    except OSError as fault:
        raise VaultError(f"{path} cannot be read: {fault.strerror}", "Is it still there?") from fault
    if len(content) > MAX_BYTES:
        raise VaultError(f"{path} is larger than {MAX_BYTES >> 20} MiB", "Make it smaller")
    if not (media_type := kind(content)):
        raise VaultError(f"{path} is no PNG, JPEG, GIF or WebP picture", "Convert it to one of these")
    return content, media_type


def finder(root: Path, note: str) -> Finder:
    """Return what says which file of the vault a note at this path means by a picture's name: its path, or "" for none.

    As links are: see links.py. The folders are looked through only for what does not lie where it is said to."""
    anywhere: Links | None = None

    def find(name: str) -> str:
        nonlocal anywhere
        name = name.partition("#")[0].partition("?")[0].strip()
        if not name.lower().endswith(ENDINGS):
            return ""
        if not name.startswith("/") and _there(
            root, path := posixpath.normpath(f"{posixpath.dirname(note)}/./{name}".lstrip("/"))
        ):
            return path
        anywhere = Links(map(LinkTarget, _all(root))) if anywhere is None else anywhere
        path = anywhere.find(name, note)
        return path if path and _there(root, path) else ""

    return find


def _fold(name: str) -> str:
    return letters.normal("NFC", name).casefold()


def _there(root: Path, path: str) -> bool:
    try:
        return guarded(root, path, ENDINGS).is_file()
    except (VaultError, OSError, ValueError):
        return False


def _all(root: Path) -> list[str]:
    """Return the path of every picture, in no hidden folder."""
    pictures: list[str] = []
    looked = 0
    for folder, inside, names in os.walk(root):
        inside[:] = visible(inside)
        looked += len(names)
        for name in names:
            if name.lower().endswith(ENDINGS):
                place = Path(folder, name)
                pictures.append(place.relative_to(root).as_posix())
        if looked > MOST_FILES:
            break
    return pictures
