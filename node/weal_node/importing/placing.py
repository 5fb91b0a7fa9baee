"""Where an imported note goes: to a path of its own, or to that of its older version where nobody changed that since. Nothing of
anyone's is written over; a name that has to change stays as an alias, so that links hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.store.imports import Imported
from weal_node.vault import dates, naming
from weal_node.vault.folder import Vault
from weal_node.vault.place import guarded
from weal_node.vault.sources import SourceNote

NEW, CHANGED, KNOWN = "new", "changed", "known"


@dataclass(frozen=True, slots=True)
class Placed:
    """A note and its place. over: it replaces its older version there.  beside: the path of that version, where somebody changed it
    here, and this one therefore lies beside it."""

    entry: Imported
    content: bytes
    over: bool = False
    beside: str = ""


def fate(before: Imported | None, note: SourceNote) -> str:
    """Return what a note of a source is to the vault."""
    if before is None or not before.written:
        return NEW  # or begun, and cut short
    return KNOWN if before.given_sha256 == dates.digest(note.content) else CHANGED


class Places:
    """Gives paths, each once. Blocking."""

    def __init__(self, vault: Vault, folder: str, kind: str, done: Mapping[str, Imported]) -> None:
        self._vault, self._folder, self._kind = vault, folder, kind
        self._done = done
        self._taken = {naming.fold(imported.path) for imported in done.values()}
        self._there: dict[str, str] | None = None
        self._listed: dict[Path, set[str]] = {}

    def place(self, note: SourceNote) -> Placed:
        """Return where this note goes; VaultError where no path of the vault can be its."""
        before = self._done.get(note.origin)
        at = self._at(before) if before is not None else ""
        path = at or self._free(f"{self._folder}/{note.path}" if self._folder else note.path)
        guarded(self._vault.root, path)
        self._taken.add(naming.fold(path))
        content = note.content
        written = before is not None and bool(before.written)
        beside = before.path if before and written and not at else ""
        if note.name and not beside:  # links to its name mean the version that is there
            content = naming.with_aliases(content, path, naming.missed(note.name, path, content))
        sums = dates.digest(note.content), dates.digest(content)
        entry = Imported(note.origin, self._kind, path, *sums, 0, dated_ms=note.changed_ms)
        return Placed(entry, content, written and bool(at), beside)

    def _at(self, before: Imported) -> str:
        """Return where the older version lies as it was brought, also where its person moved it; "" where it was changed."""
        try:
            if dates.digest(self._vault.raw(before.path)) == before.sha256:
                return before.path
        except VaultError:
            if not before.written:
                return before.path  # it was never written, so the path is still its own
            return self._moved().get(before.sha256, "")
        return ""

    def _moved(self) -> dict[str, str]:
        if self._there is None:
            self._there = {version.sha256: version.note.path for version in self._vault.versions()}
        return self._there

    def _free(self, path: str) -> str:
        free, number = path, 2
        while naming.fold(free) in self._taken or self._exists(free):
            free, number = naming.numbered(path, number), number + 1
        return free

    def _exists(self, path: str) -> bool:
        """Whether a file is there, also to disks that know no case."""
        place = guarded(self._vault.root, path)
        if place.parent not in self._listed:
            siblings = place.parent.iterdir() if place.parent.is_dir() else ()
            self._listed[place.parent] = {naming.fold(file.name) for file in siblings}
        return naming.fold(place.name) in self._listed[place.parent] or place.exists()
