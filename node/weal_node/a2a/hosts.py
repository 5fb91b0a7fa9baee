"""Under which names foreign agents find the facade: those of its own listener and of its own address, and no page's. Pure ASGI.

A name that leads to this machine may be anyone's (rebinding), and the page's own name is where a browser holds a session.
"""

from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

STANDARD = {"http": 80, "https": 443}


class Hosts:
    """ASGI middleware: 421 for a request that names another host, or more than one. names: "host:port" or "host", in lower case."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        given = [value.decode("latin-1").lower() for key, value in scope.get("headers", ()) if key.lower() == b"host"]
        if scope["type"] == "http" and (len(given) != 1 or given[0] not in self.names):
            answer = JSONResponse({"error": "this is no name of the agent that answers here"}, status_code=421)
            return await answer(scope, receive, send)
        await self.app(scope, receive, send)


def named(port: int, address: str) -> frozenset[str]:
    """Return the names of a facade that listens at this port. address: how it is reached from outside, such as "https://ada.example", or ""."""
    names = {f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"}
    parts = urlsplit(address.lower() if "//" in address else f"//{address.lower()}")
    if parts.netloc:
        host = parts.netloc.rpartition("@")[2]
        names.add(host)
        standard = f":{STANDARD.get(parts.scheme, 0)}"
        names.add(host.removesuffix(standard) if host.endswith(standard) else host + standard)
    return frozenset(names)
