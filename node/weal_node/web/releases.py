"""What the community learnt together, release by release: tried on the person's own answers, used or not; and going back."""

import sqlite3

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.federation import releases as adopt
from weal_node.store import releases
from weal_node.web.page import back_to, desk_of, form, sent_object, show
from weal_protocol import release_log
from weal_protocol.errors import MalformedError


async def see(request: Request) -> Response:
    """GET /community/releases: what became of each, newest first, and which one is in use."""
    desk = desk_of(request)
    entries, head, had = await desk.database.read(_all)
    last = releases.used(entries)
    using = last.number if last else adopt.BUILT_IN
    others = (*had, adopt.BUILT_IN) if had else ()
    return show(
        request,
        "releases.html",
        entries=entries[::-1],
        using=using,
        in_use=adopt.named(using),
        head=head,
        head_shown=release_log.digits(head.sha256) if head else "",
        forks=releases.forks(entries),
        others=[(number, adopt.named(number)) for number in others if number != using],
    )


def _all(
    connection: sqlite3.Connection,
) -> tuple[tuple[releases.ReleaseEntry, ...], release_log.Entry | None, tuple[int, ...]]:
    return releases.history(connection), releases.held(connection), releases.had(connection)


async def use(request: Request) -> Response:
    """POST /community/releases: number, of a release that this node has; 0 for the built-in prior."""
    desk = desk_of(request)
    number = chosen((await form(request)).get("number", ""))
    await adopt.go_back(await desk.minded(), desk.database, desk.now_ms, number)
    return back_to("/community/releases", "released")


async def listed(request: Request) -> Response:
    """GET /api/releases: {"using": number, "head": {"number", "sha256"} or null, "forks": [why, ...],
    "history": [{"number", "act", "why", "at_ms"}, ...]}, oldest first."""
    return JSONResponse(await desk_of(request).database.read(releases.as_json))


async def roll_back(request: Request) -> Response:
    """POST /cli/rollback: number, or null for the one used before."""
    desk, given = desk_of(request), await sent_object(request)
    number = given.get("number")
    wanted = None if number is None else chosen(str(number))
    return JSONResponse({"using": await adopt.go_back(await desk.minded(), desk.database, desk.now_ms, wanted)})


def chosen(text: str) -> int:
    """Return the number of a release; MalformedError for what is none."""
    if not text.isdecimal() or len(text) > 9:
        raise MalformedError("that is no number of a release", "See `weal releases`")
    return int(text)
