"""Continuous rounds: begin what is due, finish what was cut short, go on after a fault. One decision a step.

What happened is read from the database each time, so a supervisor that was killed, or a second one, decides the same. The round itself is
run by a process of its own (`weal-coordinator round`): this one imports no Flower, and a round that is killed takes nothing with it.
"""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from weal_coordinator import keys
from weal_coordinator.community.charter import Charter
from weal_coordinator.community.schedule import Next, Past, next_round
from weal_coordinator.config import Home
from weal_coordinator.errors import DatabaseError
from weal_coordinator.federation.budget import known_left
from weal_coordinator.store import history, members, ready, rounds
from weal_coordinator.store.database import Database

LOOK_S = 20.0
REFUSED_MS = 3_600_000  # after a round that was refused before it began: the cap on epsilon, most likely
MOST_LINES = 40  # of one round
log = logging.getLogger(__name__)
Runner = Callable[[bool], Awaitable[str]]  # True: only finish what was charged. Returns "" or why it failed


@dataclass
class Supervisor:
    """clock: Unix time in ms.  run: runs one round to its end."""

    place: Home
    database: Database
    rules: Charter
    clock: Callable[[], int]
    run: Runner
    fault: str = ""
    refused_until: int = 0

    async def step(self) -> Next | None:
        """Do what is due now; return when to look again, and why, or None when something was done."""
        if await asyncio.to_thread(in_progress, self.place):
            return Next(None, "a round is in progress")
        past, unfinished = await asyncio.to_thread(look, self.place, self.database)
        if unfinished:
            self._note(await self.run(True))
            return None if not self.fault else Next(self.clock() + REFUSED_MS, self.fault)
        left = await asyncio.to_thread(known_left, self.database, self.rules)
        due = next_round(past, self.rules.aggregation, self.clock(), left)
        if due.at_ms is None or self.clock() < max(due.at_ms, self.refused_until):
            return due
        self._note(await self.run(False))
        if self.fault:
            self.refused_until = self.clock() + REFUSED_MS if await self._nothing_began(past) else 0
        return None

    async def watch(self) -> None:
        """Go on for ever."""
        while True:
            due = None
            try:
                due = await self.step()
            except DatabaseError as fault:
                self._note(fault.what)
            left_s = (due.at_ms - self.clock()) / 1_000 if due and due.at_ms is not None else LOOK_S
            await asyncio.sleep(min(max(left_s, 1.0), LOOK_S))

    async def _nothing_began(self, before: Past) -> bool:
        after, _ = await asyncio.to_thread(look, self.place, self.database)
        return after.begun == before.begun

    def _note(self, fault: str) -> None:
        self.fault = fault
        if fault:
            log.warning("a round was due and came to nothing: %s", fault)
        with contextlib.suppress(OSError):
            self.place.schedule.write_text(json.dumps({"fault": fault, "at_ms": self.clock()}))


def in_progress(place: Home) -> bool:
    """Say whether someone is running a round here."""
    with place.round_lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def look(place: Home, database: Database) -> tuple[Past, bool]:
    """Return what happened so far, and whether a round was charged and has not been finished."""
    own = keys.load(place).agent_public
    with database.read() as connection:
        founder = members.get(connection, own)
        registered = members.registered(connection, own)
        entries = history.since_counted(connection)
        said = ready.times(connection, rounds.last_charged(connection))
    newest, counted = entries[0] if entries else None, next((one for one in entries if one.state in COUNTED), None)
    failures = sum(one.state == "failed" for one in entries)
    past = Past(
        founded=founder.joined_ms if founder else 0,
        counted=counted.opened_ms if counted else 0,
        begun=newest.opened_ms if newest else 0,
        open=newest is not None and newest.state == "open",
        failures=failures + (newest is not None and newest.state == "open"),
        registered=registered,
        ready=said,
    )
    return past, any(one.state == "charged" for one in entries)


COUNTED = ("charged", "done")


def process(place: Home) -> Runner:
    """Return a runner that starts `weal-coordinator round` as a process of its own, which outlives this one."""

    async def run(only_finish: bool) -> str:
        command = [sys.executable, "-m", "weal_coordinator", "round", "--home", str(place.root), "--json"]
        if only_finish:
            command.append("--only-finish")
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, said = await child.communicate()
        except asyncio.CancelledError:  # we are told to stop: nothing of ours stays
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
            raise
        return passed_on(said, child.returncode or 0)

    return run


def passed_on(said: bytes, status: int) -> str:
    """Write what a round's process said of refused replies and the like into our log; return why it failed, "" when it did not."""
    words = said.decode(errors="replace").strip().splitlines()
    fault = "" if status == 0 else (words.pop()[:300] if words else f"it ended with {status}")
    for line in words[-MOST_LINES:]:
        log.warning("%s", line[:300])
    return fault
