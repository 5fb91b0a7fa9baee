"""The facade for foreign agents as a server of its own: loopback only, TLS stands in front of it."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from weal_node.a2a.server import Facade
from weal_node.config import Settings
from weal_node.errors import NodeError
from weal_node.loop.guests import Visits
from weal_protocol.patient import Patient


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to the node."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do not."""
        yield


async def open_to_guests(settings: Settings, visits: Visits, bound: socket.socket | None = None) -> None:
    """Answer foreign agents until cancelled."""
    bound = bound or bind(settings.a2a_listen)
    host, port = bound.getsockname()[:2]
    address = settings.a2a_address.rstrip("/") or f"http://{host}:{port}"
    app = Facade(visits, settings.name, address).app()
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", lifespan="off", http=Patient, ws="none", server_header=False
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        bound.close()


def bind(listen: str) -> socket.socket:
    """Return a listening socket on loopback; NodeError where that cannot be had."""
    host, _, port = listen.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdigit():
        raise NodeError(
            f"a2a_listen must be 127.0.0.1:port, not {listen}",
            "Put your own TLS in front of it to be reached from outside",
        )
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", int(port)))
    except OSError as fault:
        made.close()
        raise NodeError(f"port {port} is taken", "Choose another for a2a_listen in weal.toml") from fault
    made.listen(32)
    made.setblocking(False)
    return made
