"""Where notes come from: a folder, an Obsidian vault, a ChatGPT or Claude export, a file about the person. Hostile until read.

Reading yields one `Given` after the other and holds one file at a time; what cannot be taken yields a `Refused` that says why.
Nothing is followed out of the source: no links, no names with .., no more bytes than the limits say.
"""

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from weal_node.errors import VaultError
from weal_node.vault import conversations, markdown

MAX_JSON = 512 * 1024 * 1024  # bytes of an export's conversations
MAX_FILES = 200_000
MAX_PATH = 280  # characters
TEXTS = (".md", ".markdown", ".txt")
ABOUT = frozenset({"user.md", "memory.md"})
MOST_CANDIDATES = 100  # lines of one file
_ITEM = re.compile(r"^\s{0,6}(?:[-*+]|\d{1,3}[.)])\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Given:
    """One note of a source. origin: names it there for good.  path: where it wants to lie, safe, relative.  content: UTF-8."""

    origin: str
    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be taken, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """kind: "obsidian", "folder", "chatgpt", "claude", "file" or "about".  name: the folder it is put into by default."""

    kind: str
    name: str
    place: Path


def recognise(place: Path) -> Source:
    """Say what lies here; VaultError where it is nothing that can be imported."""
    place = place.expanduser()
    name = _part(place.resolve().name.removesuffix(".zip")) or "Imported"
    if place.is_dir():
        if (place / "conversations.json").is_file():
            return _export(place / "conversations.json")
        return Source("obsidian" if (place / ".obsidian").is_dir() else "folder", name, place)
    if not place.is_file():
        raise VaultError(f"there is nothing at {place}", "Name a folder, a Markdown file, or an export (zip or JSON)")
    if place.suffix.lower() in (".zip", ".json"):
        return (
            _export(place) if place.suffix.lower() == ".json" or _holds_export(place) else Source("folder", name, place)
        )
    if place.name.lower() in ABOUT:
        return Source("about", "", place)
    if place.suffix.lower() in TEXTS:
        return Source("file", "", place)
    raise VaultError(f"{place.name} is nothing that can be imported", "Folder, .md, .txt, or an export (.zip, .json)")


def notes(source: Source) -> Iterator[Given | Refused]:
    """Give every note of the source."""
    if source.kind in ("chatgpt", "claude"):
        for origin, title, content in conversations.notes(source.kind, _conversations(source.place)):
            yield Given(origin, f"{_part(title) or 'Conversation'}.md", content)
    elif source.kind != "about":
        for name, raw in _files(source):
            yield raw if isinstance(raw, Refused) else _given(source, name, raw)


def candidates(source: Source) -> tuple[tuple[str, str], ...]:
    """Return lines that may be principles, with the name of the file they stand in; from USER.md, MEMORY.md and the like."""
    places = [source.place] if source.kind == "about" else []
    if source.kind in ("folder", "obsidian") and source.place.is_dir():
        places = sorted(one for one in source.place.iterdir() if one.name.lower() in ABOUT and not one.is_symlink())
    found = []
    for place in places:
        raw = _bounded(place)
        text = "" if isinstance(raw, Refused) else raw.decode(errors="replace")
        found += [(line, place.name) for line in _lines(text)]
    return tuple(found)


def _lines(text: str) -> list[str]:
    """Return what stands in a list, or else every line of prose; no headings, no code, no front matter."""
    body = markdown.body_of(text)
    body = re.sub(r"^(```|~~~).*?^\1", "", body, flags=re.MULTILINE | re.DOTALL)
    items = [found.group(1) for line in body.splitlines() if (found := _ITEM.match(line))]
    prose = [line for line in body.splitlines() if line.strip() and not line.startswith(("#", ">", "|", "<"))]
    plain = (" ".join(re.sub(r"[*_`]+", "", line).split()) for line in (items or prose))
    return list(dict.fromkeys(line for line in plain if 8 <= len(line) <= 280))[:MOST_CANDIDATES]


def _given(source: Source, name: str, raw: bytes) -> Given | Refused:
    path = "/".join(part for part in (_part(one) for one in PurePosixPath(name).parts) if part)
    stem, dot, suffix = path.rpartition(".")
    path = f"{stem if dot and f'.{suffix.lower()}' in TEXTS else path}.md"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            raw = raw.decode("utf-16").encode()
        except UnicodeError:
            return Refused(name, "it is neither UTF-8 nor UTF-16 text")
    if b"\0" in raw:
        return Refused(name, "it is no text")
    if len(path) > MAX_PATH:
        return Refused(name, f"its path is longer than {MAX_PATH} characters")
    try:
        markdown.read(raw, path)
    except VaultError as fault:
        return Refused(name, fault.what)
    return Given(f"{source.kind}:{source.name}/{name}", path, raw)


def _files(source: Source) -> Iterator[tuple[str, bytes | Refused]]:
    if source.place.is_dir():
        yield from _in_folder(source.place)
    elif source.place.suffix.lower() == ".zip":
        yield from _in_zip(source.place)
    else:
        yield source.place.name, _bounded(source.place)


def _in_folder(root: Path) -> Iterator[tuple[str, bytes | Refused]]:
    seen = 0
    for folder, inside, names in os.walk(root):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        for name in sorted(names):
            place = Path(folder, name)
            if name.startswith(".") or not name.lower().endswith(TEXTS):
                continue
            seen += 1
            if seen > MAX_FILES:
                yield name, Refused(name, f"there are more than {MAX_FILES} files")
                return
            shown = place.relative_to(root).as_posix().encode(errors="replace").decode()
            yield shown, Refused(shown, "it is a symbolic link") if place.is_symlink() else _bounded(place, shown)


def _in_zip(place: Path) -> Iterator[tuple[str, bytes | Refused]]:
    with _opened(place) as archive:
        for entry in archive.infolist()[:MAX_FILES]:
            parts = PurePosixPath(entry.filename).parts
            if (
                entry.is_dir()
                or not entry.filename.lower().endswith(TEXTS)
                or any(p.startswith(".") and p != ".." for p in parts)
            ):
                continue
            name = entry.filename
            if ".." in parts or name.startswith("/") or "\\" in name:
                yield name, Refused(name, "its name leads out of the archive")
                continue
            yield name, _unpacked(archive, entry, markdown.MAX_NOTE_BYTES)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes | Refused:
    """Return an entry's bytes, never more than `most` whatever its header says."""
    try:
        with archive.open(entry) as file:
            raw = file.read(most + 1)
    except (OSError, RuntimeError, zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as fault:
        return Refused(entry.filename, f"it cannot be unpacked: {type(fault).__name__}")
    return raw if len(raw) <= most else Refused(entry.filename, f"it is larger than {most // 1024} KiB")


def _bounded(place: Path, shown: str = "", most: int = markdown.MAX_NOTE_BYTES) -> bytes | Refused:
    name = shown or place.name
    try:
        if not place.is_file():
            return Refused(name, "it is no plain file")
        with place.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as fault:
        return Refused(name, f"it cannot be read: {fault.strerror}")
    return raw if len(raw) <= most else Refused(name, f"it is larger than {most // 1024} KiB")


def _opened(place: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(place)
    except (OSError, zipfile.BadZipFile, ValueError) as fault:
        raise VaultError(f"{place.name} is no zip archive that can be read", "Download the export again") from fault


def _holds_export(place: Path) -> bool:
    with _opened(place) as archive:
        return any(PurePosixPath(name).name == "conversations.json" for name in archive.namelist())


def _export(place: Path) -> Source:
    kind = conversations.kind(_conversations(place))
    return Source(kind, "ChatGPT" if kind == "chatgpt" else "Claude", place)


def _conversations(place: Path) -> object:
    if place.suffix.lower() == ".zip":
        with _opened(place) as archive:
            entry = next(one for one in archive.infolist() if PurePosixPath(one.filename).name == "conversations.json")
            raw = _unpacked(archive, entry, MAX_JSON)
    else:
        raw = _bounded(place, most=MAX_JSON)
    if isinstance(raw, Refused):
        raise VaultError(f"{raw.name}: {raw.why}", "Download the export again")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as fault:
        raise VaultError(f"{place.name} is no JSON", "Download the export again") from fault


def folder(name: str) -> str:
    """Return a folder's path as every file system takes it; "" for none."""
    return "/".join(part for part in map(_part, name.split("/")) if part)[:100].strip("/ ")


def _part(name: str) -> str:
    """Return one part of a path that every file system takes; "" where nothing is left."""
    plain = re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|\ud800-\udfff]+', " ", name)
    return " ".join(plain.split()).lstrip(".").strip().encode()[:180].decode(errors="ignore").strip()
