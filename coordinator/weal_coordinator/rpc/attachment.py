"""One attached node: its frames in, its mail out, over a connection that it opened.

Mail goes out as it arrives and stays on disk until it is acknowledged: a connection that breaks loses nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from weal_coordinator.errors import DatabaseError
from weal_coordinator.store.mail import Letter
from weal_protocol.errors import WealError
from weal_protocol.v1 import relay_pb2

AHEAD = 64  # answers that may wait to be written; a node that does not read is waited for
MAX_ACKS = 64


class Attachment:
    """keep: takes a frame (recipient, ciphertext).  waiting: letters after a number.  drop: those that arrived."""

    def __init__(
        self,
        requests: AsyncIterator[relay_pb2.AttachRequest],
        keep: Callable[[bytes, bytes], Awaitable[None]],
        waiting: Callable[[int], Awaitable[tuple[Letter, ...]]],
        drop: Callable[[list[int]], Awaitable[None]],
    ) -> None:
        self._requests = requests
        self._keep = keep
        self._waiting = waiting
        self._drop = drop
        self._arrived = asyncio.Event()
        self._arrived.set()  # what waited before
        self._looking = True  # in the store, for what waits
        self._last = 0  # number of the last letter that went out
        self._out: asyncio.Queue[relay_pb2.AttachResponse] = asyncio.Queue(AHEAD)
        self._ended = asyncio.Event()
        self._arrivals: list[int] = []  # acknowledged, and still on disk
        self._acknowledged = asyncio.Event()

    def arrived(self, letter: Letter) -> None:
        """Bring a letter that was just kept: at once where nothing else waits, else from the store in its turn."""
        if not self._looking and not self._arrived.is_set() and not self._out.full():
            self._out.put_nowait(_with(letter))
            self._last = max(self._last, letter.number)
            return
        self._last = min(self._last, letter.number - 1)  # two may be kept at a time, and told in the other order
        self._arrived.set()

    def end(self) -> None:
        """End the connection at once: the same node has attached anew, or its member left or was expelled."""
        self._ended.set()

    async def answers(self) -> AsyncIterator[relay_pb2.AttachResponse]:
        """Yield what the node gets, an empty answer first: it is attached."""
        work = [asyncio.create_task(act()) for act in (self._take, self._bring, self._forget, self._ended.wait)]
        try:
            yield relay_pb2.AttachResponse()
            while True:
                getting = asyncio.create_task(self._out.get())
                done, _ = await asyncio.wait({getting, *work}, return_when=asyncio.FIRST_COMPLETED)
                if (
                    self._ended.is_set()
                ):  # at once: what was not acknowledged is on disk, or was dropped with the member
                    getting.cancel()
                    return
                if getting in done:
                    yield getting.result()
                    continue
                getting.cancel()
                for one in done - {getting}:
                    one.result()
                while not self._out.empty():
                    yield self._out.get_nowait()
                return
        finally:
            for one in work:
                one.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*work, return_exceptions=True)

    async def _take(self) -> None:
        async for request in self._requests:
            refused, again = "", False
            try:
                if request.ack:
                    self._arrivals += list(request.ack)[:MAX_ACKS]
                    self._acknowledged.set()
                if request.HasField("put"):
                    await self._keep(request.put.recipient, request.put.ciphertext)
            except (WealError, OverflowError) as fault:
                refused, again = str(fault), isinstance(fault, DatabaseError)
            if request.number:
                await self._out.put(relay_pb2.AttachResponse(number=request.number, refused=refused, again=again))

    async def _forget(self) -> None:
        """Drop what arrived, beside the frames that come: where the connection ends first, it is brought and dropped again."""
        while True:
            await self._acknowledged.wait()
            self._acknowledged.clear()
            arrived, self._arrivals = self._arrivals, []
            with contextlib.suppress(WealError, OverflowError):
                await self._drop(arrived)

    async def _bring(self) -> None:
        while True:
            self._looking = False
            await self._arrived.wait()
            self._looking = True
            self._arrived.clear()  # before the look, so that mail that comes during it is not missed
            while letters := await self._waiting(self._last):
                for one in letters:
                    self._last = max(self._last, one.number)
                    await self._out.put(_with(one))


def _with(letter: Letter) -> relay_pb2.AttachResponse:
    return relay_pb2.AttachResponse(mail=[relay_pb2.Mail(number=letter.number, ciphertext=letter.ciphertext)])
