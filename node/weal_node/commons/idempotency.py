"""A form or a command that is sent again makes no second note.

A form carries the id that its note will have, so the note itself says that it was made; this holds over restarts and needs no table.
"""

import asyncio
import hashlib
import re
import secrets
from weakref import WeakKeyDictionary

from weal_node.records import Note
from weal_node.vault.folder import Vault

AGAIN_MS = 60_000  # within which the same words on the command line are the same command sent again
_ID = re.compile("[0-9a-f]{32}")
_making: WeakKeyDictionary[Vault, asyncio.Lock] = WeakKeyDictionary()


def token() -> str:
    """Return an id for the note that a form will make."""
    return secrets.token_hex(16)


def making(vault: Vault) -> asyncio.Lock:
    """Return what is held from looking whether a note was made until it is: two presses at once are one after the other."""
    return _making.setdefault(vault, asyncio.Lock())


async def made(vault: Vault, once: str) -> Note | None:
    """Return the note that a form has made already, None where it has made none, or carries no id."""
    if not _ID.fullmatch(once):
        return None
    vault_notes, _ = await asyncio.to_thread(vault.read_all)
    for note in vault_notes:
        if note.id == once:
            return note
    return None


def meant(once: str) -> str:
    """Return the id under which a form's note is made, "" for a form that carries none."""
    return once if _ID.fullmatch(once) else ""


def apart(once: str, wanted: Note) -> str:
    """Return the id of other words that came in a form which has made its note: of the same other words it is the same again."""
    return hashlib.sha256("\0".join((once, wanted.title, wanted.body)).encode()).hexdigest()[:32]


def same(note: Note, other: Note) -> bool:
    """Whether two notes say the same, to the same readers."""
    return _said(note) == _said(other) and note.visibility == other.visibility


async def just_written(vault: Vault, wanted: Note, now_ms: int) -> Note | None:
    """Return a note of these very words in this folder that was written within the last minute."""
    folder = wanted.path.strip("/")
    vault_notes, _ = await asyncio.to_thread(vault.read_all)
    for note in vault_notes:
        if same(note, wanted) and note.path.rpartition("/")[0] == folder:
            try:
                written_ms = (vault.root / note.path).stat().st_mtime * 1_000
            except OSError:
                continue  # it went away meanwhile
            if abs(now_ms - written_ms) <= AGAIN_MS:
                return note
    return None


def _said(note: Note) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return note.title, note.body.strip(), note.needs, note.offers
