"""Waiting for events. No outcome hangs on how fast the machine is: the bound is there to end a test that would never end.

Waits look often and give up late. On two cores beside four busy processes the longest wait of the suite, a first round of a
freshly founded community, took 70 s (2026-11-29); the bound is far from that.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

PATIENCE_S = 1_200.0
LOOK_S = 0.02
T = TypeVar("T")


def until(condition: Callable[[], T], says: Callable[[], str] = str) -> T:
    """Wait for a condition to hold; return what it gave. says: what to tell where it never does."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end, says()
        time.sleep(LOOK_S)
    return found


async def until_async(condition: Callable[[], Any]) -> Any:
    """Wait for a condition, plain or awaited, while the event loop goes on; return what it gave."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = condition()
            if found := await answer if isinstance(answer, Awaitable) else answer:
                return found
            await asyncio.sleep(LOOK_S)
