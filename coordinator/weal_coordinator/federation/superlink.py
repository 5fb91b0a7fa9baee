"""The guarded SuperLink: one Flower app behind two listeners.

Flower's Control API starts runs and registers nodes for anyone who reaches its port. So the public listener lets nodes'
part of the Fleet API through and nothing else (guard.py); everything is on a second listener that only this machine reaches. Started and watched by
`weal-coordinator up`; state in memory, identities and ledgers in our own database.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from weal_coordinator import config
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation.guard import FleetOnly
from weal_coordinator.federation.locked import Locked
from weal_protocol.threshold import Limits, Threshold

STOP_S = 3
PARENT_EVERY_S = 1.0
MOST_AT_ONCE = 4_096  # connections and requests in progress behind the threshold; more are answered with 503
STRANGERS = Limits(strangers=192, per_address=128, per_member=8)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are handled once, for both listeners."""
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.create_server((host, port), backlog=256)
    except OSError:  # SystemExit: its text is our last line, which `up` points to
        raise SystemExit(
            f"port {port} of {host} is taken, or is not ours to serve: set fleet_port, 0 for any"
        ) from None
    found.set_inheritable(False)
    return found


def superlink_app(place: Home, private_port: int) -> Any:
    """Return Flower's SuperLink as ASGI, with the quick answers in front of it. private_port: where the round's own process speaks to it."""
    # Imported here: the environment must be set first, and Flower takes a second.
    from flwr.superlink.auth_plugin import NoOpControlAuthnPlugin
    from flwr.superlink.cli.flower_superlink import SuperLinkLifespan
    from flwr.superlink.config_loader import SuperLinkLifespanConfig
    from flwr.superlink.main import create_app

    logging.getLogger("flwr").setLevel(logging.WARNING)  # a line a request otherwise

    tls = place.keys / "tls.pem"
    certificate = place.certificate.read_bytes()
    from weal_coordinator.federation.direct import Direct
    from weal_coordinator.federation.lean import in_one_layer

    made = create_app(
        SuperLinkLifespanConfig(
            control_address="",
            health_server_address=None,
            host="127.0.0.1",
            port=private_port,
            insecure=False,
            certificates=(certificate, certificate, tls.read_bytes()),
            superexec_auth_secret=None,
            authn_plugin=NoOpControlAuthnPlugin(),
            event_log_plugin=None,
            fleet_event_log_plugin=None,
            enable_event_log=False,
            artifact_provider=None,
            enable_supernode_auth=True,
            fleet_api_type="grpc-rere",
            fleet_api_address=None,
            simulation=False,
            ssl_ca_certfile=str(place.certificate),
            ssl_certfile=str(place.certificate),
            ssl_keyfile=str(tls),
            database=":flwr-in-memory:",
            isolation="process",  # nothing here runs what was submitted: host.py does
            runtime_dependency_install=False,
        ),
        SuperLinkLifespan,
    )
    return Direct(in_one_layer(made))


async def serve(place: Home, settings: Settings, watched: bool) -> None:
    """Serve both listeners until a signal says stop, or, when watched, until whoever started us is gone."""
    behind, private = _listen("127.0.0.1", 0), _listen("127.0.0.1", 0)
    threshold = Threshold(STRANGERS)
    try:
        fleet = await threshold.listen(settings.host, settings.fleet_port, behind.getsockname()[1])
    except OSError:  # SystemExit: its text is our last line, which `up` points to
        raise SystemExit(
            f"port {settings.fleet_port} of {settings.host} is taken, or is not ours to serve: set fleet_port, 0 for any"
        ) from None
    ports: dict[str, int] = {"fleet": fleet, "private": private.getsockname()[1]}
    secret = secrets.token_urlsafe(32)
    app = superlink_app(place, ports["private"])
    from weal_coordinator.federation.direct import lawful  # after the environment was set, like all of Flower

    tls: dict[str, Any] = {"ssl_certfile": str(place.certificate), "ssl_keyfile": str(place.keys / "tls.pem")}
    quiet: dict[str, Any] = {
        "log_level": "warning",
        "access_log": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": STOP_S,
    }
    inner = _Server(uvicorn.Config(Locked(app, secret), **tls, **quiet))
    guarded = FleetOnly(app, lawful, threshold.admit)
    outer = _Server(uvicorn.Config(guarded, lifespan="off", limit_concurrency=MOST_AT_ONCE, **tls, **quiet))

    def stop() -> None:
        inner.should_exit = outer.should_exit = True

    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop)
    if watched:
        _at_end_of_input(stop)
    serving = [asyncio.create_task(inner.serve(sockets=[private])), asyncio.create_task(outer.serve(sockets=[behind]))]
    while not (inner.started and outer.started) and not any(task.done() for task in serving):  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.05)
    temporary = place.superlink.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    temporary.touch(0o600)  # for this user alone: it holds the secret
    temporary.write_text(json.dumps({"pid": os.getpid(), **ports, "secret": secret}))
    temporary.replace(place.superlink)
    await asyncio.gather(*serving)
    await threshold.close()


def _at_end_of_input(act: Callable[[], None]) -> None:
    """Act once the other end of our standard input is closed, as it is when its holder was killed."""
    loop, source = asyncio.get_running_loop(), sys.stdin.fileno()

    def look() -> None:
        if not os.read(source, 1_024):
            loop.remove_reader(source)
            act()

    loop.add_reader(source, look)


def main() -> None:
    """Run from the command line: python -m weal_coordinator.federation.superlink --home DIR."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--watched", action="store_true", help="end when standard input ends")
    given = parser.parse_args()
    place = config.home(given.home)
    from weal_coordinator.federation.environment import prepare

    prepare(place.root / "flower")
    asyncio.run(serve(place, config.read(place), given.watched))


if __name__ == "__main__":
    main()
