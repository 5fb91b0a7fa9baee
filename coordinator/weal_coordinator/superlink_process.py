"""Keep the SuperLink's process alive: start it, wait until it is ready, start it again when it dies."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import Any

from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError

READY_S = 60.0
STOP_S = 8.0
LONGEST_PAUSE_S = 30.0
POLL_S = 0.1


class SuperlinkProcess:
    """One child process `weal_coordinator.federation.superlink`, in a process group of its own."""

    def __init__(self, place: Home) -> None:
        self._place = place
        self._child: asyncio.subprocess.Process | None = None
        self.restarts = 0

    async def start(self) -> dict[str, Any]:
        """Start the child and return what it wrote when it was ready: pid and ports."""
        self._place.superlink.unlink(missing_ok=True)
        module = "weal_coordinator.federation.superlink"
        command = (sys.executable, "-m", module, "--home", str(self._place.root), "--watched")
        # Nothing is ever written to the pipe: that it closes tells the child that we are gone, however we went.
        self._child = await asyncio.create_subprocess_exec(
            *command, start_new_session=True, stdin=asyncio.subprocess.PIPE
        )
        deadline = asyncio.get_running_loop().time() + READY_S
        while asyncio.get_running_loop().time() < deadline:
            if self._child.returncode is not None:
                raise CoordinatorError("the SuperLink ended while it started", "Its last lines say why")
            if (found := self.ready()) is not None:
                return found
            await asyncio.sleep(POLL_S)
        await self.stop()
        raise CoordinatorError(f"the SuperLink was not ready within {READY_S:.0f} s", "Its last lines say why")

    def ready(self) -> dict[str, Any] | None:
        """Return pid and ports of the child that runs now, None while there is none."""
        try:
            found: dict[str, Any] = json.loads(self._place.superlink.read_text())
        except (OSError, ValueError):
            return None
        return found if self._child and found.get("pid") == self._child.pid else None

    async def watch(self) -> None:
        """Start the child again whenever it ends, waiting longer each time."""
        pause = 1.0
        while self._child is not None:
            await self._child.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)  # a ServerApp that outlived its SuperLink
            self.restarts += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            with contextlib.suppress(CoordinatorError):
                await self.start()

    async def stop(self) -> None:
        """End the child and everything it started."""
        child, self._child = self._child, None
        if child is None:
            return
        for sign, patience in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, sign)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), patience)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # a ServerApp that outlived its SuperLink
        self._place.superlink.unlink(missing_ok=True)
