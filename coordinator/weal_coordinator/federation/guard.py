"""What the public listener lets through: the part of Flower's Fleet API that a node of ours uses, and /health.

Flower checks that a request comes from a registered key. It does not check that a pushed reply names its true sender, and it
builds object trees as large as a member describes them; both are refused here, before Flower sees them.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)
MAX_BODY_BYTES = 256 * 1024  # a contribution to the largest catalogue has 66 KiB
FLEET = "/v1/fleet/"
PUBLIC_KEY = b"flwr-public-key"  # the header by which Flower's node says who it is
PUSH = FLEET + "push-messages"
PUBLIC = frozenset(
    FLEET + name
    for name in (
        "activate-node",
        "confirm-message-received",
        "deactivate-node",
        "pull-messages",
        "pull-object",
        "push-messages",
        "push-object",
        "send-node-heartbeat",
    )
)


class FleetOnly:
    """ASGI: passes on what is public, within the size limit, when `lawful` says yes to a pushed reply's bytes. known: is told the port from
    which a request came that Flower found to be signed by a registered key, and that key."""

    def __init__(
        self, app: Any, lawful: Callable[[bytes], bool], known: Callable[[int, bytes], None] = lambda _port, _who: None
    ) -> None:
        self._app = app
        self._lawful = lawful
        self._known = known
        self.refused: Counter[str] = Counter()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path, size = scope["path"], _size(scope)
        if path == "/health" and scope["method"] == "GET" and not size:
            await self._app(scope, receive, send)
        elif path not in PUBLIC or scope["method"] != "POST":
            await self._refuse(send, 404, "not for members")
        elif size is None or size > MAX_BODY_BYTES:
            await self._refuse(send, 413, "a body of unknown size, or too large")
        elif path != PUSH:
            await self._app(scope, receive, self._watched(scope, send))
        elif (body := await _body(receive)) is None or not self._lawful(body):
            await self._refuse(send, 400, "a reply in another's name, or of too many parts")
        else:
            await self._app(scope, _again(body, receive), self._watched(scope, send))

    def _watched(self, scope: dict[str, Any], send: Any) -> Any:
        """Return a `send` that says whose connection it is once Flower, which checks the signature first, has answered well."""
        key = next((value for name, value in scope["headers"] if name == PUBLIC_KEY), b"")

        async def sending(event: dict[str, Any]) -> None:
            if event.get("status") == 200 and key and scope.get("client"):
                self._known(scope["client"][1], key)
            await send(event)

        return sending

    async def _refuse(self, send: Any, status: int, reason: str) -> None:
        self.refused[reason] += 1
        if (
            count := self.refused[reason]
        ).bit_count() == 1:  # the 1st, 2nd, 4th, 8th: a stranger shall not fill the disk
            log.warning("a request to the public port was refused (%d so far): %s", count, reason)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def _size(scope: dict[str, Any]) -> int | None:
    """Return the declared size of the body, which the server enforces; None when it cannot be known before."""
    sizes = [value for name, value in scope["headers"] if name == b"content-length"]
    if any(name == b"transfer-encoding" for name, _ in scope["headers"]) or len(sizes) > 1:
        return None
    if not sizes:
        return 0
    return int(sizes[0]) if sizes[0].isdigit() and len(sizes[0]) < 12 else None


async def _body(receive: Any) -> bytes | None:
    parts = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            return None
        parts += event.get("body", b"")
        if len(parts) > MAX_BODY_BYTES:
            return None
        if not event.get("more_body"):
            return bytes(parts)


def _again(body: bytes, receive: Any) -> Callable[[], Any]:
    """Return a `receive` that gives a body that was read already, then what comes after it."""
    given = False

    async def replay() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
