"""The node's end of an attachment: frames out, mail in, over one connection to the relay."""

import asyncio
import contextlib

import grpc

from weal_node.errors import CommunityError, UnreachableError
from weal_node.outbound.channel import TIMEOUT_S, named
from weal_protocol.v1 import envelope_pb2, relay_pb2, relay_pb2_grpc

LIFE_S = 3_600.0  # then it is opened anew: no call is without a deadline


class Attachment:
    """An open one. Mail is held until it is acknowledged, and given out again until then."""

    def __init__(self, call: "grpc.aio.StreamStreamCall[relay_pb2.AttachRequest, relay_pb2.AttachResponse]", name: str):
        self._call = call
        self._name = name
        self._number = 0
        self._answers: dict[int, asyncio.Future[relay_pb2.AttachResponse]] = {}
        self._mail: dict[int, bytes] = {}
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()
        self._fault = UnreachableError(f"the connection to {name} has ended", "It is opened again by itself")
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, relay: "relay_pb2_grpc.RelayServiceAsyncStub", name: str, token: str) -> "Attachment":
        """Attach with a session; AioRpcError where the relay says no."""
        call = relay.Attach(metadata=(("weal-session", token),), timeout=LIFE_S)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                first = await call.read()
        except TimeoutError as fault:
            call.cancel()
            raise UnreachableError(f"{name} cannot be reached", "It is tried again by itself") from fault
        if not isinstance(first, relay_pb2.AttachResponse):  # the end, without a word
            raise UnreachableError(f"{name} cannot be reached", "It is tried again by itself")
        return cls(call, name)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._reading.done()

    async def put(self, recipient: bytes, ciphertext: bytes) -> None:
        """Hand a frame over; on the relay's disk when this returns."""
        frame = envelope_pb2.SealedFrame(recipient=recipient, ciphertext=ciphertext)
        self._number += 1
        request = relay_pb2.AttachRequest(number=self._number, put=frame)
        waiting = self._answers[self._number] = asyncio.get_running_loop().create_future()
        try:
            await self._write(request)
            async with asyncio.timeout(TIMEOUT_S):
                answer = await waiting
        except TimeoutError as fault:
            raise UnreachableError(f"{self._name} does not answer", "It is tried again by itself") from fault
        finally:
            self._answers.pop(request.number, None)
            if not waiting.cancel() and not waiting.cancelled():
                waiting.exception()  # it ended while we were still writing: that has been said already
        if answer.refused:
            kind = UnreachableError if answer.again else CommunityError
            raise kind(f"{self._name} says: {answer.refused.removesuffix('.')}")

    async def fetch(self, wait_ms: int, limit: int) -> list[tuple[int, bytes]]:
        """Return mail that was not acknowledged, oldest first, waiting up to `wait_ms` for some."""
        if not self._mail:
            self._news.clear()
            if self.over:
                raise self._fault
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_ms / 1_000):
                    await self._news.wait()
        if not self._mail and self.over:
            raise self._fault
        return list(self._mail.items())[:limit]

    async def ack(self, numbers: list[int]) -> None:
        """Tell the relay that mail arrived; where that is lost, it comes again and is known."""
        for number in numbers:
            self._mail.pop(number, None)
        await self._write(relay_pb2.AttachRequest(ack=numbers))

    async def close(self) -> None:
        """End the connection."""
        self._call.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _write(self, request: relay_pb2.AttachRequest) -> None:
        if self.over:
            raise self._fault
        try:
            async with self._writing:
                await self._call.write(request)
        except grpc.aio.AioRpcError as fault:
            raise named(fault, self._name) from fault
        except asyncio.InvalidStateError as fault:  # grpc's word for a call that has ended
            raise self._fault from fault

    async def _read(self) -> None:
        try:
            while isinstance(answer := await self._call.read(), relay_pb2.AttachResponse):  # grpc's other word: the end
                for letter in answer.mail:
                    self._mail[int(letter.number)] = bytes(letter.ciphertext)
                    self._news.set()
                if (waiting := self._answers.get(int(answer.number))) and not waiting.done():
                    waiting.set_result(answer)
        except grpc.aio.AioRpcError as fault:
            self._fault = UnreachableError(named(fault, self._name).what, "It is tried again by itself")
        finally:
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(self._fault)
            self._news.set()
