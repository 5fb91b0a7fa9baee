"""In front of a TLS server: who only stands there cannot keep others out.

gRPC and uvicorn count connections and calls, and do not ask whose they are: somebody without any key held all of them. So connections come in here,
and are passed on as they are, TLS and all. A connection is a stranger's until the server behind says whose it is (`admit`). Strangers have few places,
fewer for each address, and not for long; when no place is left, the one who has stood there longest goes. Members' connections take none of these
places. Of those who wait for a place, the last and the first come are served in turns: neither a crowd that only stands there nor one that comes
again and again keeps anybody out. All waiting is for events of the loop; nothing is read ahead of what the server takes.
"""

import asyncio
import contextlib
import ipaddress
import resource
from dataclasses import dataclass, field
from functools import partial

from weal_protocol import hello

CHUNK = 64 * 1024
FILES = 65_536  # that one process may have open


@dataclass(frozen=True, slots=True)
class Limits:
    """strangers: connections of those who are not known yet, in all; per_address: of one address.  per_member: connections of one member.
    waiting: who may wait for a stranger's place; one more, and the longest waiting of the address with the most of them goes.  hello_s: until the first words are there.  grace_s: how long a stranger keeps a place that
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
        self.strangers: dict[_Caller, None] = {}  # the oldest first
        self.places: dict[str, dict[_Caller, None]] = {}  # the same by their addresses
        self._members: dict[bytes, dict[_Caller, None]] = {}
        self.ports: dict[int, _Caller] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: dict[
            str, dict[_Caller, asyncio.Future[bool]]
        ] = {}  # who waits for a place, by address; the oldest first
        self.waiting = 0
        self._newest = False  # whether the last place that was waited for went to who came last
        self._looks_again: asyncio.TimerHandle | None = None  # when the next place can be had for somebody who waits

    async def listen(self, host: str, port: int, inside: int) -> int:
        """Listen at host:port (0: any) for the server at 127.0.0.1:inside; return the port. OSError where it cannot be had."""
        _allow_files()
        self._inside = ("127.0.0.1", inside)
        self._server = await asyncio.start_server(self._called, host.strip("[]"), port, backlog=1_024)
        return int(self._server.sockets[0].getsockname()[1])

    def admit(self, peer: str | int, who: bytes) -> None:
        """Take note whose connection this is: peer is the port from which the server was called, or gRPC's name for it."""
        caller = self.ports.get(peer if isinstance(peer, int) else _port(peer))
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
        if self._looks_again is not None:
            self._looks_again.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        peer = writer.get_extra_info("peername")
        caller = _Caller(side(str(peer[0])) if peer else "", asyncio.get_running_loop().time(), writer)
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
        """Give a stranger's place; False for whoever has waited too long for one."""
        line = self._lines.setdefault(caller.address, {})
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        line[caller] = turn
        self.waiting += 1
        if self.waiting > self.limits.waiting:
            longest = max(self._lines.values(), key=len)
            self._call(next(iter(longest)), False)
        if self._looks_again is None or self._is_free(caller.address):
            self._usher()
        try:
            async with asyncio.timeout(self.limits.admit_s):
                return await turn
        finally:
            if not turn.done() or turn.cancelled():
                self._call(caller, False)

    def _usher(self) -> None:
        """Give places to those who wait, as long as there are any: to who came last and to who came first in turns, of the address
        that has the fewest."""
        if self._looks_again is not None:
            self._looks_again.cancel()
            self._looks_again = None
        while self._lines:
            soonest = self.limits.grace_s
            newest_first = list(reversed(self._lines))  # among those that have as few
            for address in sorted(newest_first, key=lambda one: len(self.places.get(one, ()))):
                left = self._make_room(address)
                if left <= 0:
                    self._newest = not self._newest
                    line = self._lines[address]
                    self._call(next(reversed(line) if self._newest else iter(line)), True)
                    break
                soonest = min(soonest, left)
            else:
                self._looks_again = asyncio.get_running_loop().call_later(soonest, self._usher)
                return

    def _call(self, caller: _Caller, placed: bool) -> None:
        """Tell somebody who waits that they have a place, or that they will have none."""
        line = self._lines.get(caller.address, {})
        turn = line.pop(caller, None)
        if turn is None:
            return
        self.waiting -= 1
        if not line:
            del self._lines[caller.address]
        if placed:
            caller.since = asyncio.get_running_loop().time()
            self.strangers[caller] = None
            self.places.setdefault(caller.address, {})[caller] = None
        else:
            self.turned_away += 1
        if not turn.done():
            turn.set_result(placed)

    def _is_free(self, address: str) -> bool:
        few = len(self.places.get(address, ())) < self.limits.per_address
        return few and len(self.strangers) < self.limits.strangers

    def _make_room(self, address: str) -> float:
        """Return in how many seconds there is a place for this address, 0 for now; the oldest of the most goes once their grace is over."""
        if self._is_free(address):
            return 0.0
        own = self.places.get(address, {})
        crowd = own if len(own) >= self.limits.per_address else max(self.places.values(), key=len)
        oldest = next(iter(crowd))
        left = oldest.since + self.limits.grace_s - asyncio.get_running_loop().time()
        if left > 0:
            return left
        self.turned_away += 1
        self._leave_place(oldest)
        self._hang_up(oldest)
        return 0.0

    async def _through(self, caller: _Caller, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(self.limits.hello_s):
            head = await reader.readexactly(hello.HEAD)
            body = await reader.readexactly(hello.length(head))
        if not hello.modern(body):
            self.turned_away += 1
            return
        if caller not in self.strangers:
            return  # sent away meanwhile
        caller.ends.append(asyncio.get_running_loop().call_later(self.limits.admit_s, partial(self._late, caller)))
        inner, into = await asyncio.open_connection(*self._inside)
        port = int(into.get_extra_info("sockname")[1])
        self.ports[port] = caller
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
            self.ports.pop(port, None)
            into.close()

    def _late(self, caller: _Caller) -> None:
        if not caller.who:
            self.turned_away += 1
            self._hang_up(caller)

    def _forget(self, caller: _Caller) -> None:
        """Take a caller off the lists."""
        for timer in caller.ends:
            timer.cancel()
        if caller in self.strangers:
            self._leave_place(caller)
            if self._lines:
                self._usher()
        mine = self._members.get(caller.who, {})
        mine.pop(caller, None)
        if not mine:
            self._members.pop(caller.who, None)

    def _leave_place(self, caller: _Caller) -> None:
        del self.strangers[caller]
        places = self.places[caller.address]
        del places[caller]
        if not places:
            del self.places[caller.address]

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


def side(host: str) -> str:
    """Return what counts as one address: of IPv6 the first 64 bits, since whoever has one address has all that begin with them."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv4Address) or found.ipv4_mapped is not None:
        return str(found if isinstance(found, ipaddress.IPv4Address) else found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
