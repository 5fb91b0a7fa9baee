"""Forget a note for good, on the page; and what the command line asks of a running node."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.loop import forget
from weal_node.web.desk import Desk
from weal_node.web.notes import known
from weal_node.web.page import desk_of, form, show
from weal_node.web.words import object_of
from weal_protocol.errors import WealError


async def note(request: Request) -> Response:
    """POST /notes/{id}/forget: field sure must be yes. Answers with what was looked for, and where something remains."""
    desk = desk_of(request)
    if (await form(request)).get("sure") != "yes":
        raise WealError("that was not confirmed", "Tick the box: nothing brings the note back")
    chosen = await known(desk, request.path_params["id"])
    return show(request, "forgotten.html", gone=await forget.note(desk.database, desk.vault, desk.own_key, chosen.id))


async def from_command_line(request: Request) -> Response:
    """POST /cli/forget: what (note or label), which."""
    desk, given = desk_of(request), await object_of(request)
    what, which = str(given.get("what")), str(given.get("which"))
    if what == "note":
        gone = await forget.note(desk.database, desk.vault, desk.own_key, which)
    elif what == "label":
        gone = await _label(desk, which)
    else:
        raise WealError(f"{what[:20]} cannot be forgotten here", "note or label")
    return JSONResponse(asdict(gone))


async def _label(desk: Desk, which: str) -> forget.Forgotten:
    await desk.minded()
    await desk.control.forget(which)
    return await forget.gone_label(desk.database, which)
