"""Notes: the vault as a list, the newest first, by name, folder and tag, with what is about to leave and what cannot be read."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import dated as dates
from weal_node.commons import idempotency, pending
from weal_node.commons.sharing_status import SharingStatus, sharing_status
from weal_node.records import Note, Visibility
from weal_node.vault import beginnings
from weal_node.vault.compose import unsaid
from weal_node.web.departure import chip, terms
from weal_node.web.desk import Desk
from weal_node.web.markup.bookmarklet import bookmarklet
from weal_node.web.note_rows import NoteRow, Warned, beginning, grouped
from weal_node.web.page import back_to, desk_of, paged, part_only, show
from weal_node.web.shelf import called, inside, tagged, tags_of, the_one, under

PAGE = 100  # notes a page
MOST_NAME = 200  # characters of a name that is looked for
MOST_NAMES = 200  # of the newest notes, offered while one is typed
MOST_FAULTS = 20  # files that cannot be read, said one by one


async def listing(request: Request) -> Response:
    """GET /notes: every note with its readers, the one changed last first; of a folder or a tag, or whose name has the words of q, where
    the address says so. A q that is the whole name of one note leads to it."""
    desk = desk_of(request)
    asked = request.query_params
    dated = await dates.changed(desk.database, desk.vault)
    notes = tuple(note for note, _ in dated)
    status = await sharing_status(desk.database)
    folder, tag, name = asked.get("folder", "").strip("/"), asked.get("tag", ""), asked.get("q", "").strip()[:MOST_NAME]
    if (one := the_one(notes, name)) is not None and not part_only(request):
        return back_to(f"/notes/{one.id}")
    chosen = [row for row in dated if under(row[0], folder) and tagged(row[0], tag) and called(row[0], name)]
    page, last = paged(request, len(chosen), PAGE)
    shown = chosen[(page - 1) * PAGE : page * PAGE]
    return show(
        request,
        "notes.html",
        groups=grouped(_rows(desk, status, shown), desk.now_ms()),
        count=len(chosen),
        total=len(notes),
        shared=sum(note.visibility != Visibility.PRIVATE for note in notes),
        page=page,
        last=last,
        shown_folder=folder,
        shown_tag=tag,
        asked=name,
        names=[note.title for note in notes[:MOST_NAMES]],
        templates=beginnings.templates(notes),
        folders=inside(notes, folder),
        tags=tags_of([note for note, _ in chosen]),
        unsaid=unsaid(desk.joined is None),
        once=idempotency.token(),
        going=pending.count(notes, status.due_ms),
        unreviewed=len(status.unreviewed),
        place=str(desk.home.vault.resolve()),
        bookmarklet=bookmarklet(request.url.port or 80),
        clips=desk.tray.all(desk.now_ms()),
        **_default_readers(desk, notes, folder, status.folder_defaults.get(folder, "")),
        **await _faults(desk, notes, part_only(request)),
        **await terms(desk),
    )


def _rows(desk: Desk, status: SharingStatus, dated: list[tuple[Note, int]]) -> list[NoteRow]:
    """Return each note with its date, how it begins, who may read it and when it leaves."""
    rows = []
    for note, at_ms in dated:
        due_ms, held = status.due_ms.get(note.id), note.id in status.held
        words = chip(note, due_ms, desk.now_ms(), held, desk.joined is None)
        rows.append(NoteRow(note, at_ms, beginning(note), words))
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


async def _faults(desk: Desk, notes: tuple[Note, ...], quietly: bool) -> dict[str, Any]:
    """Return the files that cannot be read, and the notes of which a part cannot be used: those that the person is told of for the
    first time, and those they were told of before. quietly: whether only a part of the page is shown, so that nothing is told."""
    refused = await asyncio.to_thread(desk.vault.refused)
    said = [Warned(f"/notes/{file.id}/history", file.path, str(file.why)) for file in refused]
    said += [
        Warned(f"/notes/{note.id}", note.title or "Untitled", " ".join(note.warnings))
        for note in notes
        if note.warnings
    ]
    keys = [(warned.address, warned.why) for warned in said]
    new = frozenset() if quietly else await dates.first_shown(desk.database, desk.now_ms(), keys)
    told = [warned for warned in said if (warned.address, warned.why) not in new]
    first = [warned for warned in said if (warned.address, warned.why) in new]
    return {
        "warned": first[:MOST_FAULTS],
        "more_warned": max(0, len(first) - MOST_FAULTS),
        "told": told[:MOST_FAULTS],
        "all_told": len(told),
    }
