"""Connections that never finish a request end, and keep nobody else out. At a real port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from weal_protocol import patient
from weal_protocol.patient import Patient

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.answering.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _app(scope: Any, receive: Any, send: Any) -> None:
    more = True
    while more:
        event = await receive()
        more = event.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def served() -> AsyncIterator[tuple[int, list[Streams], set[Any]]]:
    """A server: its port, what is opened to it, and its own connections."""
    server = _Server(uvicorn.Config(_app, port=0, http=Patient, ws="none", lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve())
    await server.answering.wait()
    opened: list[Streams] = []
    try:
        yield server.servers[0].sockets[0].getsockname()[1], opened, server.server_state.connections
    finally:
        for _, writer in opened:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        server.should_exit = server.force_exit = True
        await serving


async def _say(port: int, opened: list[Streams], words: bytes) -> Streams:
    opened.append(await asyncio.open_connection("127.0.0.1", port))
    opened[-1][1].write(words)
    return opened[-1]


async def _end(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.slow
@pytest.mark.parametrize("words", [b"", b"GET", HEAD, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"])
async def test_a_request_that_never_ends_is_hung_up_on(words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient, "HEAD_S", 0.05)
    monkeypatch.setattr(patient, "BODY_S", 0.05)
    async with served() as (port, opened, _):
        reader, _ = await _say(port, opened, words)
        assert await _end(reader) == b""


@pytest.mark.slow
async def test_the_second_head_of_a_connection_has_its_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as (port, opened, _):
        reader, writer = await _say(port, opened, HEAD + b"\r\n")
        assert (await reader.readuntil(b"ok")).endswith(b"ok")
        monkeypatch.setattr(patient, "HEAD_S", 0.05)
        writer.write(b"GET /")
        assert await _end(reader) == b""


@pytest.mark.slow
@pytest.mark.parametrize("words", [b"", HEAD, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"])
async def test_however_many_wait_one_more_is_answered(words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient, "MOST", 8)
    async with served() as (port, opened, connections):
        for _ in range(30):
            await _say(port, opened, words)
        reader, _ = await _say(port, opened, HEAD + b"Connection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"ok")
        assert len([one for one in connections if not one.transport.is_closing()]) <= 9
