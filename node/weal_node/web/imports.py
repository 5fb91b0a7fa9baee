"""Import on the page: name a place on this computer, see the plan, let it run, stop it, go on."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.web.page import back_to, desk_of, form, show
from weal_node.web.words import object_of
from weal_protocol.errors import WealError

UNDER_WAY = ("planning", "running")


async def see(request: Request) -> Response:
    """GET /notes/import: the form, or how the import stands."""
    standing = desk_of(request).importing.standing
    return show(request, "import.html", now=standing, under_way=standing.state in UNDER_WAY)


async def act(request: Request) -> Response:
    """POST /notes/import/{act}: plan (fields place, into), start, stop."""
    fields = await form(request)
    _do(request, request.path_params["act"], fields.get("place", ""), fields.get("into", ""))
    return back_to("/notes/import")


async def standing(request: Request) -> Response:
    """GET /api/import: how the import stands."""
    return JSONResponse(desk_of(request).importing.standing.as_json())


async def from_command_line(request: Request) -> Response:
    """POST /cli/import: act, and for a plan place and into."""
    given = await object_of(request)
    _do(request, str(given.get("act")), str(given.get("place", "")), str(given.get("into", "")))
    return JSONResponse(desk_of(request).importing.standing.as_json())


def _do(request: Request, act: str, place: str, into: str) -> None:
    importing = desk_of(request).importing
    if act == "plan":
        if not place.strip():
            raise WealError("no place is named", "Name a folder or a file on this computer")
        importing.plan(place.strip(), into)
    elif act == "start":
        importing.begin()
    elif act == "stop":
        importing.stop()
    else:
        raise WealError("there is no such act", "Load the page again")
