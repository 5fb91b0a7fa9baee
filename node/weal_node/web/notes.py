"""Notes: the vault as a list, by folder and tag, with what is about to leave and what cannot be read."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import idempotency, pending, publishing
from weal_node.commons.sharing_status import SharingStatus, sharing_status
from weal_node.records import Note
from weal_node.vault.compose import unsaid
from weal_node.web.departure import chip, terms
from weal_node.web.desk import Desk
from weal_node.web.markup.bookmarklet import bookmarklet
from weal_node.web.page import desk_of, paged, show
from weal_node.web.shelf import inside, tagged, tags_of, under

PAGE = 100  # notes a page
MOST_FAULTS = 20  # files that cannot be read, said one by one


async def listing(request: Request) -> Response:
    """GET /notes: every note with its visibility, of a folder or a tag where the address names one."""
    desk = desk_of(request)
    notes, _ = await publishing.written(desk.database, desk.vault)
    status = await sharing_status(desk.database)
    folder, tag = request.query_params.get("folder", "").strip("/"), request.query_params.get("tag", "")
    chosen = [note for note in notes if under(note, folder) and tagged(note, tag)]
    page, last = paged(request, len(chosen), PAGE)
    return show(
        request,
        "notes.html",
        rows=_rows(desk, status, chosen[(page - 1) * PAGE : page * PAGE]),
        count=len(chosen),
        page=page,
        last=last,
        shown_folder=folder,
        shown_tag=tag,
        folders=inside(notes, folder),
        tags=tags_of(chosen),
        unsaid=unsaid(desk.joined is None),
        once=idempotency.token(),
        going=pending.count(notes, status.due_ms),
        unreviewed=len(status.unreviewed),
        place=str(desk.home.vault.resolve()),
        bookmarklet=bookmarklet(request.url.port or 80),
        clips=desk.tray.all(desk.now_ms()),
        **_default_readers(desk, notes, folder, status.folder_defaults.get(folder, "")),
        **await _faults(desk, notes),
        **await terms(desk),
    )


def _rows(desk: Desk, status: SharingStatus, notes: list[Note]) -> list[tuple[Note, str]]:
    """Return each note with who may read it and when it leaves."""
    rows = []
    for note in notes:
        due_ms, held = status.due_ms.get(note.id), note.id in status.held
        rows.append((note, chip(note, due_ms, desk.now_ms(), held, desk.joined is None)))
    return rows


def _default_readers(desk: Desk, notes: tuple[Note, ...], folder: str, default: str) -> dict[str, Any]:
    """Return who may read what does not say it in this folder, and how many notes that decides for."""
    rules, inside_it = desk.vault.rules, f"{folder}/x" if folder else "x"
    return {
        "default": default,
        "inherited": rules.of(inside_it),
        "quick": rules.nearest(inside_it) or unsaid(desk.joined is None),
        "ruled": sum(rules.follows(note, folder) for note in notes),
    }


async def _faults(desk: Desk, notes: tuple[Note, ...]) -> dict[str, Any]:
    """Return the files that cannot be read, and the notes of which a part cannot be used."""
    refused = await asyncio.to_thread(desk.vault.refused)
    warned = [note for note in notes if note.warnings]
    return {
        "refused": refused[:MOST_FAULTS],
        "more_refused": max(0, len(refused) - MOST_FAULTS),
        "warned": warned[:MOST_FAULTS],
        "all_warned": len(warned),
    }
