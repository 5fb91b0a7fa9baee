"""`weal up`: the page answers first, then the agent reads its statements, then the outward work goes on until a signal."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from weal_node.app import loopback
from weal_node.app.node import Node
from weal_node.app.setup import close_to_others
from weal_node.config import Home, Settings
from weal_node.errors import NodeError
from weal_node.web.door.guard import Guard
from weal_node.web.door.health import ask_to_log_in
from weal_node.web.door.login import write_private
from weal_node.web.page import STATIC
from weal_node.web.routes import routes
from weal_protocol.patient import Patient

STOP_S = 5  # how long open requests may go on after a signal

Announce = Callable[[str, str], None]


class _PageServer(uvicorn.Server):
    """uvicorn without its own signal handling (the node stops as a whole), and with word of when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.answering.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve`."""
        yield


def up(place: Home, settings: Settings, port: int | None, announce: Announce) -> None:
    """Run the node of this home until SIGINT or SIGTERM; the caller holds the lock. `announce` gets the address and
    the token of a login link once the page answers."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two torch threads on two busy cores are far slower than one
    close_to_others(place)
    bound = bind(settings.host, settings.port if port is None else port)
    asyncio.run(serve(place, settings, bound, announce))


def bind(host: str, port: int) -> tuple[socket.socket, ...]:
    """Return listening sockets on loopback; NodeError where the port is taken or the host is not loopback."""
    if host not in ("127.0.0.1", "localhost"):
        raise NodeError(f"the page is for this machine only, not for {host}", "Set host to 127.0.0.1 in weal.toml")
    return loopback.listen(port, "Choose another with --port, or 0 for any free one")


async def serve(place: Home, settings: Settings, bound: tuple[socket.socket, ...], announce: Announce) -> None:
    """Serve until a signal comes, then stop everything in order: page, work, database."""
    port = loopback.port_of(bound)
    node = Node(place, settings)
    page = page_of(node, port)
    config = uvicorn.Config(
        page,
        access_log=False,  # it would write login links down
        log_level="warning",
        lifespan="off",
        http=Patient,
        ws="none",
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=64
        * 1024,  # a bookmark's selection of 4,000 characters, each written as %XX%XX%XX
        timeout_graceful_shutdown=STOP_S,
    )
    server = _PageServer(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    serving = asyncio.create_task(server.serve(sockets=list(bound)), name="page")
    answering = asyncio.create_task(server.answering.wait())
    try:
        await asyncio.wait({serving, answering}, return_when=asyncio.FIRST_COMPLETED)
        write_running(place, port)
        announce(page.home, node.desk.login.new_link())
        node.start()
        await serving
    finally:
        server.should_exit = True
        answering.cancel()
        await asyncio.wait({serving, answering})
        await node.close()
        place.running.unlink(missing_ok=True)
        place.control.unlink(missing_ok=True)


def page_of(node: Node, port: int) -> Guard:
    """Return the page of a node as an ASGI app behind its guard."""
    app = FastAPI(title="Weal", routes=routes(str(STATIC)), docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = node.desk
    app.state.guard = guard = Guard(app, port, node.desk.login, ask_to_log_in())
    return guard


def write_running(place: Home, port: int) -> None:
    """Write running.json in one step: whoever may read it finds it whole."""
    write_private(place.running, json.dumps({"pid": os.getpid(), "port": port}))
    sys.stdout.flush()
