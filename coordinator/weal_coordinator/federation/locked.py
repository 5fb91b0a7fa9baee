"""The SuperLink's private listener answers who knows its secret: Flower's Control API asks nobody who they are, and every user of this machine reaches loopback."""

import hmac
import json
from pathlib import Path
from typing import Any

HEADER = "weal-secret"


class Locked:
    """ASGI: passes on what carries the secret, answers everything else with 403."""

    def __init__(self, app: Any, secret: str) -> None:
        self._app, self._secret = app, secret.encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        told = [value for name, value in scope["headers"] if name == HEADER.encode()]
        if len(told) == 1 and hmac.compare_digest(told[0], self._secret):
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def secret_beside(certificate: Path) -> str:
    """Return the secret of the SuperLink that runs now, from the home in which its certificate is; "" where none runs."""
    try:
        return str(json.loads((certificate.parent / "superlink.json").read_text())["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
