"""Notes as bytes and as values: YAML front matter, title, tags, licence. What we do not know stays as it is.

Notes of strangers are read here too. Every scalar is therefore plain text (YAML's failsafe schema): no tag, number, date or
merge key is ever interpreted, so nothing in a note can cost more than its size or raise what is not a VaultError.

Only what is not UTF-8, or too large, is refused. Front matter that cannot be used loses nobody's words: the whole file is then the
text of a private note, and the note says what is wrong with it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault import properties, prose, readers, templates
from weal_node.vault.front import plain
from weal_node.vault.head import BYTE_ORDER_MARK, SplitFile
from weal_node.vault.head import FENCE as FENCE
from weal_node.vault.head import MAX_FRONT_BYTES as MAX_FRONT_BYTES
from weal_node.vault.head import pretended as pretended
from weal_node.vault.head import split as split
from weal_protocol import front_matter, licences
from weal_protocol.errors import MalformedError

MAX_NOTE_BYTES = 1024 * 1024
MAX_ENTRIES = 32  # needs, offers, tags or aliases of one note
MAX_ENTRY = 200  # characters of one of them
KEEN = frozenset("1234")
OURS = ("id", "title", "visibility", "needs", "offers", "keen", "licence", "license", "tags", "tag", "aliases", "alias")
_ID = re.compile(r"[0-9a-f]{32}")
_ID_LINE = re.compile(r"^id:[ \t]*[\"']?([0-9a-f]{32})[\"']?[ \t]*\r?$", re.MULTILINE)
_UNWRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # YAML refuses them, or ends a line with them


@dataclass(frozen=True, slots=True)
class Parts:
    """A file taken apart. known: its front matter.  fault: why that cannot be used, "" where it can; all is body then."""

    document: SplitFile
    known: dict[str, Any]
    fault: str = ""


def fields(front: str, path: str) -> dict[str, Any]:
    """Return the front matter as a mapping of texts, lists and mappings; VaultError names the line that is not YAML."""
    quick = plain(front)
    if quick is not None and not readers.repeated(list(quick)):
        return dict(quick)
    try:
        mapping = front_matter.load(front, readers.repeated)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"line {mark.line + 2}" if mark is not None else "its front matter"
        raise VaultError(f"{path}: malformed front matter in {where}", "Mend that line: key: value") from fault
    except MalformedError as fault:
        raise VaultError(f"{path}: malformed front matter", "Simplify it") from fault
    if mapping is None:
        return {}
    if not isinstance(mapping, dict):
        raise VaultError(f"{path}: malformed front matter: it is not a list of keys and values", "Write key: value")
    return mapping


def apart(text: str, path: str) -> Parts:
    """Take a file apart; where its front matter cannot be used, all of it is body."""
    try:
        document = split(text, path)
        known = fields(document.front, path)
        for key in OURS:
            _whole(known.get(key), path)
    except VaultError as fault:
        mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
        return Parts(SplitFile(mark, "", "", text.removeprefix(mark)), {}, str(fault))
    return Parts(document, known)


def body_of(text: str, path: str = "") -> str:
    """Return a file's text without its front matter, where it has any that can be used."""
    return apart(text, path).document.body


def read(raw: bytes, path: str) -> Note:
    """Return the note in these bytes. VaultError when it is too large or not UTF-8."""
    if len(raw) > MAX_NOTE_BYTES:
        raise VaultError(f"{path} is larger than {MAX_NOTE_BYTES // 1024} KiB", "Split the note")
    return _note(apart(_text(raw, path), path), path)


def id_in(raw: bytes) -> str:
    """Return the id that a file which cannot be read says it has, "" for none; it keeps what is known of the note together."""
    begin = raw[:MAX_FRONT_BYTES].decode(errors="replace").removeprefix(BYTE_ORDER_MARK)
    match = _ID_LINE.search(begin) if begin.startswith(FENCE) else None
    return match[1] if match else ""


def _text(raw: bytes, path: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as fault:
        raise VaultError(f"{path} is not UTF-8 text", "Save it as UTF-8") from fault


def _note(parts: Parts, path: str) -> Note:
    body, known = parts.document.body, parts.known
    if parts.fault:
        warning = f"{parts.fault}. The note is private, and all of the file is its text, until that is mended"
        warned = () if templates.is_one(path, body) else (warning,)
        own_id = id_in(body.encode())
        title = prose.heading(body) or _stem(path)
        return Note(own_id, path, title, body, Visibility.PRIVATE, tags=prose.tags(body), warnings=warned, broken=True)
    warnings: list[str] = []
    heard, licence = readers.heard(known, parts.document, path), _line(known.get(_licence_key(known)))
    if heard.warning and not templates.is_one(path, parts.document.text):
        warnings.append(heard.warning)
    if not licences.known(licence) or (known.get(_licence_key(known)) and not licence):
        licence = licence or licences.UNKNOWN
        warnings.append(
            f"{path}: {licence[:80]!r} is no licence that Weal knows: where the note leaves it says {licences.UNKNOWN}, so "
            "nobody is told that they may use it. Write an SPDX identifier, such as CC-BY-4.0 or CC0-1.0"
        )
    note_id = _line(known.get("id"))
    tags = _entries(_apart(known, "tags", "tag", r"[,\s]+"), "tags", path, warnings)
    return Note(
        id=note_id if _ID.fullmatch(note_id) else "",
        path=path,
        title=_line(known.get("title")) or prose.heading(body) or _stem(path),
        body=body,
        visibility=heard.visibility,
        needs=_entries(known.get("needs"), "needs", path, warnings),
        offers=_entries(known.get("offers"), "offers", path, warnings),
        tags=prose.each_once((*filter(None, (tag.lstrip("#") for tag in tags)), *prose.tags(body))),
        stated=heard.stated,
        keen=int(keen) if isinstance(keen := known.get("keen"), str) and keen in KEEN else 0,
        licence=licence,
        aliases=_entries(_apart(known, "aliases", "alias", ","), "aliases", path, warnings),
        warnings=tuple(warnings),
        properties=properties.of(known, OURS),
    )


def mended(note: Note) -> tuple[Note, bytes | None]:
    """Return a broken note whose person has just mended its text, and the file whose front matter it keeps; None while that still
    cannot be used. Who may read it is as the note says, what it needs and offers too where it says so."""
    parts = apart(note.body, note.path)
    if parts.fault or not parts.document.closing:
        return note, None
    mended_note = _note(parts, note.path)
    return replace(
        mended_note,
        id=note.id or mended_note.id,
        title=mended_note.title if parts.known.get("title") else note.title,
        visibility=note.visibility,
        needs=note.needs or mended_note.needs,
        offers=note.offers or mended_note.offers,
        licence=note.licence or mended_note.licence,
    ), note.body.encode()


def write(note: Note, before: bytes | None) -> bytes:
    """Return the file for this note. Lines of `before` stay byte for byte: those of keys that are not ours, and of ours that say
    what they said."""
    parts = apart(_text(before, note.path) if before is not None else "", note.path)
    former, document = _note(parts, note.path), parts.document
    opening, front = document.opening, document.front
    newline = _line_end(opening, note.body)
    ours: dict[str, str | list[str] | None] = {
        "id": note.id,
        "title": None if note.title == (prose.heading(note.body) or _stem(note.path)) else note.title,
        "visibility": note.visibility.value,
        "needs": list(note.needs) or None,
        "offers": list(note.offers) or None,
        "keen": str(note.keen) if note.keen else None,
        _licence_key(parts.known): note.licence or None,
    }
    for key, value in ours.items():
        field = "licence" if key == "license" else key
        if value is None and not parts.known.get(key):
            continue
        if not parts.known.get(key) or getattr(note, field) != getattr(former, field):
            front = _with_key(front, key, value, newline)
    if not document.closing:
        opening = opening + FENCE + newline
    closing = (document.closing.rstrip("\r\n") or FENCE) + newline
    written = SplitFile(opening, front, closing, note.body)
    if (
        not parts.fault and apart(written.text, note.path).fault
    ):  # the front matter is no list of lines: a {mapping} in one
        written = replace(written, front=_anew(front=document.front, known=parts.known, ours=ours, newline=newline))
    return written.text.encode()


def _line_end(opening: str, body: str) -> str:
    if opening.endswith("\r"):
        return "\r"
    return "\r\n" if opening.endswith("\r\n") or (not opening and prose.windows(body)) else "\n"


def _anew(front: str, known: dict[Any, Any], ours: Mapping[str, str | list[str] | None], newline: str) -> str:
    """Return front matter of the same meaning as one key a line, with our values; VaultError where names for parts could make it
    larger than any file."""
    if "&" in front:
        raise VaultError("this front matter can only be changed in an editor", "Write it as key: value, one a line")
    values: dict[str, object] = {}
    for key, value in known.items():
        name = key if isinstance(key, str) else "null"
        if readers.folded(name) != readers.KEY:
            values[name] = value
    values |= {name: value for name, value in ours.items() if value is not None or name in known}
    return "".join(f"{_scalar(key)}: {_scalar(value)}{newline}" for key, value in values.items() if value is not None)


def _licence_key(known: dict[str, Any]) -> str:
    """Ours is spelt licence; a vault that spells it license is understood."""
    return "license" if "license" in known and "licence" not in known else "licence"


def _with_key(front: str, key: str, value: str | list[str] | None, newline: str) -> str:
    """Replace one top-level key with its continuation lines, add it at the end, or take it out for None."""
    lines: list[str] = []
    place, skipping = None, False
    for line in front.splitlines(keepends=True):
        if not line[:1].isspace() and not line.startswith("-") and line.strip():
            name = line.partition(":")[0].strip().strip("\"'")
            skipping = ":" in line and (readers.folded(name) if key == readers.KEY else name) == key
            if skipping:
                place = len(lines)
        if not skipping:
            lines.append(line)
    if value is None:
        return "".join(lines)
    # JSON strings are YAML flow scalars, so nothing that the person types can change the structure.
    if isinstance(value, list):
        new = f"{key}:{newline}" + "".join(f"  - {_scalar(entry)}{newline}" for entry in value)
    else:
        new = f"{key}: {_scalar(value)}{newline}"
    lines.insert(len(lines) if place is None else place, new)
    return "".join(lines)


def _scalar(text: object) -> str:
    """Return the text as one line of YAML: JSON, with what YAML reads otherwise written as an escape."""
    return _UNWRITTEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))


def _whole(value: object, path: str) -> None:
    """Refuse half a character, which an escape can make and no file can hold."""
    for entry in value if isinstance(value, list) else [value]:
        try:
            if isinstance(entry, str):
                entry.encode()
        except UnicodeEncodeError as fault:
            raise VaultError(f"{path}: malformed front matter: half a character", "Mend the escape \\u") from fault


def _line(value: object) -> str:
    """Return a plain line; "" for nothing, and for what is not one."""
    return value.strip() if isinstance(value, str) else ""


def _apart(known: dict[str, Any], key: str, alias: str, between: str) -> object:
    """Return a list's value; one line of several is taken apart, as Obsidian does."""
    value = known.get(key, known.get(alias))
    return re.split(between, value) if isinstance(value, str) else value


def _entries(value: object, key: str, path: str, warnings: list[str]) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(entry, str) for entry in values):
        warnings.append(f"{path}: {key} must be a list of plain lines; what is none is left out. Mend the front matter")
    lines = list(filter(None, (_line(entry)[:MAX_ENTRY].strip() for entry in values)))
    if len(lines) > MAX_ENTRIES:
        warnings.append(f"{path}: of {len(lines)} {key} the first {MAX_ENTRIES} are used; the file keeps all")
    return tuple(lines[:MAX_ENTRIES])


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".md")
