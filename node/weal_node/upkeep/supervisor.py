"""Background work that is started, restarted after a fault, reported, and stopped as one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from weal_node.errors import hardship
from weal_protocol.errors import WealError

log = logging.getLogger(__name__)
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a piece of work stands: "running", "done", or "waiting" after a fault, and what that was. remark: what it does otherwise
    than it should, since this machine does not let it; "" for nothing."""

    name: str
    state: str
    faults: int = 0
    last_fault: str = ""
    remark: str = ""


class Supervisor:
    """Tasks of one event loop, by name. Work that ends by itself is done; work that fails is tried again, each time
    after a longer pause, for as long as the watch stands."""

    def __init__(self, first_pause_s: float = FIRST_PAUSE_S) -> None:
        self._first_pause_s = first_pause_s
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._standing: dict[str, TaskState] = {}

    def start(self, name: str, work: Work) -> None:
        """Start the work unless it is running."""
        if name not in self._tasks or self._tasks[name].done():
            self._standing[name] = TaskState(name, "running")
            self._tasks[name] = asyncio.create_task(self._keep(name, work), name=name)

    async def _keep(self, name: str, work: Work) -> None:
        pause, faults = self._first_pause_s, 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()
            except Exception as fault:  # supervision is the place where any fault is decided upon
                faults += 1
                reason = _said(fault)
                if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
                    pause = self._first_pause_s  # it had gone well for long
                self._standing[name] = replace(self._standing[name], state="waiting", faults=faults, last_fault=reason)
                log.warning("%s failed (%s); again in %.1f s", name, reason, pause)
                log.debug("traceback", exc_info=fault)
            else:
                self._standing[name] = replace(self._standing[name], state="done", faults=faults, last_fault="")
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
            self._standing[name] = replace(self._standing[name], state="running")

    def remark(self, name: str, text: str) -> None:
        """Keep what a piece of work has to say about this machine, for whoever looks after the node."""
        if name in self._standing:
            self._standing[name] = replace(self._standing[name], remark=text)
        log.warning("%s: %s", name, text)

    def standing(self) -> tuple[TaskState, ...]:
        """Return how every piece of work stands, by name."""
        return tuple(state for _, state in sorted(self._standing.items()))

    async def stop(self, *names: str) -> None:
        """Stop the named work, or all of it, and wait until it has ended."""
        chosen: list[asyncio.Task[None]] = []
        for name in names or tuple(self._tasks):
            task = self._tasks.pop(name, None)
            if task is not None:
                task.cancel()
                chosen.append(task)
                self._standing.pop(name, None)
        await asyncio.gather(*chosen, return_exceptions=True)


def _said(fault: BaseException) -> str:
    """A fault in words that may be shown: a named one's own, of any other only its kind."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    known_fault = fault if isinstance(fault, WealError) else hardship(fault)
    return known_fault.what if known_fault is not None else type(fault).__name__
