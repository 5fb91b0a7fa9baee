"""How a page is made: templates, forms read with limits, faults said in the person's words."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from weal_node.config import UNNAMED
from weal_node.deals.states import row_of
from weal_node.deals.times import day
from weal_node.errors import (
    AlreadyRunningError,
    CommunityError,
    NoMemberError,
    NoRoomError,
    NotFoundError,
    RefusedError,
    TypedError,
    hardship,
)
from weal_node.web import places, retry
from weal_node.web.desk import Desk
from weal_protocol.errors import WealError

log = logging.getLogger(__name__)
STATUS_OF = (
    (NotFoundError, 404),
    (TypedError, 400),
    (RefusedError, 409),
    (AlreadyRunningError, 409),
    (NoMemberError, 404),
    (CommunityError, 502),
    (NoRoomError, 507),
)
Handler = Callable[[Request], Awaitable[Response]]
SENTENCES = "weal.sentences"  # where a request's scope has what pages may say

# What more than one page says after a form was sent; what only one says stands in that page's module, in a table of this name. They
# are fixed sentences, so that an address can put no words on a page.
SAID = {
    "saved": "Saved.",
    "judged": "Noted. Your agent has learnt from it.",
    "allowed": "It leaves after the delay; until then you can undo.",
    "stays": "They stay here.",
    "joined": "Joined. Your agent now looks around there.",
    "chosen": "Chosen. It holds from now on.",
    "released": "Your agent judges by this one now.",
    "left": "You have left. What you wrote and taught stays here.",
    "written": "Drafted. What your agent finds worth it waits for Today.",
    "nothing-drafted": "Nothing came of it that rests on its sources and is new, or today has had enough that is new.",
}


def standing(state: str) -> str:
    """Return the state of a deal in a person's words."""
    return row_of(state).chip


def _size(size: int) -> str:
    return f"{size} B" if size < 2_048 else f"{size / 1024:.1f} KiB"


def _date(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1_000, UTC):%-d %b %Y}"


def _environment() -> Environment:
    made = Environment(loader=PackageLoader("weal_node.web"), autoescape=True, undefined=StrictUndefined)
    made.trim_blocks = made.lstrip_blocks = True
    made.filters.update(when=day, date=_date, size=_size, standing=standing)
    return made


TEMPLATES = _environment()
STATIC = files("weal_node.web") / "static"


def desk_of(request: Request) -> Desk:
    """Return the desk that the app put under this page."""
    desk: Desk = request.app.state.desk
    return desk


def show(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template with what every page needs: navigation, csrf, what was just said."""
    desk = desk_of(request)
    frame = {
        "path": request.url.path,
        "tabs": places.PLACES,
        "current": places.current(request.url.path),
        "ask": places.ASK,
        "csrf": request.scope["state"].get("csrf", ""),
        "said": request.scope.get(SENTENCES, SAID).get(request.query_params.get("said", ""), ""),
        "name": "You" if desk.settings.name == UNNAMED else desk.settings.name,
        "community_name": desk.joined.name if desk.joined else "",
        "own_key": desk.joined.own_key if desk.joined else "",
        "paused": desk.paused,
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(frame | values), status_code=status)


def back_to(path: str, said: str = "") -> RedirectResponse:
    """Answer a form: see `path`, which says what happened."""
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{mark}said={said}" if said else path, status_code=303)


async def form(request: Request) -> dict[str, str]:
    """Return the last value of each field of an urlencoded form; the guard has bounded the body."""
    return {name: values[-1] for name, values in (await forms(request)).items()}


async def forms(request: Request) -> dict[str, list[str]]:
    """Return every value of each field, in order."""
    try:
        return parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=1_000)
    except ValueError as fault:
        raise WealError("the form cannot be read", "Load the page again") from fault


async def sent_object(request: Request) -> dict[str, Any]:
    """Return the JSON object that the command line sent; WealError for anything else, and for texts that no file could hold."""
    try:
        sent = json.loads(await request.body())
        json.dumps(sent, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise WealError("that is not JSON") from fault
    if not isinstance(sent, dict):
        raise WealError("that is not a JSON object")
    return sent


def paged(request: Request, count: int, size: int) -> tuple[int, int]:
    """Return which page the address asks for, and the last one there is: both from 1, of `count` rows, `size` a page."""
    last = max(1, -(-count // size))
    asked = request.query_params.get("page", "1")
    return min(max(1, int(asked) if asked.isdecimal() and len(asked) < 7 else 1), last), last


def part_only(request: Request) -> bool:
    """Return whether a script asks for a part of this page, so that a person will not see the rest of it."""
    return request.headers.get("hx-request") == "true"


def status_of(fault: WealError) -> int:
    """Return the HTTP status for a named fault."""
    for kind, status in STATUS_OF:
        if isinstance(fault, kind):
            return status
    return 400


def answering(path: str, handler: Handler, sentences: Mapping[str, str]) -> Handler:
    """Wrap the handler of an address of the table: a named fault becomes a page (or JSON) with what to do next, any
    other one a plain 500. sentences: what pages may say after a form was sent, by name."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        request.scope[SENTENCES] = sentences
        try:
            return await handler(request)
        except WealError as fault:
            return await _fault(request, path, status_of(fault), fault.what, fault.hint)
        except Exception as fault:  # the last resort: a page must not show a traceback
            if (named := hardship(fault)) is not None:
                return await _fault(request, path, status_of(named), named.what, named.hint)
            log.error("%s %s failed: %s", request.method, path, type(fault).__name__)
            log.debug("traceback", exc_info=fault)
            return await _fault(request, path, 500, "something went wrong on this node", "`weal doctor` may say what")

    return answer


async def _fault(request: Request, path: str, status: int, what: str, hint: str) -> Response:
    if request.url.path.startswith(("/api/", "/cli/")):
        return JSONResponse({"error": what, "hint": hint}, status_code=status)
    held = await retry.held(request, path)
    back = retry.came_from(request) or (held.page if held else "/today")
    told = _sentences(what, hint)
    return show(request, "fault.html", status, told=told, back=back, page=retry.page_name(back), held=held)


def sentence(fault: WealError) -> str:
    """Return what happened and what to do next, as sentences."""
    return " ".join(_sentences(fault.what, fault.hint))


def _sentences(*parts: str) -> tuple[str, ...]:
    """Return parts of a fault, each with a capital letter and one full stop; empty ones are left out."""
    ended = [part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part]
    return tuple(part[:1].upper() + part[1:] for part in ended)
