"""Speak to the node that runs in this home, over loopback, as its own command line."""

import http.client
import json
from typing import Any

from weal_node.config import Home
from weal_node.errors import AlreadyRunningError, NodeError

TIMEOUT_S = 60.0


def page(place: Home, path: str, running: bool) -> str:
    """Return where a page of this node is: its address while it runs, else how to come there."""
    try:
        address = str(json.loads(place.running.read_text())["address"]) if running else ""
    except (OSError, ValueError, KeyError):
        address = ""
    return f"{address}{path}" if address else f"{path} on the node's page, which `weal up` opens"


def ask(place: Home, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Send a request to the running node and return its JSON; a refusal comes back as NodeError with its hint."""
    try:
        port = int(json.loads(place.running.read_text())["port"])
        token = place.control.read_text()
    except (OSError, ValueError, KeyError) as fault:
        raise AlreadyRunningError(
            f"another process is working in {place.root}", "Wait a moment, or see `weal doctor`"
        ) from fault
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as fault:
        raise NodeError(f"the running node does not answer on port {port}", "See `weal doctor`") from fault
    finally:
        connection.close()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise NodeError(f"the running node refused: {text.decode(errors='replace').strip()[:300]}") from fault
    if answer.status != 200:
        raise NodeError(str(found.get("error", answer.reason)), str(found.get("hint", "")))
    return dict(found)
