"""The files of a source, by their names in it: of a folder, a zip archive, or one file. Hostile until read.

Nothing is followed out of it: no links, no names with .., no more bytes than the limits say. What is not listed is counted with its
reason, so that files and reasons together are all that the source holds.
"""

import io
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from weal_node.errors import VaultError, reason
from weal_node.vault import archive_names

MAX_FILES = 200_000
MAX_UNPACKED = 8 * 1024**3  # bytes, of one archive in all
SYSTEM = "files of the system"
HIDDEN = "hidden files, such as settings of other programs"
MANY = f"files beyond the first {MAX_FILES}"
_SYSTEM_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".localized"})
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)  # others ask for memory as the archive likes
_FAULTS = (OSError, RuntimeError, zipfile.BadZipFile, EOFError, ValueError, zlib.error)
_ENCRYPTED = 0x1


class UnreadableError(VaultError):
    """A file of a source cannot be read; the message says why, in words that follow a colon."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source. name: in it, with / between its parts.  size: in bytes, as it is said.  changed_ms: Unix time, 0 for
    unknown.  fault: why it cannot be read, or "".  number: its place in an archive."""

    name: str
    size: int = 0
    changed_ms: int = 0
    fault: str = ""
    number: int = -1

    @property
    def last(self) -> str:
        """Its name without folders."""
        return self.name.rsplit("/", 1)[-1]


class Tree:
    """A source that is open. entries: its files, by name.  left: how many are not listed, by reason.  top: the one folder of an
    archive that all else lies in, which names leave out.  Close it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.left: Counter[str] = Counter()
        self.top = ""
        self._archive: zipfile.ZipFile | None = None
        self._infos: list[zipfile.ZipInfo] = []
        self._unpacked = 0
        self._one = not place.is_dir() and place.suffix.lower() != ".zip"
        if place.is_dir():
            listed = self._in_folder()
        elif self._one:
            listed = [SourceFile(place.name, *_said(place))]
        else:
            self._archive = _opened(place)
            listed = self._in_archive()
        self.entries = sorted(listed, key=lambda entry: entry.name)
        self.by_name = {entry.name: entry for entry in self.entries}

    def close(self) -> None:
        """Let the archive go."""
        if self._archive is not None:
            self._archive.close()

    def read(self, entry: SourceFile, most: int) -> bytes:
        """Return a file's bytes; UnreadableError where it cannot be read, or is larger than `most` whatever is said of it."""
        with self.opened(entry) as file:
            raw = file.read(most + 1)
        if len(raw) > most:
            raise UnreadableError(f"it is larger than {most // 1024} KiB")
        return raw

    @contextmanager
    def opened(self, entry: SourceFile) -> Iterator[BinaryIO]:
        """Give a file to read from; UnreadableError for every way in which that fails."""
        if entry.fault:
            raise UnreadableError(entry.fault)
        try:
            with self._file(entry) as file:
                yield file
        except UnreadableError:
            raise
        except OSError as fault:
            raise UnreadableError(f"it cannot be read: {reason(fault)}") from fault
        except _FAULTS as fault:
            raise UnreadableError(f"it cannot be unpacked: {type(fault).__name__}") from fault

    def _file(self, entry: SourceFile) -> BinaryIO:
        if self._archive is not None:
            packed = self._archive.open(self._infos[entry.number])
            return io.BufferedReader(_Counted(packed, self))
        place = self.place if self._one else self.place / os.fsdecode(entry.name.encode(errors="surrogateescape"))
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UnreadableError("it is no plain file")
        return os.fdopen(descriptor, "rb")

    def spend(self, size: int) -> None:
        """Count bytes that were unpacked; UnreadableError beyond what one archive may be."""
        self._unpacked += size
        if self._unpacked > MAX_UNPACKED:
            raise UnreadableError(f"the archive unpacks to more than {MAX_UNPACKED >> 30} GiB")

    def _in_folder(self) -> list[SourceFile]:
        listed: list[SourceFile] = []
        faults: list[OSError] = []
        for folder, inside, names in os.walk(self.place, onerror=faults.append):
            above = os.path.relpath(folder, self.place)
            above = "" if above == "." else f"{above}/"
            links = [name for name in inside if Path(folder, name).is_symlink()]
            inside[:] = sorted(set(inside) - set(links))
            for name in sorted([*names, *links]):
                why = _unlisted(f"{above}{name}")
                if why or len(listed) >= MAX_FILES:
                    self.left[why or MANY] += 1
                    continue
                place = Path(folder, name)
                fault = "it is a symbolic link" if place.is_symlink() else ""
                listed.append(SourceFile(f"{above}{name}", *_said(place), fault))
            if self.left[MANY] > MAX_FILES:
                break
        for failure in faults:
            name = os.path.relpath(str(failure.filename), self.place)
            listed.append(SourceFile(name, fault=f"the folder cannot be read: {reason(failure)}"))
        return listed

    def _in_archive(self) -> list[SourceFile]:
        assert self._archive is not None
        self._infos = self._archive.infolist()
        names: dict[int, str] = {}
        for number, info in enumerate(self._infos):
            name = archive_names.name(info)
            if name.endswith("/"):
                continue
            name = name or f"no. {number + 1}"
            why = _unlisted(name)
            if why or len(names) >= MAX_FILES:
                self.left[why or MANY] += 1
            else:
                names[number] = name
        firsts = {name.partition("/")[0] if "/" in name else "" for name in names.values()}
        if len(firsts) == 1 and (first := next(iter(firsts))) not in ("", "."):
            self.top = "" if first == ".." else first
        listed, seen = [], set[str]()
        for number, name in names.items():
            info = self._infos[number]
            inner = name.removeprefix(f"{self.top}/") if self.top else name
            fault = _why_not(info, name) or ("the archive holds it twice; the first is taken" if inner in seen else "")
            seen.add(inner)
            listed.append(SourceFile(inner, info.file_size, archive_names.changed_ms(info), fault, number))
        return listed


class _Counted(io.RawIOBase):
    """A packed file that counts what it gives."""

    def __init__(self, packed: IO[bytes], tree: Tree) -> None:
        self._packed, self._tree = packed, tree

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        piece = self._packed.read(len(buffer))
        self._tree.spend(len(piece))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._packed.close()
        super().close()


def _unlisted(name: str) -> str:
    """Return why a file is not looked at, "" where it is."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    if any(map(_of_system, parts)):
        return SYSTEM
    return HIDDEN if any(part.startswith(".") for part in parts) else ""


def _of_system(part: str) -> bool:
    return part == "__MACOSX" or part.startswith("._") or part.lower() in _SYSTEM_NAMES


def _why_not(info: zipfile.ZipInfo, name: str) -> str:
    parts = name.split("/")
    if not info.filename:
        return "it has no name"
    if ".." in parts or name.startswith("/") or parts[0][1:2] == ":":
        return "its name leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a symbolic link"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted: unpack the archive with its password first"
    return "" if info.compress_type in _METHODS else "it is packed in a way that is not read here: pack it as plain zip"


def _said(place: Path) -> tuple[int, int]:
    try:
        status = place.lstat()
    except OSError:
        return 0, 0
    return status.st_size, int(status.st_mtime * 1_000)


def _opened(place: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(place)
    except (*_FAULTS, NotImplementedError, MemoryError, OverflowError) as fault:
        raise VaultError(f"{place.name} is no zip archive that can be read", "Download the export again") from fault
