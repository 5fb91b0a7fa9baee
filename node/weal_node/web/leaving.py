"""What is about to leave, and the way to keep it here: ticked notes, or all of them at once."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import consent, pending
from weal_node.federation.tiers import delay
from weal_node.web.departure import chip
from weal_node.web.page import back_to, desk_of, forms, paged, show

PAGE = 100  # notes on one page
MOST_HELD = 200  # of those held back, listed


async def see(request: Request) -> Response:
    """GET /notes/leaving: every note on its way out, the earliest first, and what is held back."""
    desk = desk_of(request)
    going, held = await pending.going(desk.database, desk.vault), await pending.held(desk.database, desk.vault)
    page, last = paged(request, len(going), PAGE)
    rows = going[(page - 1) * PAGE : page * PAGE]
    return show(
        request,
        "leaving.html",
        rows=[(row.note, chip(row.note, row.due_ms, desk.now_ms(), alone=desk.joined is None)) for row in rows],
        total=len(going),
        coming=sum(note.due_ms is None for note in going),
        page=page,
        last=last,
        held=held[:MOST_HELD],
        held_in_all=len(held),
        kept=(kept := await consent.kept(desk.database, desk.vault))[:MOST_HELD],
        kept_in_all=len(kept),
        delay=delay(desk.settings),
        joined=desk.joined is not None,
    )


async def keep(request: Request) -> Response:
    """POST /notes/leaving: fields note (several), or all (yes: everything that is on its way): they stay here."""
    desk, fields = desk_of(request), await forms(request)
    chosen = fields.get("note", [])
    if fields.get("all"):
        chosen = [going.note.id for going in await pending.going(desk.database, desk.vault)]
    kept = await pending.keep(desk.database, desk.vault, chosen)
    return back_to("/notes/leaving", "stays" if kept else "")


async def release(request: Request) -> Response:
    """POST /notes/kept: fields note (several): of what stays here since a joining, these may leave after the delay."""
    desk, chosen = desk_of(request), (await forms(request)).get("note", [])
    now = desk.now_ms()
    count = await consent.release(desk.database, desk.vault, desk.settings, now, chosen)
    return back_to("/notes/leaving", "allowed" if count else "")
