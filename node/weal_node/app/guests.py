"""The facade for foreign agents as a server of its own: loopback only, under names of its own, TLS stands in front of it."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from weal_node.a2a.hosts import Hosts, named
from weal_node.a2a.server import Facade
from weal_node.app import loopback
from weal_node.config import Settings
from weal_node.deals.guests import Visits
from weal_node.errors import NodeError
from weal_protocol.patient import Patient


class _GuestServer(uvicorn.Server):
    """uvicorn that leaves signals to the node."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do not."""
        yield


async def open_to_guests(settings: Settings, visits: Visits, bound: tuple[socket.socket, ...] = ()) -> None:
    """Answer foreign agents until cancelled."""
    bound = bound or bind(settings.a2a_listen)
    port = loopback.port_of(bound)
    address = settings.a2a_address.rstrip("/") or f"http://127.0.0.1:{port}"
    app = Hosts(Facade(visits, settings.name, address).app(), named(port, settings.a2a_address))
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", lifespan="off", http=Patient, ws="none", server_header=False
    )
    server = _GuestServer(config)
    serving = asyncio.create_task(server.serve(sockets=list(bound)))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        for listening in bound:
            listening.close()


def bind(listen: str) -> tuple[socket.socket, ...]:
    """Return listening sockets on loopback; NodeError where they cannot be had."""
    host, _, port = listen.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise NodeError(
            f"a2a_listen must be 127.0.0.1:port, not {listen}",
            "Put your own TLS in front of it to be reached from outside",
        )
    return loopback.listen(int(port), "Choose another for a2a_listen in weal.toml", backlog=32)
