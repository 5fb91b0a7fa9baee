"""Forget a note for good, on the page; and what the command line asks of a running node."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.upkeep import erasure
from weal_node.web.desk import Desk
from weal_node.web.note import find_file
from weal_node.web.page import desk_of, form, sent_object, show
from weal_protocol.errors import WealError


async def note(request: Request) -> Response:
    """POST /notes/{id}/forget: field sure must be yes. Answers with what was looked for, and where something remains."""
    desk = desk_of(request)
    if (await form(request)).get("sure") != "yes":
        raise WealError("that was not confirmed", "Tick the box: nothing brings the note back")
    chosen = await find_file(desk, request.path_params["id"])
    return show(request, "forgotten.html", gone=await _note(desk, chosen.id))


async def from_command_line(request: Request) -> Response:
    """POST /cli/forget: what (note or label), which."""
    desk, given = desk_of(request), await sent_object(request)
    what, which = str(given.get("what")), str(given.get("which"))
    if what == "note":
        gone = await _note(desk, which)
    elif what == "label":
        gone = await _label(desk, which)
    else:
        raise WealError(f"{what[:20]} cannot be forgotten here", "note or label")
    return JSONResponse(asdict(gone))


async def _label(desk: Desk, which: str) -> erasure.Forgotten:
    await desk.minded()
    await desk.control.forget(which)
    return await erasure.gone_answer(desk.database, desk.vault.root, which)


async def _note(desk: Desk, which: str) -> erasure.Forgotten:
    """Forget a note, and let the agent know no more of what was made of it."""
    gone = await erasure.note(desk.database, desk.vault, desk.own_key, which)
    if gone.states:
        await desk.mind.let_go(gone.states)
    return gone


async def see(request: Request) -> Response:
    """GET /cli/forget?what=note&which=...: what would be lost, before anybody is asked; 404 where there is no such thing."""
    desk, given = desk_of(request), request.query_params
    what, which = given.get("what"), given.get("which", "")
    if what == "note":
        return JSONResponse(asdict(await erasure.find(desk.database, desk.vault, which)))
    if what == "label":
        return JSONResponse({"label": (await erasure.find_answer(desk.database, which)).id})
    raise WealError("that cannot be forgotten here", "note or label")
