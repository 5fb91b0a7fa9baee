"""The door of the page: what every request must show before a page sees it. Pure ASGI, knows no page.

A browser on this machine runs other people's pages too, so an address on loopback protects nothing by itself:
rebound names are stopped by the Host, foreign pages by Origin and Sec-Fetch-Site, forged forms by the csrf field,
and everything but the door by the session cookie. Cookies ignore ports: whatever listens at another port of the page's name is
sent them. So the page has a name of its home alone, which nobody can guess and no answer under another name tells
(decisions/0033). Under plain loopback names there is only what says nothing of the person and sets no cookie.
"""

import hmac
from typing import Protocol
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weal_node.web.door.refusal import RefusedRequest, refuse, with_security_headers

MAX_BODY = 1 << 20  # bytes
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/login"})
PLAIN_PATHS = frozenset({"/healthz", "/readyz", "/capture"})
# A foreign page may open it: it shows what it was sent, and nothing of the person. It is not under the page's own name, which such
# a page must not learn, and a bookmark tells it where it leads.
FROM_ELSEWHERE = frozenset({"/capture"})
READING = frozenset({"GET", "HEAD"})


class Doorkeeper(Protocol):
    """What the guard asks about a request (see login.py)."""

    @property
    def name(self) -> str:
        """The page's name, without a port; it may change while the node runs."""

    def csrf_of(self, session: str) -> str | None:
        """Return the csrf token of a live session, None where there is none."""

    def is_command_line(self, token: str) -> bool:
        """Say whether this is the token of this machine's own command line."""


class Guard:
    """ASGI middleware. `app` sees only requests that passed; `scope["state"]` then holds `session`, `csrf` and
    `command_line`. `ask_to_log_in` answers a request for a page that shows no session."""

    def __init__(self, app: ASGIApp, port: int, door: Doorkeeper, ask_to_log_in: ASGIApp) -> None:
        self.app = app
        self.door = door
        self.ask_to_log_in = ask_to_log_in
        self.port = port
        self.cookie = (
            f"weal_session_{port}"  # two nodes of one machine have names of their own, and older homes had not
        )
        self.plain = frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"})

    @property
    def home(self) -> str:
        """Where the pages are: scheme, name and port."""
        return f"http://{self.door.name}:{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        send = with_security_headers(send) if scope["type"] == "http" else send
        try:
            if scope["type"] != "http":
                raise RefusedRequest(403, "no-such-protocol", "this page speaks plain HTTP only")
            self._check_where_from(scope)
            app, receive = await self._admit(scope, receive)
        except RefusedRequest as refusal:
            return await refuse(refusal, scope, send)
        await app(scope, receive, send)

    def _check_where_from(self, scope: Scope) -> None:
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        host = hosts[0].lower() if len(hosts) == 1 else ""
        named = hmac.compare_digest(host.encode(), f"{self.door.name}:{self.port}".encode())
        if not named and not (host in self.plain and _is_plain(scope["path"])):
            raise RefusedRequest(
                421, "wrong-host", "the pages have a name of their own: open the link that `weal login` prints"
            )
        if any(origin != f"http://{host}" for origin in origins) or len(origins) > 1:
            raise RefusedRequest(403, "foreign-origin", "the request comes from another page")
        elsewhere = not named and scope["path"] in FROM_ELSEWHERE and scope["method"] in READING
        scope.setdefault("state", {})["named"] = named
        if not elsewhere and any(site not in ("same-origin", "none") for site in _values(scope, b"sec-fetch-site")):
            raise RefusedRequest(403, "cross-site", "the request comes from another site")

    async def _admit(self, scope: Scope, receive: Receive) -> tuple[ASGIApp, Receive]:
        path, method = scope["path"], scope["method"]
        state = scope.setdefault("state", {})
        state.update(session="", csrf="", command_line=False)
        if path in OPEN_PATHS or not state["named"] or path.startswith("/static/"):
            if method not in READING:
                raise RefusedRequest(405, "method-not-allowed", "nothing can be sent here")
            return self.app, receive
        if bearer := _bearer(scope):
            return self._admit_command_line(scope, bearer), await _bounded(receive)
        session = _cookie(scope, self.cookie)
        csrf = self.door.csrf_of(session) if session else None
        if csrf is None:
            if path.startswith(("/api/", "/cli/")) or method not in READING:
                raise RefusedRequest(401, "no-session", "log in with the link that `weal up` or `weal login` printed")
            return self.ask_to_log_in, receive
        if path.startswith("/cli/"):
            raise RefusedRequest(403, "command-line-only", "this address is for the command line")
        state.update(session=session, csrf=csrf)
        if method in READING:
            return self.app, receive
        if not _values(scope, b"origin"):
            raise RefusedRequest(403, "no-origin", "a form must say which page it comes from")
        receive, body = await _whole(receive)
        if not hmac.compare_digest(_csrf(scope, body).encode(), csrf.encode()):
            raise RefusedRequest(403, "wrong-csrf", "the form is not from this session's pages; load the page again")
        return self.app, receive

    def _admit_command_line(self, scope: Scope, bearer: str) -> ASGIApp:
        """Only reading and /cli/: no route that writes a label or a ratification can be reached this way."""
        if not self.door.is_command_line(bearer):
            raise RefusedRequest(401, "wrong-token", "this token is not this node's")
        path, reading = scope["path"], scope["method"] in READING
        if not (path.startswith("/cli/") or (path.startswith("/api/") and reading)):
            raise RefusedRequest(403, "page-only", "this can be done on the page only")
        scope["state"]["command_line"] = True
        return self.app


def _is_plain(path: str) -> bool:
    return path in PLAIN_PATHS or path.startswith("/static/")


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _cookie(scope: Scope, name: str) -> str:
    given = []
    for header in _values(scope, b"cookie"):
        for part in header.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                given.append(value)
    return given[0] if len(given) == 1 else ""


def _bearer(scope: Scope) -> str:
    given = _values(scope, b"authorization")
    return given[0].removeprefix("Bearer ").strip() if len(given) == 1 and given[0].startswith("Bearer ") else ""


def _csrf(scope: Scope, body: bytes) -> str:
    if header := _values(scope, b"x-csrf"):
        return header[0]
    if any(kind.startswith("application/x-www-form-urlencoded") for kind in _values(scope, b"content-type")):
        try:
            return parse_qs(body.decode(), max_num_fields=1_000).get("csrf", [""])[0]
        except ValueError:  # not UTF-8, or too many fields
            return ""
    return ""


async def _whole(receive: Receive) -> tuple[Receive, bytes]:
    """Return the body, at most MAX_BODY, and a `receive` that gives it once more."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedRequest(400, "cut-short", "the request ended early")
        body += message.get("body", b"")
        more = bool(message.get("more_body", False))
        if len(body) > MAX_BODY:
            raise RefusedRequest(413, "too-large", f"at most {MAX_BODY >> 20} MiB can be sent at once")
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return again, bytes(body)


async def _bounded(receive: Receive) -> Receive:
    return (await _whole(receive))[0]
