"""Speak to the node that runs in this home, over loopback, as its own command line.

It connects to 127.0.0.1 and asks for the page's own name: systems need not know `*.localhost`, though browsers do.
"""

import http.client
import json
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from weal_node.config import Home
from weal_node.errors import AlreadyRunningError, NodeError, SilentError
from weal_protocol.errors import WealError

T = TypeVar("T")
TIMEOUT_S = 60.0


def page(place: Home, path: str, running: bool) -> str:
    """Return where a page of this node is: its address while it runs, else how to come there."""
    try:
        return f"http://{_host(place)[0]}{path}" if running else _elsewhere(path)
    except (OSError, ValueError, KeyError, TypeError):
        return _elsewhere(path)


def ask(
    place: Home, method: str, path: str, body: dict[str, Any] | None = None, timeout_s: float = TIMEOUT_S
) -> dict[str, Any]:
    """Send a request to the running node and return its JSON; a refusal comes back as NodeError with its hint, a node that says
    nothing for so long as SilentError."""
    try:
        host, port = _host(place)
        token = place.control.read_text()
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise AlreadyRunningError(
            f"another process is working in {place.root}", "Wait a moment, or see `weal doctor`"
        ) from fault
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        headers = {"Host": host, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
    except TimeoutError as fault:
        raise SilentError(
            f"the running node accepts calls on port {port} and says nothing for {timeout_s:g} s", "See `weal doctor`"
        ) from fault
    except (OSError, http.client.HTTPException) as fault:
        raise SilentError(f"the running node does not answer on port {port}", "See `weal doctor`") from fault
    finally:
        connection.close()
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise NodeError(f"the running node refused: {text.decode(errors='replace').strip()[:300]}") from fault
    if answer.status != 200:
        raise NodeError(str(told.get("error", answer.reason)), str(told.get("hint", "")))
    return dict(told)


def within(seconds: float, act: Callable[[], T]) -> T:
    """Return what this gives, SilentError after so many seconds: a node that sends byte by byte is as silent as one that sends none."""
    given: list[T] = []
    faults: list[WealError] = []

    def run() -> None:
        try:
            given.append(act())
        except WealError as fault:
            faults.append(fault)

    asking = threading.Thread(target=run, daemon=True)
    asking.start()
    asking.join(seconds)
    if faults:
        raise faults[0]
    if not given:
        raise SilentError(f"the running node gives no whole answer within {seconds:g} s", "See `weal doctor`")
    return given[0]


def _host(place: Home) -> tuple[str, int]:
    """Return where the running node's page is, as "name:port", and the port; OSError, ValueError, KeyError or TypeError while none runs."""
    port = int(json.loads(place.running.read_text())["port"])
    return f"{place.page_name.read_text().strip()}:{port}", port


def _elsewhere(path: str) -> str:
    return f"{path} on the node's page, which `weal up` opens"
