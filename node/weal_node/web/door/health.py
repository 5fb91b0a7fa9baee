"""Open answers for whoever watches the process; they say nothing about the person. And the login page."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from weal_node.web.door.guard import Guard
from weal_node.web.page import TEMPLATES, back_to, desk_of


async def alive(request: Request) -> Response:
    """GET /healthz: the process answers."""
    return JSONResponse({"ok": True})


async def ready(request: Request) -> Response:
    """GET /readyz: the agent has read its statements and can judge; 503 before."""
    done = desk_of(request).ready.is_set()
    return JSONResponse({"ok": done}, status_code=200 if done else 503)


async def log_in(request: Request) -> Response:
    """GET /login?token=...: a link that works once. Without a token, the page that says how to get one."""
    token = request.query_params.get("token", "")
    if request.method != "GET" or not token:
        return ask_to_log_in(200)
    session = desk_of(request).login.use_link(token)
    if session is None:
        return ask_to_log_in(403, "This link was used before, or has ended.")
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(cookie_of(request), session, max_age=30 * 24 * 3600, httponly=True, samesite="strict", path="/")
    return answer


async def log_out(request: Request) -> Response:
    """POST /logout: end this browser's session."""
    desk_of(request).login.end_session(request.scope["state"]["session"])
    answer = back_to("/login")
    answer.delete_cookie(cookie_of(request), path="/")
    return answer


def ask_to_log_in(status: int = 401, why: str = "") -> Response:
    """Return the page that says how to log in."""
    return HTMLResponse(TEMPLATES.get_template("login.html").render(why=why), status_code=status)


def cookie_of(request: Request) -> str:
    """Return the session cookie's name: it carries the port, which cookies ignore."""
    guard: Guard = request.app.state.guard
    return guard.cookie
