"""Import on the page: name a place on this computer, see the plan, let it run, stop it, go on."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.web.page import back_to, desk_of, form, show

UNDER_WAY = ("planning", "running")


async def see(request: Request) -> Response:
    """GET /notes/import: the form, or how the import stands."""
    standing = desk_of(request).importing.standing
    return show(request, "import.html", now=standing, under_way=standing.state in UNDER_WAY)


async def act(request: Request) -> Response:
    """POST /notes/import/{act}: plan (fields place, into), start, stop."""
    fields = await form(request)
    desk_of(request).importing.act(request.path_params["act"], fields.get("place", ""), fields.get("into", ""))
    return back_to("/notes/import")


async def standing(request: Request) -> Response:
    """GET /api/import: how the import stands."""
    return JSONResponse(desk_of(request).importing.standing.as_json())
