"""Machine: what processes take of it, by themselves and with what they start; and how busy others keep it."""

import contextlib
import os
import time

import psutil


def cpu(process: psutil.Process) -> float:
    """Return processor seconds so far; 0 of one that has ended."""
    with contextlib.suppress(psutil.Error):
        spent = process.cpu_times()
        return float(spent.user + spent.system)
    return 0.0


def with_children(process: psutil.Process) -> float:
    """Return processor seconds so far, with those of children that have ended."""
    with contextlib.suppress(psutil.Error):
        spent = process.cpu_times()
        return float(spent.user + spent.system + spent.children_user + spent.children_system)
    return 0.0


def resident(process: psutil.Process) -> float:
    """Return resident memory in MB."""
    with contextlib.suppress(psutil.Error):
        return float(process.memory_info().rss) / 1e6
    return 0.0


def maps(process: psutil.Process) -> list[str]:
    """Return which files are mapped into its memory."""
    with contextlib.suppress(psutil.Error, OSError):
        return [mapped.path for mapped in process.memory_maps()]
    return []


class Busy:
    """How much of the machine others took since this was made."""

    def __init__(self) -> None:
        self._began, self._machine, self._ours = time.monotonic(), _machine(), _ours()

    def share(self) -> float:
        """Return it as a share of all cores."""
        passed = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return max(0.0, (_machine() - self._machine - (_ours() - self._ours)) / passed)


def _machine() -> float:
    spent = psutil.cpu_times()
    return float(spent.user + spent.system + spent.nice)


def _ours() -> float:
    spent = psutil.Process().cpu_times()
    return float(spent.user + spent.system + spent.children_user + spent.children_system)
