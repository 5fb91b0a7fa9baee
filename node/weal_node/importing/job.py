"""The import of a running node: one at a time, planned, then on its way, watched and stopped from the page or the command line."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from weal_node.errors import RefusedError
from weal_node.importing.importing import Brought, Plan, bring, planned
from weal_node.store import imports
from weal_node.store.database import Database
from weal_node.vault.folder import Vault
from weal_protocol.errors import WealError


@dataclass(frozen=True, slots=True)
class ImportState:
    """state: "none", "planning", "planned", "running", "done", "stopped" or "failed".  principles: lines about the person that
    wait to be called principles or not."""

    state: str = "none"
    place: str = ""
    done: int = 0
    total: int = 0
    plan: Plan | None = None
    brought: Brought | None = None
    fault: str = ""
    principles: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as the command line reads it."""
        plan, brought = self.plan, self.brought
        return {
            "state": self.state,
            "place": self.place,
            "done": self.done,
            "total": self.total,
            "fault": self.fault,
            "plan": plan_json(plan) if plan else None,
            "written": brought.written if brought else 0,
            "files": brought.files if brought else 0,
            "refused": list(map(list, brought.refused)) if brought else [],
            "principles": self.principles,
        }


class Importing:
    """Holds the one import. Use from one event loop; its reading and writing happen in threads."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], int]) -> None:
        self._database, self._vault, self._clock = database, vault, clock
        self._task: asyncio.Task[None] | None = None
        self._into = ""
        self._stop = False
        self.standing = ImportState()

    def plan(self, place: str, into: str) -> None:
        """Start to look through a source; RefusedError while another import is under way."""
        self._start(self._plan(place, into))
        self._into, self.standing = into, ImportState("planning", place)

    def begin(self) -> None:
        """Bring what was planned, or go on with what was stopped."""
        now = self.standing
        if now.plan is None or now.state not in ("planned", "stopped", "failed"):
            raise RefusedError("nothing is planned", "Name what to import first")
        self._start(self._bring(now.place, now.plan))
        self.standing = ImportState("running", now.place, 0, now.plan.total, now.plan)

    def stop(self) -> None:
        """Stop after the batch that is being written; a plan that nobody wants is dropped."""
        if self._task is not None and not self._task.done():
            self._stop = True
        else:
            self.standing = ImportState()

    async def close(self) -> None:
        """Stop and wait for the end of the batch."""
        self._stop = True
        if self._task is not None:
            await asyncio.wait({self._task})

    def _start(self, work: Any) -> None:
        if self._task is not None and not self._task.done():
            work.close()
            raise RefusedError("an import is under way", "Wait for it, or stop it")
        self._stop = False
        self._task = asyncio.create_task(self._named(work), name="import")

    async def _named(self, work: Any) -> None:
        try:
            await work
        except WealError as fault:
            now = self.standing
            self.standing = ImportState("failed", now.place, now.done, now.total, now.plan, None, str(fault))

    async def _plan(self, place: str, into: str) -> None:
        def seen(done: int, _total: int) -> bool:
            self.standing = ImportState("planning", place, done)
            return not self._stop

        plan = await asyncio.to_thread(planned, self._database, Path(place), into, seen, self._vault)
        self.standing = ImportState() if self._stop else ImportState("planned", place, 0, plan.total, plan)

    async def _bring(self, place: str, plan: Plan) -> None:
        def seen(done: int, _total: int) -> bool:
            self.standing = ImportState("running", place, done, max(plan.total, done), plan)
            return not self._stop

        brought = await bring(self._database, self._vault, self._clock(), Path(place), self._into, seen)
        state = "done" if brought.whole else "stopped"
        lines = len(await self._database.read(imports.candidates))
        self.standing = ImportState(state, place, self.standing.done, plan.total, plan, brought, principles=lines)


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON."""
    return {
        "kind": plan.kind,
        "into": plan.into,
        "new": plan.new,
        "changed": plan.changed,
        "known": plan.known,
        "flagged": plan.flagged_in_all,
        "refused": plan.refused_in_all,
        "candidates": plan.candidates,
        "flagged_names": list(map(list, plan.flagged)),
        "refused_names": list(map(list, plan.refused)),
        "replaced": plan.replaced_in_all,
        "replaced_names": list(plan.replaced),
        "beside_names": list(plan.beside),
        "files": plan.files,
        "files_known": plan.files_known,
        "files_by_kind": plan.files_said,
        "files_shown_by": plan.shown_by,
        "taken": dict(plan.taken),
        "left": list(map(asdict, plan.left)),
    }
