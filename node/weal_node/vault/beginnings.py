"""Beginnings: what a new note begins from, a template of the vault, and where the note of a day lies. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from weal_node.records import Note
from weal_node.vault import markdown
from weal_node.vault.prose import folded
from weal_node.vault.templates import FOLDERS

DAILY = frozenset(
    {"daily", "daily note", "daily-note", "day", "journal"}
)  # how a day's template is called, in any case
DAILY_FOLDER = "Daily"  # where a day's note goes while no other has a place
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLACE = re.compile(r"\{\{(date|time|title)(?::([^{}\n]{1,40}))?\}\}", re.IGNORECASE)
# The parts of a date as templates of other editors write them, in strftime's words. The longest first.
_PARTS = re.compile("YYYY|MMMM|dddd|MMM|ddd|YY|MM|DD|HH|mm|ss")
_WORDS = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "DD": "%d", "dddd": "%A", "ddd": "%a",
    "HH": "%H", "mm": "%M", "ss": "%S",
}  # fmt: skip


def is_template(note: Note) -> bool:
    """Whether a note lies in a folder of templates."""
    folders = note.path.casefold().rpartition("/")[0]
    return any(name in folders for name in FOLDERS)


def templates(notes: Sequence[Note]) -> list[Note]:
    """Return the notes from which new ones can begin, by path."""
    return [note for note in notes if is_template(note)]


def daily_template(notes: Sequence[Note]) -> Note | None:
    """Return the template of a day's note, None where the vault has none."""
    for note in templates(notes):
        if folded(PurePosixPath(note.path).stem) in DAILY:
            return note
    return None


def of_day(notes: Sequence[Note], day: str) -> Note | None:
    """Return the note of this day, by its file's name. day: such as 2026-11-30."""
    for note in notes:
        if PurePosixPath(note.path).stem == day and not is_template(note):
            return note
    return None


def daily_folder(notes: Sequence[Note]) -> str:
    """Return the folder in which most notes are named by a day; DAILY_FOLDER where none is. "" is the vault itself."""
    folders = Counter[str]()
    for note in notes:
        path = PurePosixPath(note.path)
        if _DAY.fullmatch(path.stem) and not is_template(note):
            folders["" if str(path.parent) == "." else str(path.parent)] += 1
    return folders.most_common(1)[0][0] if folders else DAILY_FOLDER


def filled(text: str, title: str, now: datetime) -> str:
    """Return a template's text with {{title}}, {{date}} and {{time}} filled in; {{date:YYYY-MM-DD}} names its own form.
    title: "" leaves {{title}} for later."""

    def put(found: re.Match[str]) -> str:
        name, form = found[1].lower(), found[2]
        if name == "title":
            return title or found[0]
        return _moment(form or ("YYYY-MM-DD" if name == "date" else "HH:mm"), now)

    return _PLACE.sub(put, text)


def _moment(form: str, now: datetime) -> str:
    return _PARTS.sub(lambda part: now.strftime(_WORDS[part[0]]), form)


def begun(raw: bytes, path: str, title: str, now: datetime) -> Note:
    """Return what a template says of a new note, filled in. raw: the template's file, whose head may be none before that.  path: of it.
    VaultError where it is no note then either."""
    return markdown.read(filled(raw.decode(errors="replace"), title, now).encode(), path)
