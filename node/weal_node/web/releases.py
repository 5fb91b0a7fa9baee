"""What the community learnt together, release by release: tried on the person's own answers, used or not; and going back."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.commands.community import release_history
from weal_node.federation import releases
from weal_node.web.commands import services
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol import release_log
from weal_protocol.errors import MalformedError


async def see(request: Request) -> Response:
    """GET /community/releases: what became of each, newest first, and which one is in use."""
    history = await releases.look(desk_of(request).database)
    others = (*history.had, releases.BUILT_IN) if history.had else ()
    return show(
        request,
        "releases.html",
        entries=history.entries[::-1],
        using=history.using,
        in_use=releases.named(history.using),
        head=history.head,
        head_shown=release_log.digits(history.head.sha256) if history.head else "",
        forks=history.forks,
        others=[(number, releases.named(number)) for number in others if number != history.using],
    )


async def use(request: Request) -> Response:
    """POST /community/releases: number, of a release that this node has; 0 for the built-in prior."""
    desk = desk_of(request)
    number = chosen((await form(request)).get("number", ""))
    await releases.go_back(await desk.minded(), desk.database, desk.now_ms, number)
    return back_to("/community/releases", "released")


async def listed(request: Request) -> Response:
    """GET /api/releases: as the command says it."""
    return JSONResponse(await release_history(services(request)))


def chosen(text: str) -> int:
    """Return the number of a release; MalformedError for what is none."""
    if not text.isdecimal() or len(text) > 9:
        raise MalformedError("that is no number of a release", "See `weal releases`")
    return int(text)
