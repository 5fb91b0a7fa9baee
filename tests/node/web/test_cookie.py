"""The session's cookie, and what a page may load: each word of them is a control of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from weal_node.web.door.guard import Guard
from weal_node.web.door.health import ask_to_log_in
from weal_node.web.door.login import Login
from weal_node.web.door.refusal import CONTENT_SECURITY_POLICY
from weal_node.web.page import STATIC
from weal_node.web.routes import routes


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Any]:
    login = Login(tmp_path / "sessions.json", tmp_path / "control", tmp_path / "page-name", lambda: 1_000)
    app = Starlette(routes=routes(str(STATIC)))
    app.state.desk = SimpleNamespace(login=login)
    app.state.guard = guard = Guard(app, 8650, login, ask_to_log_in())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=guard.home) as client:
        yield SimpleNamespace(client=client, login=login, guard=guard)


def words(answer: httpx.Response) -> tuple[str, set[str]]:
    """Name and value of the one cookie that is set, and the words beside it."""
    (cookie,) = answer.headers.get_list("set-cookie")
    first, *rest = cookie.split("; ")
    return first, {one.lower() for one in rest}


async def test_scripts_and_other_sites_never_hold_the_session(door: Any) -> None:
    answer = await door.client.get(f"/login?token={door.login.new_link()}")
    first, said = words(answer)
    assert first.startswith("weal_session_8650=")
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "path=/" in said
    assert not any(one.startswith("domain") for one in said)  # of this name alone, and of none below it
    assert answer.headers["location"] == "/"  # the token leaves the address bar
    assert door.login.csrf_of(first.partition("=")[2])


async def test_logging_out_takes_the_same_cookie_back(door: Any) -> None:
    session = door.login.use_link(door.login.new_link())
    headers = {
        "cookie": f"weal_session_8650={session}",
        "origin": door.guard.home,
        "x-csrf": door.login.csrf_of(session),
    }
    first, said = words(await door.client.post("/logout", headers=headers))
    assert first == 'weal_session_8650=""'
    assert {"path=/", "max-age=0"} <= said
    assert door.login.csrf_of(session) is None


async def test_a_token_is_a_link_and_nothing_else(door: Any) -> None:
    """Not a session, not the command line's, not in another place than the link's, and its presence is not its value."""
    token = door.login.new_link()
    for path in (f"/today?token={token}", f"/api/session?token={token}", "/today?token=x"):
        assert (await door.client.get(path)).status_code == 401
    assert (await door.client.get("/api/session", headers={"authorization": f"Bearer {token}"})).status_code == 401
    assert (await door.client.get("/api/session", headers={"cookie": f"weal_session_8650={token}"})).status_code == 401
    assert (await door.client.post(f"/login?token={token}", headers={"origin": door.guard.home})).status_code == 405
    for wrong in ("x", token[:-1], token + "x", token.swapcase(), "%00", ""):
        answer = await door.client.get("/login", params={"token": wrong})
        assert "set-cookie" not in answer.headers
    assert (await door.client.head("/login", params={"token": token})).headers.get("set-cookie") is None
    assert (await door.client.get("/login", params={"token": token})).status_code == 303


ALLOWED = {
    "default-src": {"'none'"}, "script-src": {"'self'"}, "style-src": {"'self'"}, "img-src": {"'self'"}, "connect-src": {"'self'"},
    "form-action": {"'self'"}, "base-uri": {"'none'"}, "frame-ancestors": {"'none'"},
}  # fmt: skip


def test_a_page_loads_from_itself_alone_and_sends_nowhere_else() -> None:
    found = {name: set(rest) for name, *rest in (part.split() for part in CONTENT_SECURITY_POLICY.split(";"))}
    assert found == ALLOWED
