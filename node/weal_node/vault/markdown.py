"""Notes as bytes and as values: YAML front matter, title, tags, links. What we do not know stays as it is.

Notes of strangers are read here too. Every scalar is therefore plain text (YAML's failsafe schema): no tag, number, date or
merge key is ever interpreted, so nothing in a note can cost more than its size or raise what is not a VaultError.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault.front import plain

MAX_NOTE_BYTES = 1024 * 1024
MAX_FRONT_BYTES = 32 * 1024
MAX_ENTRIES = 32  # needs, offers or tags of one note
MAX_ENTRY = 200  # characters of one of them
KEEN = frozenset("1234")
FENCE = "---"
BYTE_ORDER_MARK = "\ufeff"
_TOP_KEY = re.compile(r"^([A-Za-z_][\w-]*)\s*:")
_TAG = re.compile(r"(?:^|\s)#([A-Za-z][\w/-]*)")
_LINK = re.compile(r"\[\[([^\]|#\n]{1,200})")
_ID = re.compile(r"[0-9a-f]{32}")
_UNWRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # YAML refuses them, or ends a line with them
_NULL = "tag:yaml.org,2002:null"


class _Plain(yaml.BaseLoader):
    """Texts, lists, mappings and nothing; no other type, tag or merge key."""


_Plain.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_Plain.add_constructor(_NULL, lambda _loader, _node: None)


@dataclass(frozen=True, slots=True)
class Document:
    """The four pieces of a file, as they stand: opening fence, lines between the fences, closing fence, body."""

    opening: str
    front: str
    closing: str
    body: str

    @property
    def text(self) -> str:
        """The file's text, character for character."""
        return self.opening + self.front + self.closing + self.body


def split(text: str, path: str) -> Document:
    """Separate front matter and body; VaultError when the front matter is opened and never closed, or too large."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    lines = text.removeprefix(mark).splitlines(keepends=True)
    if not lines or lines[0] not in (FENCE + "\n", FENCE + "\r\n"):
        return Document(mark, "", "", text.removeprefix(mark))
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip("\r\n") == FENCE:
            front = "".join(lines[1:number])
            if len(front.encode()) > MAX_FRONT_BYTES:
                raise VaultError(f"{path}: the front matter is larger than {MAX_FRONT_BYTES // 1024} KiB", "Shorten it")
            return Document(mark + lines[0], front, line, "".join(lines[number + 1 :]))
    raise VaultError(f"{path}: the front matter that begins in line 1 has no closing ---", "Add a line with ---")


def fields(front: str, path: str) -> dict[str, Any]:
    """Return the front matter as a mapping of texts, lists and mappings; VaultError names the line that is not YAML."""
    quick = plain(front)
    if quick is not None:
        return dict(quick)
    try:
        found = yaml.load(front, Loader=_Plain)  # noqa: S506  # stricter than yaml.SafeLoader
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"line {mark.line + 2}" if mark is not None else "its front matter"
        raise VaultError(f"{path}: malformed front matter in {where}", "Mend that line: key: value") from fault
    except (RecursionError, ValueError, OverflowError) as fault:  # too deep, or an escape that is no character
        raise VaultError(f"{path}: malformed front matter", "Simplify it") from fault
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise VaultError(f"{path}: malformed front matter: it is not a list of keys and values", "Write key: value")
    return found


def read(raw: bytes, path: str) -> Note:
    """Return the note in these bytes. VaultError when it is too large, not UTF-8, or its front matter is malformed."""
    if len(raw) > MAX_NOTE_BYTES:
        raise VaultError(f"{path} is larger than {MAX_NOTE_BYTES // 1024} KiB", "Split the note")
    try:
        document = split(raw.decode(), path)
    except UnicodeDecodeError as fault:
        raise VaultError(f"{path} is not UTF-8 text", "Save it as UTF-8") from fault
    known = fields(document.front, path)
    visibility = known.get("visibility") or "private"
    if not isinstance(visibility, str) or visibility not in set(Visibility):
        raise VaultError(f"{path}: visibility must be public, community or private", "Mend the front matter")
    note_id = _line(known.get("id"), path)
    return Note(
        id=note_id if _ID.fullmatch(note_id) else "",
        path=path,
        title=_line(known.get("title"), path) or _heading(document.body) or _stem(path),
        body=document.body,
        visibility=Visibility(visibility),
        needs=_entries(known.get("needs"), "needs", path),
        offers=_entries(known.get("offers"), "offers", path),
        tags=tuple(
            dict.fromkeys((*_entries(known.get("tags"), "tags", path), *_TAG.findall(document.body)[:MAX_ENTRIES]))
        ),
        stated=bool(known.get("visibility")),
        keen=int(keen) if isinstance(keen := known.get("keen"), str) and keen in KEEN else 0,
    )


def write(note: Note, before: bytes | None) -> bytes:
    """Return the file for this note. Keys of `before` that are not ours keep their lines, byte for byte."""
    document = split(before.decode() if before is not None else "", note.path)
    opening, front = document.opening, document.front
    newline = "\r\n" if opening.endswith("\r\n") else "\n"
    ours: dict[str, str | list[str] | None] = {
        "id": note.id,
        "title": None if note.title == (_heading(note.body) or _stem(note.path)) else note.title,
        "visibility": note.visibility.value,
        "needs": list(note.needs) or None,
        "offers": list(note.offers) or None,
        "keen": str(note.keen) if note.keen else None,
    }
    for key, value in ours.items():
        front = _with_key(front, key, value, newline)
    if not document.closing:
        opening = opening + FENCE + newline
    closing = (document.closing.rstrip("\r\n") or FENCE) + newline
    return Document(opening, front, closing, note.body).text.encode()


def links(body: str) -> tuple[str, ...]:
    """Return the targets of [[wikilinks]], each once, in order."""
    return tuple(dict.fromkeys(target.strip() for target in _LINK.findall(body)))


def _with_key(front: str, key: str, value: str | list[str] | None, newline: str) -> str:
    """Replace one top-level key with its continuation lines, add it at the end, or take it out for None."""
    kept: list[str] = []
    place, skipping = None, False
    for line in front.splitlines(keepends=True):
        top = _TOP_KEY.match(line)
        if top or (not line[:1].isspace() and not line.startswith("-") and line.strip()):
            skipping = bool(top and top.group(1) == key)
            if skipping:
                place = len(kept)
        if not skipping:
            kept.append(line)
    if value is None:
        return "".join(kept)
    # JSON strings are YAML flow scalars, so nothing that the person types can change the structure.
    if isinstance(value, list):
        new = f"{key}:{newline}" + "".join(f"  - {_scalar(one)}{newline}" for one in value)
    else:
        new = f"{key}: {_scalar(value)}{newline}"
    kept.insert(len(kept) if place is None else place, new)
    return "".join(kept)


def _scalar(text: str) -> str:
    """Return the text as one line of YAML: JSON, with what YAML reads otherwise written as an escape."""
    return _UNWRITTEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _line(value: object, path: str) -> str:
    """Return a plain line; "" for nothing, and for what is not one."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError as fault:
        raise VaultError(f"{path}: malformed front matter: half a character", "Mend the escape \\u") from fault
    return value.strip()


def _entries(value: object, key: str, path: str) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    if len(found) > MAX_ENTRIES or not all(isinstance(one, str) for one in found):
        raise VaultError(f"{path}: {key} must be a list of at most {MAX_ENTRIES} plain lines", "Mend the front matter")
    return tuple(line for line in (_line(one, path)[:MAX_ENTRY].strip() for one in found) if line)


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".md")


def _heading(body: str) -> str:
    found = re.search(r"^#[ \t]+(\S.*)$", body, re.MULTILINE)
    return found.group(1).strip() if found else ""
