"""Where notes come from: a folder, an Obsidian vault, a ChatGPT or Claude export, a file about the person. Hostile until read.

Reading yields one `Given` after the other and holds one file at a time; what cannot be taken yields a `Refused` that says why. What
is neither is counted with its reason: all of them together are the source.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.vault import dates, exports, markdown, naming, shown
from weal_node.vault.exports import RefusedPart
from weal_node.vault.naming import TEXTS, folder
from weal_node.vault.tally import FILE, Tally
from weal_node.vault.tree import SourceFile, Tree, UnreadableError

__all__ = ["ImportSource", "RefusedPart", "ShownFile", "SourceNote", "SourceReading", "folder", "notes", "recognise"]

ABOUT = frozenset({"user.md", "memory.md"})
MAX_FILE = 100 * 1024 * 1024  # bytes of a file that notes show
MOST_CANDIDATES = 100  # lines of one file
_ITEM = re.compile(r"^\s{0,6}(?:[-*+]|\d{1,3}[.)])\s+(.*)$")
_EXPORTS = ("chatgpt", "claude")


@dataclass(frozen=True, slots=True)
class SourceNote:
    """One note of a source. origin: names it there for good.  path: where it wants to lie, safe, relative.  content: UTF-8.
    changed_ms: Unix time, 0 for unknown.  name: of its file at the source, by which links know it; "" where it has none."""

    origin: str
    path: str
    content: bytes
    changed_ms: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that notes of the source show or link to. path: where it has to lie for that, relative.  notes: how many do."""

    entry: SourceFile
    path: str
    notes: int


@dataclass(frozen=True, slots=True)
class ImportSource:
    """kind: "obsidian", "folder", "chatgpt", "claude", "file" or "about".  name: the folder it is put into by default."""

    kind: str
    name: str
    place: Path


def recognise(place: Path) -> ImportSource:
    """Say what lies here; VaultError where it is nothing that can be imported."""
    place = place.expanduser()
    suffix = place.suffix.lower()
    name = naming.part(place.resolve().name[: -4 if suffix == ".zip" else None]) or "Imported"
    if place.is_dir():
        kind = "obsidian" if (place / ".obsidian").is_dir() else "folder"
        return (_export(place) if _may_export(place) else None) or ImportSource(kind, name, place)
    if not place.is_file():
        raise VaultError(f"there is nothing at {place}", "Name a folder, a Markdown file, or an export (zip or JSON)")
    if suffix == ".zip" or suffix in exports.JSONS:
        return _export(place) or ImportSource("folder", name, place)
    if place.name.lower() in ABOUT:
        return ImportSource("about", "", place)
    if suffix in TEXTS:
        return ImportSource("file", "", place)
    raise VaultError(f"{place.name} is nothing that can be imported", "Folder, .md, .txt, or an export (.zip, .json)")


def notes(source: ImportSource) -> Iterator[SourceNote | RefusedPart]:
    """Give every note of the source."""
    reading = SourceReading(source)
    try:
        yield from reading.notes()
    finally:
        reading.close()


class SourceReading:
    """One look through a source. id: names it for good, and so do origins that begin with it.  under: a folder that names in it
    begin with.  tally: what became of everything, whole once `notes` and `files` have ended.  Close it."""

    def __init__(self, source: ImportSource) -> None:
        self.source = source
        self.tree = Tree(source.place)
        self.tally = Tally()
        self.id, self.under = f"{source.kind}:{source.name}", ""
        self._shown: Counter[str] = Counter()
        self._held = {entry.name for entry in exports.holding(self.tree)} if source.kind in _EXPORTS else set()
        beside = [entry for entry in self.tree.entries if source.kind in _EXPORTS and not self._is_json(entry)]
        self._assets = exports.Assets(self.tree, beside)
        for why, count in self.tree.left.items():
            self.tally.leave(FILE, why, count)

    def close(self) -> None:
        """Let the source go."""
        self.tree.close()

    def notes(self) -> Iterator[SourceNote | RefusedPart]:
        """Give every note."""
        if self.source.kind in _EXPORTS:
            for part in exports.read(self.tree, self.tally, self._assets):
                if isinstance(part, RefusedPart):
                    yield part
                else:
                    yield SourceNote(part.origin, naming.note_path(part.path), part.content, part.changed_ms)
            yield from self._texts_beside()
        elif self.source.kind == "about":
            self.tally.take(FILE)
        else:
            yield from self._texts()

    def files(self) -> Iterator[ShownFile | RefusedPart]:
        """Give every file that notes show, once all notes were read; those that none shows are counted."""
        for entry in self.tree.entries:
            if self._is_note(entry):
                continue
            times = self._shown[entry.name]
            if entry.fault or (times and entry.size > MAX_FILE):
                why = entry.fault or f"it is larger than {MAX_FILE >> 20} MiB"
                name = entry.name.encode(errors="replace").decode()
                yield RefusedPart(name, f"{why} (notes that show it: {times})" if times else why)
            elif times:
                yield ShownFile(entry, naming.file_path(entry.name), times)
            elif entry.name in self._assets.shown:
                yield ShownFile(entry, self._assets.shown[entry.name], 1)
            else:
                self.tally.leave(FILE, f"{shown.kind(entry.name)}s that no note shows")

    def _is_note(self, entry: SourceFile) -> bool:
        """Whether a file was looked at as one that holds notes."""
        text = entry.name.lower().endswith(TEXTS)
        if self.source.kind in _EXPORTS:
            beside = text and not exports.is_asset(entry) and entry.name not in self._assets.shown
            return self._is_json(entry) or beside
        return self.source.kind in ("file", "about") or text

    def _is_json(self, entry: SourceFile) -> bool:
        return entry.name in self._held or exports.is_read(entry)

    def note(self, name: str) -> bytes | None:
        """Return what a note of this name would be, None where there is none."""
        entry = self.tree.by_name.get(name)
        part = self._given(entry, "") if entry is not None else None
        return part.content if isinstance(part, SourceNote) else None

    def _texts(self) -> Iterator[SourceNote | RefusedPart]:
        others = self._others()
        for entry in self.tree.entries:
            if self._is_note(entry):
                part = self._given(entry, f"{self.id}/{self.under}{entry.name}")
                self.tally.take(FILE, isinstance(part, SourceNote))
                self._see(entry, part, others)
                yield part

    def _texts_beside(self) -> Iterator[SourceNote | RefusedPart]:
        """Give texts that lie beside an export; what they hold is all that names them, whatever export they came with."""
        others = self._others()
        for entry in self.tree.entries:
            if self._is_note(entry) and not self._is_json(entry):
                part = self._given(entry, "")
                self.tally.take(FILE, isinstance(part, SourceNote))
                self._see(entry, part, others)
                yield (
                    part
                    if isinstance(part, RefusedPart)
                    else replace(part, origin=f"beside:{dates.digest(part.content)}")
                )

    def _others(self) -> shown.Files:
        return shown.Files(entry.name for entry in self.tree.entries if not self._is_note(entry))

    def _see(self, entry: SourceFile, part: SourceNote | RefusedPart, others: shown.Files) -> None:
        """Count the files that a note shows."""
        if isinstance(part, SourceNote) and others.any:
            references = shown.references(part.content.decode(errors="replace"))
            self._shown.update({others.meant(entry.name, name) for name in references} - {""})

    def _given(self, entry: SourceFile, origin: str) -> SourceNote | RefusedPart:
        name = entry.name.encode(errors="replace").decode()
        try:
            raw = self.tree.read(entry, markdown.MAX_NOTE_BYTES)
        except UnreadableError as fault:
            return RefusedPart(name, fault.what)
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                raw = raw.decode("utf-16").encode()
            except UnicodeError:
                return RefusedPart(name, "it is neither UTF-8 nor UTF-16 text")
        if b"\0" in raw:
            return RefusedPart(name, "it is no text")
        path = naming.note_path(name)
        try:
            markdown.read(raw, path)
        except VaultError as fault:
            return RefusedPart(name, fault.what)
        origin = origin.encode(errors="replace").decode()
        return SourceNote(origin, path, raw, dates.written_in(raw, path) or entry.changed_ms, name)

    def candidates(self) -> tuple[tuple[str, str], ...]:
        """Return lines that may be principles, with the name of the file they stand in; from USER.md, MEMORY.md and the like."""
        if self.source.kind in (*_EXPORTS, "file"):
            return ()
        candidates: list[tuple[str, str]] = []
        for entry in self.tree.entries:
            if entry.name.lower() in ABOUT and not entry.fault:
                try:
                    text = self.tree.read(entry, markdown.MAX_NOTE_BYTES).decode(errors="replace")
                except UnreadableError:
                    continue
                candidates += zip(_lines(text), repeat(entry.name), strict=False)
        return tuple(candidates)


def _lines(text: str) -> list[str]:
    """Return what stands in a list, or else every line of prose; no headings, no code, no front matter."""
    body = markdown.body_of(text)
    body = re.sub(r"^(```|~~~).*?^\1", "", body, flags=re.MULTILINE | re.DOTALL)
    lines = body.splitlines()
    items = [item[1] for item in map(_ITEM.match, lines) if item]
    prose = [line for line in lines if line.strip() and not line.startswith(("#", ">", "|", "<"))]
    plain = map(_without_marks, items or prose)
    return list(dict.fromkeys(line for line in plain if 8 <= len(line) <= 280))[:MOST_CANDIDATES]


def _without_marks(line: str) -> str:
    return " ".join(re.sub(r"[*_`]+", "", line).split())


def _may_export(place: Path) -> bool:
    """Whether a folder's own files look like an export: one is called so, or there is JSON and no text."""
    names = [file.name.lower() for file in place.iterdir()]
    called = any(map(exports.CONVERSATIONS.fullmatch, names))
    return called or (any(map(_ends, names)) and not any(name.endswith(TEXTS) for name in names))


def _ends(name: str) -> bool:
    return name.endswith(exports.JSONS) and not name.startswith(".")


def _export(place: Path) -> ImportSource | None:
    """Return the export that lies here, None where nothing looks like one; VaultError where what is called one is none."""
    tree, sure = Tree(place), True
    try:
        files = exports.holding(tree)
        sure = len(tree.entries) == 1 or any(exports.CONVERSATIONS.fullmatch(entry.last) for entry in files)
        kind = exports.kind(tree, files) if files else ""
    except VaultError:
        if sure:
            raise
        return None
    finally:
        tree.close()
    return ImportSource(kind, "ChatGPT" if kind == "chatgpt" else "Claude", place) if kind else None
