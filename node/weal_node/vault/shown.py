"""Which files of a source its notes show or link to, by the names that stand in their texts. Pure, linear.

Read generously: what names no file of the source is no reference to one. As in other editors a name is looked for beside the note,
from each folder above it, by the end of its path, and last wherever one file has it.
"""

import posixpath
import re
from collections.abc import Iterable
from urllib.parse import unquote

from weal_node.vault.naming import fold

MOST = 5_000  # references of one note
_REFERENCES = (
    re.compile(r"\[\[([^\]\n|#]{1,400})"),
    re.compile(r"\]\([ \t]{0,9}<([^<>\n]{1,1000}+)>"),
    re.compile(r"\]\([ \t]{0,9}((?:[^()\s<]|\([^()\s]{0,400}\)){1,1000})"),
    re.compile(r"\]\(((?:[^()\n]|\([^()\n]{0,400}+\)){1,1000}+)\)"),
    re.compile(r"""\b(?:src|href|data|poster)=["']([^"'\n]{1,1000})""", re.IGNORECASE),
    re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]{0,9}<?([^>\n]{1,1000})", re.MULTILINE),
    re.compile(r"""^[\w -]{1,40}:[ \t]{1,9}["']?([^"'\n]{1,400}\.\w{1,5})["']?[ \t]*$""", re.MULTILINE),
)
_TITLE = re.compile(r"""(?<![ \t])[ \t]++["'(].*$""", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_KINDS = {
    "picture": ("png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "heic", "avif", "tif", "tiff", "ico"),
    "PDF": ("pdf",),
    "recording": ("mp3", "wav", "m4a", "ogg", "oga", "opus", "flac", "aac", "3gp"),
    "film": ("mp4", "webm", "mov", "mkv", "avi", "ogv"),
    "zip archive": ("zip",),
    "page": ("html", "htm"),
    "JSON file": ("json", "jsonl"),
}


def kind(name: str) -> str:
    """Return what a file is called by its ending: "picture", "PDF", ..., "other file"."""
    ending = name.rpartition(".")[2].lower()
    for file_kind, endings in _KINDS.items():
        if ending in endings:
            return file_kind
    return "other file"


def references(text: str) -> tuple[str, ...]:
    """Return what in this text may name a file, each once."""
    references: dict[str, None] = {}
    for form in _REFERENCES:
        for match in form.finditer(text):
            for name in (match[1], _TITLE.sub("", match[1])):
                references[name.strip()] = None
            if len(references) > MOST:
                return tuple(references)[:MOST]
    return tuple(references)


class Files:
    """The files of a source beside its notes."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_path: dict[str, str] = {}
        self._by_last: dict[str, list[str]] = {}
        for name in names:
            self._by_path.setdefault(fold(name), name)
            self._by_last.setdefault(fold(name.rsplit("/", 1)[-1]), []).append(name)

    @property
    def any(self) -> bool:
        """Whether there is a file at all."""
        return bool(self._by_path)

    def meant(self, note: str, reference: str) -> str:
        """Return the file that a note of this name means, "" for none."""
        for spelling in (
            reference,
            unquote(reference),
            reference.partition("#")[0],
            unquote(reference).partition("#")[0],
        ):
            if not _SCHEME.match(spelling) and (file := self._found(note, spelling.partition("?")[0] or spelling)):
                return file
        return ""

    def _found(self, note: str, reference: str) -> str:
        wanted = fold(reference.replace("\\", "/")).strip()
        namesakes = self._by_last.get(wanted.rstrip("/").rsplit("/", 1)[-1])
        if not namesakes:
            return ""
        above = fold(posixpath.dirname(note))
        while True:
            path = posixpath.normpath(posixpath.join(above, wanted.lstrip("/")))
            if path in self._by_path:
                return self._by_path[path]
            if not above:
                break
            above = posixpath.dirname(above)
        inner = wanted.lstrip("./")
        ends = [name for name in namesakes[:1_000] if f"/{fold(name)}".endswith(f"/{inner}")]
        return min(ends, key=lambda name: (not _near(note, name), len(name), name), default="")


def _near(note: str, name: str) -> bool:
    return fold(name).startswith(fold(posixpath.dirname(note)))
