"""Notes: the vault on a page. What is not private waits before it leaves, and can be held back until then."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import browse, idempotency, pending, publishing, review
from weal_node.commons.composing import MAX_TITLE, composed, unsaid
from weal_node.deals import preference_strength
from weal_node.errors import ChangedMeanwhileError, NotFoundError, StaysHereError
from weal_node.records import Note, Visibility
from weal_node.search.addresses import at
from weal_node.store import folders, holds, imports
from weal_node.vault import markdown, readers
from weal_node.vault.folder import UnreadableNote
from weal_node.web.desk import Desk
from weal_node.web.markup import embedding, pictures
from weal_node.web.markup.bookmarklet import bookmarklet
from weal_node.web.markup.rendering import inline, rendered
from weal_node.web.page import back_to, desk_of, form, paged, sentence, show, status_of
from weal_node.web.shelf import inside, linked, tagged, tags_of, under
from weal_protocol import licences
from weal_protocol.errors import WealError

PAGE = 100  # notes a page
MOST_FAULTS = 20  # files that cannot be read, said one by one


async def listing(request: Request) -> Response:
    """GET /notes: every note with its visibility, of a folder or a tag where the address names one."""
    desk = desk_of(request)
    notes, _ = await publishing.written(desk.database, desk.vault)
    refused = await asyncio.to_thread(desk.vault.refused)
    warned = [note for note in notes if note.warnings]
    folder, tag = request.query_params.get("folder", "").strip("/"), request.query_params.get("tag", "")
    chosen = [note for note in notes if under(note, folder) and tagged(note, tag)]
    page, last = paged(request, len(chosen), PAGE)
    queue, held = await publishing.waiting(desk.database), await desk.database.read(holds.every)
    defaults = await desk.database.read(folders.every)
    return show(
        request,
        "notes.html",
        rows=[
            (note, chip(note, queue.get(note.id), desk.now_ms(), note.id in held, desk.joined is None))
            for note in chosen[(page - 1) * PAGE : page * PAGE]
        ],
        count=len(chosen),
        page=page,
        last=last,
        shown_folder=folder,
        shown_tag=tag,
        folders=inside(notes, folder),
        tags=tags_of(chosen),
        default=defaults.get(folder, ""),
        inherited=desk.vault.rules.of(f"{folder}/x" if folder else "x"),
        quick=desk.vault.rules.nearest(f"{folder}/x" if folder else "x") or unsaid(desk.joined is None),
        unsaid=unsaid(desk.joined is None),
        once=idempotency.token(),
        ruled=sum(desk.vault.rules.follows(note, folder) for note in notes),
        going=pending.count(notes, queue),
        unreviewed=len(await desk.database.read(imports.unreviewed)),
        refused=refused[:MOST_FAULTS],
        more_refused=max(0, len(refused) - MOST_FAULTS),
        warned=warned[:MOST_FAULTS],
        all_warned=len(warned),
        place=str(desk.home.vault.resolve()),
        bookmarklet=bookmarklet(request.url.port or 80),
        clips=desk.tray.all(desk.now_ms()),
        **await terms(desk),
    )


async def new(request: Request) -> Response:
    """GET /notes/new: an empty editor, or one that holds what the address gives: title, body, folder, visibility; or a clip of the tray."""
    desk, given = desk_of(request), dict(request.query_params)
    if clip := desk.tray.get(given.get("clip", "")):
        given |= {"title": clip.title, "body": clip.body, "visibility": "private", "once": clip.once}
    start = Note(
        "",
        given.get("folder", ""),
        given.get("title", "")[:MAX_TITLE],
        given.get("body", ""),
        unsaid(desk.joined is None),
    )
    spoken = Visibility.PRIVATE if readers.in_words(start.body) else None
    wanted = given.get("visibility") or spoken or desk.vault.rules.nearest(f"{start.path}/x" if start.path else "x")
    return await editor(request, None, _with(start, wanted), once=given.get("once", ""))


async def see(request: Request) -> Response:
    """GET /notes/{id}: the note rendered, its way out, and the editor; of a file that cannot be read, why, and its history."""
    desk = desk_of(request)
    note = await known(desk, request.path_params["id"])
    if isinstance(note, UnreadableNote):
        return show(request, "refused.html", note=note)
    return await editor(request, note, note)


async def named(request: Request) -> Response:
    """GET /notes/named?name=...&from=...: where a link in the note at this path leads: the note it means, or an editor for it."""
    desk, name = desk_of(request), request.query_params.get("name", "").strip()
    notes, _ = await publishing.written(desk.database, desk.vault)
    note = await asyncio.to_thread(linked, notes, name, request.query_params.get("from", ""), desk.vault.links)
    if note is not None:
        return back_to(f"/notes/{note.id}")
    seen = desk.vault.rules.of("x")  # who follows a link has said nothing of who may read what they write there
    return await editor(request, None, Note("", "", name[:MAX_TITLE], "", seen))


async def save(request: Request) -> Response:
    """POST /notes: fields id and seen (of a note that is there), title, body, visibility, folder, needs and offers (one a line)."""
    desk = desk_of(request)
    fields = await form(request)
    before = await found(desk, fields["id"]) if fields.get("id") else None
    try:
        wanted = composed(fields, before, desk.vault.rules, unsaid(desk.joined is None))
    except WealError as fault:
        return await mend(request, before, fields, fault)
    try:
        if before is None:
            return await _make(request, fields, wanted)
        place, over = (desk.database, desk.vault, desk.settings, desk.now_ms()), None
        if before.broken:
            wanted, over = markdown.mended(wanted)
        note = await publishing.save(*place, wanted, seen(fields), over=over)
    except StaysHereError:
        raise
    except ChangedMeanwhileError as fault:
        return await editor(
            request,
            before,
            wanted,
            status=409,
            warning=f"{fault}. Saving again keeps your text; the other one stays in the history.",
        )
    except WealError as fault:
        return await mend(request, before, fields, fault)
    return back_to(f"/notes/{note.id}", "saved")


async def _make(request: Request, fields: dict[str, str], wanted: Note) -> Response:
    """Make a new note, once, however often its form is sent. Other words in a form that has made one: in the editor they are shown as
    its next version, to be saved or not; a thought is another note."""
    desk, once = desk_of(request), fields.get("once", "")
    async with idempotency.making(desk.vault):
        there = await idempotency.made(desk.vault, once)
        if there is not None and idempotency.same(there, wanted):
            return back_to(f"/notes/{there.id}", "saved")
        if there is not None and "title" in fields:
            draft = replace(wanted, id=there.id, path=there.path, tags=there.tags)
            warning = (
                f"This form was saved already, as {there.title}. Saving again makes what you changed its next version."
            )
            return await editor(request, there, draft, status=409, warning=warning)
        if there is not None:
            once = idempotency.apart(once, wanted)
            if (other := await idempotency.made(desk.vault, once)) is not None:
                return back_to(f"/notes/{other.id}", "saved")
        wanted = replace(wanted, id=idempotency.meant(once))
        note = await publishing.save(desk.database, desk.vault, desk.settings, desk.now_ms(), wanted)
    return back_to(f"/notes/{note.id}", "saved")


async def preview(request: Request) -> Response:
    """POST /notes/preview: the same fields; nothing is saved."""
    desk, fields = desk_of(request), await form(request)
    before = await found(desk, fields["id"]) if fields.get("id") else None
    try:
        wanted = composed(fields, before, desk.vault.rules, unsaid(desk.joined is None))
    except WealError as fault:
        return await mend(request, before, fields, fault)
    return await editor(
        request, before, wanted, preview=await shown(desk, wanted), seen=seen(fields), once=fields.get("once", "")
    )


async def undo(request: Request) -> Response:
    """POST /notes/{id}/undo: what has not left yet stays here."""
    desk = desk_of(request)
    note = await found(desk, request.path_params["id"])
    await publishing.undo(desk.database, desk.vault, note.id)
    return back_to(f"/notes/{note.id}", "undone")


async def keen(request: Request) -> Response:
    """POST /notes/{id}/keen: field tell, yes or no: let whoever looks for chains know how much its swap is worth, in four steps."""
    desk = desk_of(request)
    note, told = await found(desk, request.path_params["id"]), (await form(request)).get("tell") == "yes"
    place = (desk.database, desk.vault, desk.settings)
    if told:
        desk.check_not_paused()
        await preference_strength.tell(*place, await desk.minded(), desk.now_ms, note)
    else:
        await preference_strength.hush(*place, desk.now_ms, note)
    return back_to(f"/notes/{note.id}", "saved")


async def mend(request: Request, note: Note | None, fields: dict[str, str], fault: WealError) -> Response:
    """Show the editor again with what was typed, and why it is no note."""
    return await editor(
        request,
        note,
        typed(fields, note),
        status=status_of(fault),
        warning=sentence(fault),
        seen=seen(fields),
        once=fields.get("once", ""),
    )


async def editor(
    request: Request,
    note: Note | None,
    draft: Note,
    *,
    status: int = 200,
    preview: object = "",
    warning: str = "",
    seen: str = "",
    once: str = "",
) -> Response:
    """Show a note, if it is there, and a form that holds `draft`."""
    desk = desk_of(request)
    due = (await publishing.waiting(desk.database)).get(note.id) if note else None
    held = (await desk.database.read(holds.every)).get(note.id) if note else None
    return show(
        request,
        "note.html",
        status,
        note=note,
        draft=draft,
        seen=seen or (hashlib.sha256(desk.vault.raw(note.path)).hexdigest() if note else ""),
        rendered=await shown(desk, note) if note else "",
        properties=[(name, [inline(value, beside=note.path) for value in values]) for name, values in note.properties]
        if note
        else (),
        preview=preview,
        warning=warning,
        chip=chip(note, due, desk.now_ms(), held is not None, desk.joined is None) if note else "",
        held=held,
        once=once or idempotency.token(),
        kept=note is not None and desk.vault.rules.keeps(note, ""),
        leaves_in=due is not None,
        licence=licences.identifier(note.licence) if note else "",
        default_licence=licences.DEFAULT,
        licences=licences.KNOWN,
        links=await backlinks(desk, note) if note else (),
        **await terms(desk),
    )


async def shown(desk: Desk, note: Note) -> Markup:
    """Return the note as HTML, with the pictures and the notes of the vault that it shows."""
    there, _ = await publishing.written(desk.database, desk.vault) if "![[" in note.body else ((), ())
    at_hand = pictures.addresses(desk.vault.root, note.path)

    def resolve(name: str, beside: str) -> Note | None:
        return linked(there, name, beside, desk.vault.links)

    embeds = embedding.among(note, resolve)
    return await asyncio.to_thread(rendered, note.body, pictures=at_hand, embeds=embeds, beside=note.path)


async def backlinks(desk: Desk, note: Note) -> list[tuple[str, str, str]]:
    """Return address, title and whose it is ("" for this person) of the notes that link to this one."""
    names = desk.names()
    found = await browse.backlinks(desk.database, desk.vault, note, desk.joined.own_key if desk.joined else "")
    return [
        (at("note", one.author, one.note, one.path), one.title, names.get(one.author, one.author[:8])) for one in found
    ]


async def terms(desk: Desk) -> dict[str, Any]:
    """Return what a form that may publish says: the delay, and before the first time what cannot be undone."""
    first = await review.first_ever(desk.database)
    return {"delay": minutes(desk.settings.publish_delay_s * 1000), "copies": review.COPIES if first else ""}


async def known(desk: Desk, note_id: str) -> Note | UnreadableNote:
    """Return the note of this id, or the file that cannot be read as one; NotFoundError where the vault has neither."""
    try:
        return await found(desk, note_id)
    except NotFoundError:
        refused = await asyncio.to_thread(desk.vault.refused)
        one = next((one for one in refused if one.id == note_id), None)
        if one is None:
            raise
        return one


async def found(desk: Desk, note_id: str) -> Note:
    """Return the note of this id; NotFoundError where the vault has none."""
    notes, _ = await publishing.written(desk.database, desk.vault)
    note = next((note for note in notes if note.id == note_id), None)
    if note is None:
        raise NotFoundError("there is no such note", "It may have been moved or deleted in the vault")
    return note


def typed(fields: dict[str, str], before: Note | None) -> Note:
    """Return what a form holds as a draft, word for word, whether it is a note or not."""
    chosen = fields.get("visibility", "")
    return Note(
        id=before.id if before else "",
        path=before.path if before else fields.get("folder", ""),
        title=fields.get("title", ""),
        body=fields.get("body", "").replace("\r\n", "\n"),
        visibility=Visibility(chosen) if chosen in set(Visibility) else Visibility.PRIVATE,
        needs=tuple(fields.get("needs", "").splitlines()),
        offers=tuple(fields.get("offers", "").splitlines()),
        licence=fields.get("licence", ""),
    )


def seen(fields: dict[str, str]) -> str:
    """Return the digest of the file as the form showed it, "" of a note that was not there."""
    return fields.get("seen", "")


def chip(note: Note, due_ms: int | None, now_ms: int, held: bool = False, alone: bool = False) -> str:
    """Return who may read the note, and when it leaves. alone: whether there is no community that it could leave to."""
    if due_ms is not None and alone:
        return f"{note.visibility}, asked about when you join"
    if due_ms is not None:
        return f"{note.visibility}, leaves in {minutes(max(0, due_ms - now_ms))}"
    return f"{note.visibility}, held back" if held and note.visibility != Visibility.PRIVATE else str(note.visibility)


def minutes(span_ms: int) -> str:
    """Return a span as "9:05 min" or "20 s"."""
    seconds = -(-span_ms // 1000)
    return f"{seconds // 60}:{seconds % 60:02} min" if seconds >= 60 else f"{seconds} s"


def _with(note: Note, visibility: str | None) -> Note:
    known = Visibility(visibility) if visibility in set(Visibility) else note.visibility
    return Note(note.id, note.path, note.title, note.body, known)
