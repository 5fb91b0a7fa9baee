"""How the door says no, and what every answer carries, whoever made it."""

from starlette.types import Message, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    # Not no-referrer: under it browsers send "Origin: null" with a plain form, even to this page itself (Fetch, 3.2).
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    # On plain HTTP browsers look up the hosts of links before anyone taps them: a note's author could see that it is read.
    (b"x-dns-prefetch-control", b"off"),
)


class RefusedRequest(Exception):  # noqa: N818  # an answer, not an error of ours
    """A request that is not let in: its status, its name, what was wrong."""

    def __init__(self, status: int, name: str, what: str) -> None:
        super().__init__(what)
        self.status, self.name, self.what = status, name, what


def with_security_headers(send: Send) -> Send:
    """Return a `send` that adds the headers to every answer."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            names = {key.lower() for key, _ in headers}
            headers += SECURITY_HEADERS
            if b"cache-control" not in names:
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await send(message)

    return sending


async def refuse(refusal: RefusedRequest, scope: Scope, send: Send) -> None:
    """Answer with the refusal's name and what was wrong, as plain text."""
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1008})
        return
    text = f"{refusal.name}: {refusal.what}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    if refusal.status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
