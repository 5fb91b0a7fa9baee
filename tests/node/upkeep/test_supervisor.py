"""Background work: tried again after a fault, reported as it stands, stopped as one."""

import asyncio
from collections.abc import Callable

import pytest

from support.waiting import PATIENCE_S
from weal_node.errors import CommunityError
from weal_node.upkeep.supervisor import Supervisor


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # the watch has no event for this
            await asyncio.sleep(0.001)


async def test_work_that_fails_is_tried_again_and_its_fault_is_named() -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise CommunityError("nobody answers")

    watch = Supervisor(first_pause_s=0.001)
    watch.start("mail", work)
    await until(lambda: watch.standing()[0].state == "done")
    assert tries == 3
    assert watch.standing()[0].faults == 2
    await watch.stop()


async def test_a_waiting_work_says_why_without_private_words() -> None:
    async def work() -> None:
        raise ValueError("a diary line")

    watch = Supervisor(first_pause_s=10)
    watch.start("mirror", work)
    await until(lambda: watch.standing()[0].state == "waiting")
    assert watch.standing()[0].last_fault == "ValueError"
    await watch.stop()


async def test_starting_twice_is_once_and_stopping_ends_all() -> None:
    running = 0

    async def work() -> None:
        nonlocal running
        running += 1
        try:
            await asyncio.Event().wait()
        finally:
            running -= 1

    watch = Supervisor()
    watch.start("a", work)
    watch.start("a", work)
    watch.start("b", work)
    await until(lambda: running == 2)
    await watch.stop("a")
    assert running == 1
    assert [one.name for one in watch.standing()] == ["b"]
    await watch.stop()
    assert running == 0
    assert watch.standing() == ()


async def test_what_cancels_itself_does_not_hang_the_stop() -> None:
    async def work() -> None:
        await asyncio.sleep(60)

    watch = Supervisor()
    watch.start("a", work)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)
    await watch.stop()
