"""One process a home: whoever holds the lock may write; everybody else speaks to it."""

import fcntl
import os
from typing import Self

from weal_node.config import Home
from weal_node.errors import AlreadyRunningError, FolderError, NotSetUpError, reason


class HomeLock:
    """An exclusive lock on a home, for a `with`. The system releases it even after kill -9.

    FolderError where there can be none.
    must: AlreadyRunningError where another process holds it; else `held` says whether we do.
    make: make the home's folder (0700) where there is none; else NotSetUpError."""

    def __init__(self, place: Home, must: bool = True, make: bool = True) -> None:
        self._place = place
        self._must = must
        self._make = make
        self._handle = -1
        self.held = False

    def __enter__(self) -> Self:
        try:
            self._handle = self._open()
        except OSError as fault:
            raise FolderError(
                f"{self._place.root} cannot be a node's folder: {reason(fault)}",
                "Choose another with --home, or in WEAL_HOME",
            ) from fault
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.held = True
        except BlockingIOError as fault:
            if self._must:
                self._close()
                raise AlreadyRunningError(
                    f"a node is already running in {self._place.root}",
                    "Stop it first, or ask it for a link: weal login",
                ) from fault
        return self

    def _open(self) -> int:
        if self._make:
            self._place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not self._place.lock.exists() or not self._place.keys.is_dir():
            raise NotSetUpError(
                f"there is no node in {self._place.root}", "Make one with `weal init`, or just `weal up`"
            )
        return os.open(self._place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __exit__(self, *fault: object) -> None:
        self._close()

    def _close(self) -> None:
        os.close(self._handle)
        self.held = False
