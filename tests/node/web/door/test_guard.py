"""The door: each request that must not come in is refused by name; each that may, comes in."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from weal_node.web.door.guard import MAX_BODY, Guard

PORT = 8650
NAME = "mq7kbhdz2wn4xj6tfr5ycvpeolsigau3.localhost"
HOME = f"http://{NAME}:{PORT}"
PLAIN = ("127.0.0.1", "localhost", "LOCALHOST", "[::1]")
COOKIE = {"cookie": f"weal_session_{PORT}=good"}
WRITE = {**COOKIE, "origin": HOME, "content-type": "application/x-www-form-urlencoded"}


class Door:
    name = NAME

    def csrf_of(self, session: str) -> str | None:
        return "token" if session == "good" else None

    def is_command_line(self, token: str) -> bool:
        return token == "control"


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(b"inside " + body)(scope, receive, send)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    guard = Guard(inside, PORT, Door(), PlainTextResponse("log in", status_code=401))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=HOME) as client:
        yield client


OTHERS = ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost:86500", "", "127.0.0.1:8650.", "evil.localhost:8650"]
NEARLY = [NAME, f"{NAME}:8651", f"x.{NAME}:8650", f"{NAME}.:8650", f"{NAME[1:]}:8650", f"{NAME}:8650@evil.example"]


@pytest.mark.parametrize("host", [*OTHERS, *NEARLY])
async def test_another_host_is_misdirected(browser: httpx.AsyncClient, host: str) -> None:
    answer = await browser.get("/today", headers={**COOKIE, "host": host})
    assert answer.status_code == 421
    assert answer.text.startswith("wrong-host")


async def test_two_hosts_are_misdirected(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/today", headers=[("host", f"{NAME}:{PORT}"), ("host", "evil.example")])
    assert answer.status_code == 421


@pytest.mark.parametrize("host", [f"{NAME}:{PORT}", f"{NAME.upper()}:{PORT}"])
async def test_the_pages_own_name_comes_in(browser: httpx.AsyncClient, host: str) -> None:
    assert (await browser.get("/today", headers={**COOKIE, "host": host})).text == "inside "


@pytest.mark.parametrize("plain", PLAIN)
async def test_plain_names_have_no_page_and_do_not_tell_the_pages_name(browser: httpx.AsyncClient, plain: str) -> None:
    host = {"host": f"{plain}:{PORT}"}
    for path in ("/today", "/", "/login", "/login?token=t", "/api/session", "/cli/login", "/logout", "/notes/new"):
        for headers in (COOKIE, {"authorization": "Bearer control"}):
            for method in ("GET", "POST"):
                answer = await browser.request(method, path, headers={**host, **headers, "origin": HOME})
                assert (answer.status_code, answer.text.split(":")[0]) == (421, "wrong-host")
                assert NAME.split(".")[0] not in answer.text + str(answer.headers)
    assert (await browser.get("/healthz", headers=host)).status_code == 200
    assert (await browser.get("/static/weal.css", headers=host)).status_code == 200
    assert (await browser.post("/healthz", headers=host)).status_code == 405


async def test_a_foreign_page_opens_the_capture_under_a_plain_name_alone(browser: httpx.AsyncClient) -> None:
    elsewhere = {"sec-fetch-site": "cross-site"}
    plain = await browser.get("/capture?title=a", headers={**elsewhere, "host": f"127.0.0.1:{PORT}"})
    assert plain.text == "inside "
    assert (await browser.get("/capture", headers={**elsewhere, **COOKIE})).status_code == 403
    assert (await browser.post("/capture", headers={**elsewhere, "host": f"127.0.0.1:{PORT}"})).status_code == 403


ELSEWHERE = ["http://127.0.0.1:8650", f"http://{NAME}:8651", f"http://{NAME}", f"https://{NAME}:8650"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", *ELSEWHERE])
async def test_a_foreign_origin_is_refused(browser: httpx.AsyncClient, origin: str) -> None:
    answer = await browser.post("/teach/answer", headers={**WRITE, "origin": origin}, data={"csrf": "token"})
    assert (answer.status_code, answer.text.split(":")[0]) == (403, "foreign-origin")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_is_refused_even_for_reading(browser: httpx.AsyncClient, site: str) -> None:
    answer = await browser.get("/today", headers={**COOKIE, "sec-fetch-site": site})
    assert (answer.status_code, answer.text.split(":")[0]) == (403, "cross-site")


async def test_a_write_needs_its_origin(browser: httpx.AsyncClient) -> None:
    headers = {key: value for key, value in WRITE.items() if key != "origin"}
    answer = await browser.post("/teach/answer", headers=headers, data={"csrf": "token"})
    assert (answer.status_code, answer.text.split(":")[0]) == (403, "no-origin")


@pytest.mark.parametrize("csrf", [{}, {"csrf": ""}, {"csrf": "other"}, {"csrf": "tokén"}])
async def test_a_write_needs_its_csrf(browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
    answer = await browser.post("/teach/answer", headers=WRITE, data=csrf)
    assert (answer.status_code, answer.text.split(":")[0]) == (403, "wrong-csrf")


async def test_a_write_with_everything_comes_in_whole(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/notes", headers=WRITE, data={"csrf": "token", "title": "x" * 10_000})
    assert answer.text == "inside csrf=token&title=" + "x" * 10_000
    header = await browser.post("/notes", headers={**WRITE, "x-csrf": "token"}, content=b"a=b")
    assert header.text == "inside a=b"


async def test_a_multipart_form_without_the_header_is_refused(browser: httpx.AsyncClient) -> None:
    headers = {key: value for key, value in WRITE.items() if key != "content-type"}
    answer = await browser.post("/notes", headers=headers, files={"csrf": b"token"})
    assert answer.status_code == 403


async def test_a_body_over_the_limit_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/notes", headers=WRITE, content=b"csrf=token&a=" + b"x" * MAX_BODY)
    assert (answer.status_code, answer.text.split(":")[0]) == (413, "too-large")


@pytest.mark.parametrize("cookie", ["", "weal_session_8650=bad", "weal_session=good", "weal_session_8651=good"])
async def test_no_session_no_page(browser: httpx.AsyncClient, cookie: str) -> None:
    assert (await browser.get("/today", headers={"cookie": cookie})).text == "log in"
    assert (await browser.get("/api/items", headers={"cookie": cookie})).status_code == 401
    assert (await browser.post("/notes", headers={**WRITE, "cookie": cookie})).status_code == 401


async def test_two_session_cookies_are_none(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/today", headers={"cookie": f"weal_session_{PORT}=bad; weal_session_{PORT}=good"})
    assert answer.status_code == 401


async def test_open_answers_need_no_session_but_the_right_host(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/healthz")).status_code == 200
    assert (await browser.post("/healthz")).status_code == 405
    assert (await browser.get("/healthz", headers={"host": "evil.example"})).status_code == 421


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/items", 200),
        ("POST", "/cli/note", 200),
        ("POST", "/teach/answer", 403),
        ("POST", "/items/ab/judge", 403),
        ("POST", "/deals/ab/ratify", 403),
        ("GET", "/today", 403),
        ("POST", "/api/items", 403),
    ],
)
async def test_the_command_line_can_neither_label_nor_ratify(
    browser: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await browser.request(method, path, headers={"authorization": "Bearer control"})
    assert answer.status_code == status
    assert (await browser.request(method, path, headers={"authorization": "Bearer other"})).status_code == 401


async def test_a_browser_cannot_use_the_command_lines_door(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/cli/login", headers=WRITE, data={"csrf": "token"})).status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/today", "/nothing"])
async def test_every_answer_carries_the_policy(browser: httpx.AsyncClient, path: str) -> None:
    for headers in (COOKIE, {}, {"host": "evil.example"}):
        answer = await browser.get(path, headers=headers)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-dns-prefetch-control"] == "off"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_web_socket_is_closed() -> None:
    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        sent.append(dict(message))  # type: ignore[call-overload]  # an ASGI message is a mapping

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    guard = Guard(inside, PORT, Door(), PlainTextResponse("log in", status_code=401))
    await guard({"type": "websocket", "headers": [(b"host", f"{NAME}:8650".encode())], "path": "/"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
