"""What was imported and waits for its person, in the order in which it should be looked at: what may give something away first.

The scan takes some milliseconds a note, so it goes on in a thread while a page says how far it is, and each file is scanned once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.errors import VaultError
from weal_node.store import imports
from weal_node.store.database import Database
from weal_node.store.imports import Imported
from weal_node.vault import sensitive
from weal_node.vault.folder import Vault
from weal_node.vault.sensitive import Finding

PATIENCE_S = 1.0  # how long a page waits for the scan before it says how far that is


@dataclass(frozen=True, slots=True)
class Waiting:
    """One imported note. title: of the file as it is now.  findings: what the scan saw.  fault: why it cannot be read, or ""."""

    path: str
    title: str
    findings: tuple[Finding, ...] = ()
    fault: str = ""

    @property
    def flagged(self) -> bool:
        """Whether a person should look at it before anyone else does."""
        return bool(self.findings or self.fault)


class Sifting:
    """Use from one event loop. done, total: notes of the look that is under way."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._known: dict[
            tuple[str, str], tuple[Finding, ...]
        ] = {}  # by the file's SHA-256 and path, which is scanned too
        self._task: asyncio.Task[tuple[Waiting, ...]] | None = None
        self._stop = False
        self.done = self.total = 0

    async def look(self, patience_s: float = PATIENCE_S) -> tuple[Waiting, ...] | None:
        """Return all that waits, flagged ones first, then by path; None while they are still being looked through."""
        if self._task is None:
            waiting = await self._database.read(imports.unreviewed)
            self.done, self.total = 0, len(waiting)
            self._task = asyncio.create_task(asyncio.to_thread(self._sift, waiting), name="sift")
        task = self._task
        await asyncio.wait({task}, timeout=patience_s)
        if not task.done():
            return None
        self._task = None
        return task.result()

    async def close(self) -> None:
        """Stop, and wait for the note that is being scanned."""
        self._stop = True
        if self._task is not None:
            await asyncio.wait({self._task})

    def _sift(self, waiting: Sequence[Imported]) -> tuple[Waiting, ...]:
        versions = {version.note.path: version for version in self._vault.versions()}
        known: dict[tuple[str, str], tuple[Finding, ...]] = {}  # of what still waits, and nothing else
        entries = []
        for number, imported in enumerate(waiting):
            if self._stop:
                break
            self.done = number
            try:
                version = versions.get(imported.path)
                if version is None:
                    self._vault.read(imported.path)  # says why it is none
                    continue  # it came back this moment, and is listed the next time
                key = version.sha256, imported.path
                if key not in self._known:
                    self._known[key] = sensitive.found(
                        self._vault.raw(imported.path).decode(errors="replace"), imported.path
                    )
                known[key] = self._known[key]
                entries.append(Waiting(imported.path, version.note.title, known[key]))
            except VaultError as fault:
                entries.append(Waiting(imported.path, "", (), str(fault)))
        self._known = known
        return tuple(sorted(entries, key=lambda entry: (not entry.flagged, entry.path)))
