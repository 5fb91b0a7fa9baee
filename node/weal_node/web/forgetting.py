"""Forget a note for good, on the page."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commands.notes import forget_note
from weal_node.web.commands import services
from weal_node.web.note import find_file
from weal_node.web.page import desk_of, form, show
from weal_protocol.errors import WealError


async def note(request: Request) -> Response:
    """POST /notes/{id}/forget: field sure must be yes. Answers with what was looked for, and where something remains."""
    if (await form(request)).get("sure") != "yes":
        raise WealError("that was not confirmed", "Tick the box: nothing brings the note back")
    chosen = await find_file(desk_of(request), request.path_params["id"])
    return show(request, "forgotten.html", gone=await forget_note(services(request), chosen.id))
