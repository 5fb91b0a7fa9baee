"""The import of a running node: one at a time, planned, then on its way, watched and stopped from the page or the command line."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from weal_node.errors import RefusedError
from weal_node.importing.import_plan import Brought, Plan
from weal_node.importing.importing import Progress, bring, planned
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


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """What to bring, and where to. place: a folder or a file on this computer.  into: a folder of the vault, "" for one named like it."""

    place: str
    into: str = ""


def look(database: Database, vault: Vault, source: ChosenSource, seen: Progress) -> ImportState:
    """Look through a source and return what bringing it would do, or that `seen` stopped it. Blocking; changes nothing."""
    stopped = False

    def told(done: int, total: int) -> bool:
        nonlocal stopped
        stopped = not seen(done, total)
        return not stopped

    plan = planned(database, Path(source.place), source.into, told, vault)
    return ImportState() if stopped else ImportState("planned", source.place, 0, plan.total, plan)


async def bring_planned(
    database: Database, vault: Vault, now_ms: int, source: ChosenSource, plan: Plan, seen: Progress
) -> ImportState:
    """Bring what was planned, and return how it ended: "done", or "stopped" by `seen`."""
    reached = 0

    def told(done: int, _total: int) -> bool:
        nonlocal reached
        reached = done
        return seen(done, max(plan.total, done))

    brought = await bring(database, vault, now_ms, Path(source.place), source.into, told)
    state = "done" if brought.whole else "stopped"
    lines = len(await database.read(imports.candidates))
    return ImportState(state, source.place, reached, plan.total, plan, brought, principles=lines)


class Importing:
    """Holds the one import. Use from one event loop; its reading and writing happen in threads."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], int]) -> None:
        self._database, self._vault, self._clock = database, vault, clock
        self._task: asyncio.Task[None] | None = None
        self._source = ChosenSource("")
        self._stop = False
        self.standing = ImportState()

    def act(self, act: str, place: str = "", into: str = "") -> None:
        """Do what was asked, on the page or on the command line: "plan" (a place, maybe a folder of the vault), "start" or "stop"."""
        if act == "plan":
            if not place.strip():
                raise WealError("no place is named", "Name a folder or a file on this computer")
            self.plan(place.strip(), into)
        elif act == "start":
            self.begin()
        elif act == "stop":
            self.stop()
        else:
            raise WealError("there is no such act", "Load the page again")

    def plan(self, place: str, into: str) -> None:
        """Start to look through a source; RefusedError while another import is under way."""
        source = ChosenSource(place, into)
        self._start(self._plan(source))
        self._source, self.standing = source, ImportState("planning", place)

    def begin(self) -> None:
        """Bring what was planned, or go on with what was stopped."""
        now = self.standing
        if now.plan is None or now.state not in ("planned", "stopped", "failed"):
            raise RefusedError("nothing is planned", "Name what to import first")
        self._start(self._bring(self._source, now.plan))
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

    async def _plan(self, source: ChosenSource) -> None:
        def seen(done: int, _total: int) -> bool:
            self.standing = ImportState("planning", source.place, done)
            return not self._stop

        plan = await asyncio.to_thread(look, self._database, self._vault, source, seen)
        self.standing = ImportState() if self._stop else plan

    async def _bring(self, source: ChosenSource, plan: Plan) -> None:
        def seen(done: int, total: int) -> bool:
            self.standing = ImportState("running", source.place, done, total, plan)
            return not self._stop

        self.standing = await bring_planned(self._database, self._vault, self._clock(), source, plan, seen)


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
