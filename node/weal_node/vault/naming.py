"""Names that every file system takes, for what comes from elsewhere; and the old name as an alias where it had to change. Pure."""

import json
import re
from dataclasses import replace

from weal_node.errors import VaultError
from weal_node.records import Note
from weal_node.vault import markdown, topics
from weal_protocol import letters

TEXTS = (".md", ".markdown", ".txt")
MAX_PATH = 280  # characters
MAX_PART = 180  # bytes; place.py allows some more, for a number behind it
MAX_FILE_PART = 220  # the same of a file beside notes, which keeps its ending
_SHORT = 40  # bytes of each folder where a path is too long as a whole
_REFUSED = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|\ud800-\udfff]+')
_UNHOLDABLE = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]+")
_ALIASES = re.compile(r"alias(?:es)?\s*:")
# Names that Windows gives to devices, whatever their ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{one}{number}" for one in ("com", "lpt") for number in "123456789¹²³")}


def fold(name: str) -> str:
    """Return the name as file systems compare it that know no case and one way to write an accent."""
    return letters.normal("NFC", name).casefold()


def part(name: str, most: int = MAX_PART) -> str:
    """Return one part of a path that every file system takes; "" where nothing is left."""
    plain = " ".join(_REFUSED.sub(" ", letters.normal("NFC", name)).split())
    plain = plain.lstrip(". ").encode()[:most].decode(errors="ignore").rstrip(". ")
    stem, dot, rest = plain.partition(".")
    return f"{stem}_{dot}{rest}" if stem.strip().casefold() in _DEVICES else plain


def folder(name: str) -> str:
    """Return a folder's path as every file system takes it; "" for none."""
    return "/".join(filter(None, map(part, name.split("/"))))[:100].strip("/ ")


def stem(name: str) -> str:
    """Return what a note's file is called without folders and the ending of a text."""
    last = name.rsplit("/", 1)[-1]
    for ending in TEXTS:
        if last.lower().endswith(ending):
            return last[: -len(ending)]
    return last


def note_path(name: str) -> str:
    """Return the path of a note for a file of this name at its source: safe, relative, short enough."""
    folders = list(filter(None, map(part, name.split("/")[:-1])))
    last = part(stem(name)) or "note"
    path = "/".join([*folders, f"{last}.md"])
    if len(path) > MAX_PATH:
        folders = list(filter(None, (part(folder, _SHORT) for folder in folders[:4])))
        path = "/".join([*folders, f"{part(last, 2 * _SHORT) or 'note'}.md"])
    return path


def file_path(name: str) -> str:
    """Return the path of a file that notes show: as it is called, wherever a vault can hold that, so that their links hold."""
    parts = list(map(_held, letters.normal("NFC", name).split("/")))
    path = "/".join(parts)
    if len(path) <= MAX_PATH:
        return path
    return "/".join([*(folder[:20] for folder in parts[:4]), parts[-1][-80:].lstrip(".")])


def _held(name: str) -> str:
    """Return a part of a path as a vault can hold it."""
    plain = _UNHOLDABLE.sub("_", name).lstrip(".") or "_"
    if len(plain.encode()) <= MAX_FILE_PART:
        return plain
    begin, dot, ending = plain.rpartition(".")
    ending = f"{dot}{ending}".encode()[:20].decode(errors="ignore") if begin else ""
    return (begin or plain).encode()[: MAX_FILE_PART - 20].decode(errors="ignore") + ending


def numbered(path: str, number: int) -> str:
    """Return the path with a number before its ending."""
    begin, slash, last = path.rpartition("/")
    name, dot, ending = last.rpartition(".")
    return f"{begin}{slash}{name or ending} {number}{dot if name else ''}{ending if name else ''}"


def missed(name: str, path: str, raw: bytes) -> tuple[str, ...]:
    """Return the names by which links know the file `name` of a source, and which the note at `path` does not have by itself."""
    try:
        note = markdown.read(raw, path)
    except VaultError:
        return ()
    last = name.rsplit("/", 1)[-1]
    names = [stem(name)] + ([last] if not last.lower().endswith(".md") else [])
    above = name.rpartition("/")[0]
    if fold("/".join(map(part, above.split("/")))) != fold(above):
        names.append(f"{above}/{stem(name)}")  # a folder's name had to change: links that name it
    return tuple(_line(alias) for alias in names if not _has(note, alias))


def with_aliases(raw: bytes, path: str, names: tuple[str, ...]) -> bytes:
    """Return the file with these names among its aliases; as it is where its front matter cannot be used."""
    try:
        parts = markdown.apart(raw.decode(), path)
    except UnicodeDecodeError:
        return raw
    if parts.fault or not names:
        return raw
    document = parts.document
    newline = "\r\n" if "\r\n" in document.text[:2000] else "\n"
    aliases = list(markdown.read(raw, path).aliases)
    line = f"aliases: {json.dumps(list(dict.fromkeys([*aliases, *names])), ensure_ascii=False)}{newline}"
    if not document.closing:
        fence = f"{markdown.FENCE}{newline}"
        return replace(document, opening=f"{document.opening}{fence}", front=line, closing=fence).text.encode()
    return replace(document, front=_without_aliases(document.front) + line).text.encode()


def _without_aliases(front: str) -> str:
    lines, skipping = [], False
    for line in front.splitlines(keepends=True):
        if line.strip() and not line[0].isspace() and not line.startswith("-"):
            skipping = bool(_ALIASES.match(line))
        if not skipping:
            lines.append(line)
    front = "".join(lines)
    return front if not front or front.endswith("\n") else f"{front}\n"


def _has(note: Note, name: str) -> bool:
    if "/" in name:
        return name in note.aliases
    return _key(name) in {"", *map(_key, (note.title, stem(note.path), *note.aliases))}


def _key(name: str) -> str:
    """Return a name as links compare it, however long it is."""
    return " ".join(letters.normal("NFKC", topics.plain(name)).casefold().split())


def _line(name: str) -> str:
    return " ".join(topics.plain(name).split())[: markdown.MAX_ENTRY]
