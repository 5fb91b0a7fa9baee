"""Welcome: the first page of a home in which there is nothing yet: what this is, a name, three ways in. It stands in nobody's way."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from weal_node.commons import publishing
from weal_node.config import UNNAMED, set_name
from weal_node.errors import RefusedError, TypedError
from weal_node.mind.answers import any_given
from weal_node.vault.opening import known_vaults, open_in_place
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show

SAID = {"opened": "Opened. Your files stay where they are; Weal reads them now.", "named": "Saved."}
WAYS = {"import": "/notes/import", "write": "/notes/new"}


async def home(request: Request) -> Response:
    """GET /: Today is the first page; before any answer, what is in the notes, and without notes Welcome."""
    return RedirectResponse(await _first(desk_of(request)), status_code=303)


async def _first(desk: Desk) -> str:
    """Return Welcome where nothing is there, what is in the notes where nothing was answered, else Today."""
    if await any_given(desk.database):
        return "/today"
    notes, faults = await publishing.written(desk.database, desk.vault)
    return "/look" if notes or faults else "/welcome"


async def see(request: Request) -> Response:
    """GET /welcome: what this is in three sentences, what the person is called, and three ways in."""
    desk = desk_of(request)
    settings = desk.settings
    notes, _ = await publishing.written(desk.database, desk.vault)
    return show(
        request,
        "welcome.html",
        called="" if settings.name == UNNAMED else settings.name,
        notes=len(notes),
        known=await asyncio.to_thread(known_vaults) if not notes else [],
        joined=desk.joined is not None,
    )


async def begin(request: Request) -> Response:
    """POST /welcome: fields name, way (open, import, write; "" for the name alone) and, to open, place: a folder, or found: one of those
    that the page named."""
    desk, fields = desk_of(request), await form(request)
    way, name = fields.get("way", ""), fields.get("name", "").strip()
    if name and name != desk.settings.name:
        if desk.joined is not None:
            raise RefusedError(
                f"{desk.joined.name} knows you as {desk.settings.name}", "Leave it first, then join under another name"
            )
        desk.settings = await asyncio.to_thread(set_name, desk.home, desk.settings, name)
    if way == "open":
        place = fields.get("place", "").strip()
        if not place:
            raise TypedError("no folder was named", "Write where your notes lie, such as /home/me/Documents/Notes")
        await asyncio.to_thread(open_in_place, desk.vault, desk.home.root, Path(place))
        return back_to("/notes", "opened")
    return back_to(WAYS[way]) if way in WAYS else back_to("/welcome" if not name else "/today", "named" if name else "")
