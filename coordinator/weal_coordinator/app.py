"""`weal-coordinator up`: the community's services, a supervised SuperLink, and a small public page."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator

import uvicorn

from weal_coordinator import bundles, charters, config, setup
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home, Settings
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.federation.budget import known_left
from weal_coordinator.federation.supervisor import Supervisor, process
from weal_coordinator.rpc.server import serve
from weal_coordinator.store.database import Database
from weal_coordinator.superlink_process import SuperlinkProcess
from weal_coordinator.web.page import page
from weal_protocol.patient import Patient

STOP_S = 2.0


@contextlib.contextmanager
def locked(place: Home) -> Iterator[None]:
    """Hold this home, so that no second coordinator serves it."""
    with place.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise CoordinatorError(f"a coordinator already runs in {place.root}", "Stop it first") from fault
        yield


async def up(place: Home, settings: Settings) -> None:
    """Run until a signal says stop; then leave no process and no port behind."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with contextlib.AsyncExitStack() as leaving:  # however far the start came, in reverse order
        database = Database(config.database_url(place, settings))
        leaving.callback(database.close)
        rules = charters.settled(place, database, setup.now_ms())
        superlink = SuperlinkProcess(place)
        leaving.push_async_callback(superlink.stop)
        leaving.callback(place.running.unlink, missing_ok=True)
        links = await superlink.start()
        server, port = await serve(place, settings, rules, database, setup.own_card(place, database), setup.now_ms)
        leaving.push_async_callback(server.stop, STOP_S)
        web = uvicorn.Server(_web_config(place, settings, database, rules, superlink))
        web.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # ours is above
        serving = asyncio.create_task(_serve_web(web))
        leaving.callback(asyncio.create_task(superlink.watch()).cancel)
        leaving.callback(asyncio.create_task(bundles.keep(place, settings, database, setup.now_ms)).cancel)
        supervisor = Supervisor(place, database, rules, setup.now_ms, process(place))
        while not web.started and not serving.done():  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.02)
        if serving.done():
            serving.result()
            raise CoordinatorError(f"port {settings.web_port} is taken", "Set web_port in coordinator.toml, 0 for any")
        web_port = web.servers[0].sockets[0].getsockname()[1]
        addresses = {
            "pid": os.getpid(),
            "grpc": f"{settings.host}:{port}",
            "fleet": f"{settings.host}:{links['fleet']}",
            "fleet_private": f"127.0.0.1:{links['private']}",
            "web": f"http://127.0.0.1:{web_port}",
        }
        _write(place, addresses)
        _say(
            f"Coordinator ready: {addresses['grpc']} (community), {addresses['fleet']} (rounds), {addresses['web']} (page)"
        )
        rounds = asyncio.create_task(supervisor.watch())  # now: a round's process reads the addresses
        await stop.wait()
        rounds.cancel()
        web.should_exit = True
        await serving


def _web_config(
    place: Home, settings: Settings, database: Database, rules: Charter, superlink: SuperlinkProcess
) -> uvicorn.Config:
    return uvicorn.Config(
        page(
            database,
            rules,
            lambda: superlink.ready() is not None,
            place=place,
            left=lambda: known_left(database, rules),  # a page works nothing out
        ),
        host="127.0.0.1",
        port=settings.web_port,
        access_log=False,
        http=Patient,
        ws="none",  # nothing here speaks WebSocket: two megabytes less
        log_level="warning",
        timeout_graceful_shutdown=int(STOP_S),
    )


async def _serve_web(web: uvicorn.Server) -> None:
    try:
        await web.serve()
    except SystemExit as fault:  # uvicorn's way to say that it could not bind
        raise CoordinatorError("the page's port is taken", "Set web_port in coordinator.toml, 0 for any") from fault


def _write(place: Home, addresses: dict[str, object]) -> None:
    temporary = place.running.with_suffix(".tmp")
    temporary.write_text(json.dumps(addresses))
    temporary.replace(place.running)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # unbuffered: whoever started us waits for this line
