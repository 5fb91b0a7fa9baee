"""In front of a TLS server: who only stands there cannot keep others out.

gRPC and uvicorn count connections and calls, and do not ask whose they are: somebody without any key held all of them. So connections come in here,
and are passed on as they are, TLS and all. A connection is a stranger's until the server behind says whose it is (`admit`). Strangers have few places,
fewer for each address, and not for long; when no place is left, the one who has stood there longest goes. Members' connections take none of these
places. All waiting is for events of the loop; nothing is read ahead of what the server takes.
"""

import asyncio
import contextlib
import resource
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from weal_protocol import hello

CHUNK = 64 * 1024
FILES = 65_536  # that one process may have open


@dataclass(frozen=True, slots=True)
class Limits:
    """strangers: connections of those who are not known yet, in all; per_address: of one address.  per_member: connections of one member.
    waiting: who may wait for a stranger's place.  hello_s: until the first words are there.  grace_s: how long a stranger keeps a place that
    another needs.  admit_s: how long when nobody does."""

    strangers: int = 128
    per_address: int = 96
    per_member: int = 16
    waiting: int = 2_048
    hello_s: float = 5.0
    grace_s: float = 2.0
    admit_s: float = 30.0


@dataclass(slots=True, eq=False)
class _Caller:
    address: str
    since: float
    outside: asyncio.StreamWriter
    who: bytes = b""
    ends: list[asyncio.TimerHandle] = field(default_factory=list)


class Threshold:
    """Listens for a server that itself listens on loopback. admit: by the port from which the server was called."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.turned_away = 0
        self._inside: tuple[str, int] = ("", 0)
        self._server: asyncio.Server | None = None
        self._strangers: dict[_Caller, None] = {}  # the oldest first
        self._addresses: Counter[str] = Counter()  # of strangers
        self._members: dict[bytes, dict[_Caller, None]] = {}
        self._ports: dict[int, _Caller] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._freed = asyncio.Event()
        self._line = asyncio.Lock()  # the first who waits looks for a place; the others wait for them
        self._lines: dict[str, asyncio.Lock] = {}

    async def listen(self, host: str, port: int, inside: int) -> int:
        """Listen at host:port (0: any) for the server at 127.0.0.1:inside; return the port. OSError where it cannot be had."""
        _allow_files()
        self._inside = ("127.0.0.1", inside)
        self._server = await asyncio.start_server(self._called, host.strip("[]"), port, backlog=1_024)
        return int(self._server.sockets[0].getsockname()[1])

    def admit(self, peer: str | int, who: bytes) -> None:
        """Take note whose connection this is: peer is the port from which the server was called, or gRPC's name for it."""
        caller = self._ports.get(peer if isinstance(peer, int) else _port(peer))
        if caller is None or caller.who == who:
            return
        self._forget(caller)
        caller.who = who
        mine = self._members.setdefault(who, {})
        mine[caller] = None
        if len(mine) > self.limits.per_member:
            self._hang_up(next(iter(mine)))

    async def close(self) -> None:
        """Listen no more, and hang up."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        peer = writer.get_extra_info("peername")
        caller = _Caller(str(peer[0]) if peer else "", asyncio.get_running_loop().time(), writer)
        try:
            if await self._placed(caller):
                await self._through(caller, reader)
        except (OSError, EOFError, TimeoutError):
            pass  # they hung up, were too slow, or the server behind is gone
        except asyncio.CancelledError:
            if self._server is None or self._server.is_serving():
                raise
        finally:
            self._forget(caller)
            self._hang_up(caller)
            self._tasks.discard(task)

    async def _placed(self, caller: _Caller) -> bool:
        """Give a stranger's place; False where too many wait for one already."""
        if self._waiting >= self.limits.waiting:
            self.turned_away += 1
            return False
        self._waiting += 1
        line = self._lines.setdefault(caller.address, asyncio.Lock())
        try:
            async with line:  # an address that has all of its own places keeps nobody else waiting
                while self._addresses[caller.address] >= self.limits.per_address:
                    await self._make_room(caller.address)
                async with self._line:
                    while len(self._strangers) >= self.limits.strangers:
                        await self._make_room(self._addresses.most_common(1)[0][0])
                    caller.since = asyncio.get_running_loop().time()
                    self._strangers[caller] = None
                    self._addresses[caller.address] += 1
        finally:
            self._waiting -= 1
        return True

    async def _make_room(self, address: str) -> None:
        """Send the oldest stranger of an address away once their grace is over, or wait for whatever comes first."""
        oldest = next(one for one in self._strangers if one.address == address)
        left = oldest.since + self.limits.grace_s - asyncio.get_running_loop().time()
        if left <= 0:
            self.turned_away += 1
            self._forget(oldest)
            self._hang_up(oldest)
            return
        self._freed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), left)

    async def _through(self, caller: _Caller, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(self.limits.hello_s):
            head = await reader.readexactly(hello.HEAD)
            body = await reader.readexactly(hello.length(head))
        if not hello.modern(body):
            self.turned_away += 1
            return
        if caller not in self._strangers:
            return  # sent away meanwhile
        caller.ends.append(asyncio.get_running_loop().call_later(self.limits.admit_s, partial(self._late, caller)))
        inner, into = await asyncio.open_connection(*self._inside)
        port = int(into.get_extra_info("sockname")[1])
        self._ports[port] = caller
        try:
            into.write(head + body)
            both = [asyncio.create_task(_carry(*way)) for way in ((reader, into), (inner, caller.outside))]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in both:
                    one.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        finally:
            self._ports.pop(port, None)
            into.close()

    def _late(self, caller: _Caller) -> None:
        if not caller.who:
            self.turned_away += 1
            self._hang_up(caller)

    def _forget(self, caller: _Caller) -> None:
        """Take a caller off the lists."""
        for timer in caller.ends:
            timer.cancel()
        if caller in self._strangers:
            del self._strangers[caller]
            self._addresses[caller.address] -= 1
            if not self._addresses[caller.address]:
                del self._addresses[caller.address]
                if not self._waiting:
                    self._lines.clear()
            self._freed.set()
        mine = self._members.get(caller.who, {})
        mine.pop(caller, None)
        if not mine:
            self._members.pop(caller.who, None)

    def _hang_up(self, caller: _Caller) -> None:
        caller.outside.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    await writer.drain()


def _allow_files() -> None:
    """Let this process open as many files as its user may: a connection that is passed on takes three, and the usual limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _port(peer: str) -> int:
    """Return the port in gRPC's name of a caller, such as ipv4:127.0.0.1:50123; 0 where there is none."""
    last = peer.rpartition(":")[2]
    return int(last) if last.isdigit() else 0
