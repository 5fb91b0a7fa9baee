"""One note of the own vault: shown with what it links to, found by a link's name, held back before it leaves."""

import asyncio
import hashlib
from dataclasses import replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import browse, dated, publishing
from weal_node.commons.sharing_status import sharing_status
from weal_node.deals import preference_strength
from weal_node.errors import NotFoundError
from weal_node.records import Note, Visibility
from weal_node.search.addresses import at
from weal_node.vault.versions import UnreadableNote
from weal_node.web.departure import chip, terms
from weal_node.web.desk import Desk
from weal_node.web.markup import embedding, pictures
from weal_node.web.markup.rendering import inline, rendered
from weal_node.web.page import back_to, desk_of, form, part_only, show
from weal_node.web.shelf import linked
from weal_protocol import licences
from weal_protocol.errors import WealError

SAID = {"undone": "Taken back. Nothing of this note leaves."}


async def see(request: Request) -> Response:
    """GET /notes/{id}: the note to read, who may read it, its way out; of a file that cannot be read, why, and its history."""
    desk = desk_of(request)
    note = await find_file(desk, request.path_params["id"])
    if isinstance(note, UnreadableNote):
        return show(request, "refused.html", note=note)
    status = await sharing_status(desk.database)
    due, held = status.due_ms.get(note.id), status.held.get(note.id)
    keys = [(f"/notes/{note.id}", " ".join(note.warnings))] if note.warnings else []
    quietly = part_only(request)
    return show(
        request,
        "note.html",
        note=note,
        rendered=await as_html(desk, _under_its_title(note)),
        properties=_properties(note),
        chip=chip(note, due, desk.now_ms(), held is not None, desk.joined is None),
        seen=hashlib.sha256(desk.vault.raw(note.path)).hexdigest(),
        held=held,
        kept=desk.vault.rules.keeps(note, ""),
        leaves_in=due is not None,
        first_warned=bool(keys) and not quietly and bool(await dated.first_shown(desk.database, desk.now_ms(), keys)),
        licence=licences.identifier(note.licence),
        links=await backlinks(desk, note),
        **await terms(desk),
    )


async def readers(request: Request) -> Response:
    """POST /notes/{id}/readers: field visibility, and seen: the file as the page showed it. Who may read it from now on."""
    desk, fields = desk_of(request), await form(request)
    note = await find_note(desk, request.path_params["id"])
    chosen = fields.get("visibility", "")
    if chosen not in set(Visibility) or note.broken:
        raise WealError("who may read it cannot be set like this", "Open the note in the editor")
    place = (desk.database, desk.vault, desk.settings, desk.now_ms())
    await publishing.save(
        *place, replace(note, visibility=Visibility(chosen)), publishing.Revision(fields.get("seen", ""))
    )
    return back_to(f"/notes/{note.id}", "saved")


async def undo(request: Request) -> Response:
    """POST /notes/{id}/undo: what has not left yet stays here."""
    desk = desk_of(request)
    note = await find_note(desk, request.path_params["id"])
    await publishing.undo(desk.database, desk.vault, note.id)
    return back_to(f"/notes/{note.id}", "undone")


async def keen(request: Request) -> Response:
    """POST /notes/{id}/keen: field tell, yes or no: let whoever looks for chains know how much its swap is worth, in four steps."""
    desk = desk_of(request)
    note, told = await find_note(desk, request.path_params["id"]), (await form(request)).get("tell") == "yes"
    place = (desk.database, desk.vault, desk.settings)
    if told:
        desk.check_not_paused()
        await preference_strength.disclose(*place, await desk.minded(), desk.now_ms, note)
    else:
        await preference_strength.withdraw(*place, desk.now_ms, note)
    return back_to(f"/notes/{note.id}", "saved")


async def find_note(desk: Desk, note_id: str) -> Note:
    """Return the note of this id; NotFoundError where the vault has none."""
    notes, _ = await publishing.written(desk.database, desk.vault)
    for note in notes:
        if note.id == note_id:
            return note
    raise NotFoundError("there is no such note", "It may have been moved or deleted in the vault")


async def find_file(desk: Desk, note_id: str) -> Note | UnreadableNote:
    """Return the note of this id, or the file that cannot be read as one; NotFoundError where the vault has neither."""
    try:
        return await find_note(desk, note_id)
    except NotFoundError:
        for unreadable in await asyncio.to_thread(desk.vault.refused):
            if unreadable.id == note_id:
                return unreadable
        raise


async def as_html(desk: Desk, note: Note) -> Markup:
    """Return the note as HTML, with the pictures and the notes of the vault that it shows."""
    notes, _ = await publishing.written(desk.database, desk.vault) if "![[" in note.body else ((), ())
    addresses = pictures.addresses(desk.vault.root, note.path)

    def resolve(name: str, beside: str) -> Note | None:
        return linked(notes, name, beside, desk.vault.links)

    embeds = embedding.among(note, resolve)
    return await asyncio.to_thread(rendered, note.body, pictures=addresses, embeds=embeds, beside=note.path)


async def backlinks(desk: Desk, note: Note) -> list[tuple[str, str, str]]:
    """Return address, title and whose it is ("" for this person) of the notes that link to this one."""
    names, rows = desk.names(), []
    own_key = desk.joined.own_key if desk.joined else ""
    for link in await browse.backlinks(desk.database, desk.vault, note, own_key):
        address = at("note", link.author, link.note, link.path)
        rows.append((address, link.title, names.get(link.author, link.author[:8])))
    return rows


def _under_its_title(note: Note) -> Note:
    """Return the note without a first line that only says its title again, which the page has as its own heading."""
    first, _, rest = note.body.partition("\n")
    return replace(note, body=rest) if first.strip() == f"# {note.title}" else note


def _properties(note: Note) -> list[tuple[str, list[Markup]]]:
    rows = []
    for name, values in note.properties:
        rows.append((name, [inline(value, beside=note.path) for value in values]))
    return rows
