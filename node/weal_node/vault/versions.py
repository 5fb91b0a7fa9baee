"""A file of the vault as a note: what it says now, or why it cannot be read as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weal_node.errors import VaultError
from weal_node.records import Note, Visibility


@dataclass(frozen=True, slots=True)
class VaultNote:
    """A note as its file now says it. sha256: of the file's bytes, hex.  size: in bytes."""

    note: Note
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class UnreadableNote:
    """A file that cannot be read as a note: it is too large, not UTF-8, no plain file, or its path leads out. id: as it says
    itself, or made from the path; its history goes on under it."""

    path: str
    id: str
    why: VaultError

    @property
    def title(self) -> str:
        """What to call it: nothing but its path is known."""
        return self.path

    @property
    def visibility(self) -> Visibility:
        """It leaves to nobody, whatever it says."""
        return Visibility.PRIVATE


def first_by_id(versions: Sequence[VaultNote]) -> dict[str, VaultNote]:
    """Return each note once; of several files with one id the first by path."""
    return {version.note.id: version for version in reversed(versions)}


def readable(entries: Iterable[VaultNote | UnreadableNote]) -> tuple[VaultNote, ...]:
    """Return the files that can be read as notes."""
    return tuple(entry for entry in entries if isinstance(entry, VaultNote))


def unreadable(entries: Iterable[VaultNote | UnreadableNote]) -> tuple[UnreadableNote, ...]:
    """Return the files that cannot."""
    return tuple(entry for entry in entries if isinstance(entry, UnreadableNote))
