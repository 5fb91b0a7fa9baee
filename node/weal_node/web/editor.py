"""The editor: a form that holds a note, a new one or one that is there; it shows again what could not be saved, and why."""

import asyncio
import hashlib
from dataclasses import dataclass, replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import idempotency, publishing
from weal_node.errors import ChangedMeanwhileError, StaysHereError
from weal_node.records import Note, Visibility
from weal_node.vault import markdown, readers
from weal_node.vault.compose import MAX_TITLE, composed, typed, unsaid
from weal_node.vault.versions import UnreadableNote
from weal_node.web import daily
from weal_node.web.departure import terms
from weal_node.web.desk import Desk
from weal_node.web.note import as_html, find_file, find_note
from weal_node.web.page import back_to, desk_of, form, sentence, show, status_of
from weal_node.web.shelf import linked
from weal_protocol import licences
from weal_protocol.errors import WealError

APART = "{0}. Saving again keeps your text; the other one stays in the history."
TWICE = "This form was saved already, as {0}. Saving again makes what you changed its next version."


@dataclass(frozen=True, slots=True)
class EditorDraft:
    """What the form holds.

    note: its fields.
    seen: SHA-256 of the file as it was when the form was first shown; "" for as it is now.
    once: the id of the note that a new one becomes, so that it becomes one; "" for a new id.
    template: the id of the note that a new one begins from, "" for none.
    preview: the note as it would be shown, "" for none.
    warning: why it was not saved, "" for no reason.  status: the HTTP status that goes with it.
    """

    note: Note
    seen: str = ""
    once: str = ""
    template: str = ""
    preview: Markup | str = ""
    warning: str = ""
    status: int = 200


async def new(request: Request) -> Response:
    """GET /notes/new: an empty editor, or one that holds what the address gives: title, body, folder, visibility; a clip of the tray; or
    template, the id of a note to begin from."""
    desk, given = desk_of(request), dict(request.query_params)
    template = await find_note(desk, given["template"]) if given.get("template") else None
    if template is not None:
        template = replace(daily.begun(desk, template, given.get("title", "").strip()), id=template.id)
        given["body"] = template.body
    if clip := desk.tray.get(given.get("clip", "")):
        given |= {"title": clip.title, "body": clip.body, "visibility": "private", "once": clip.once}
    title, body, folder = given.get("title", "")[:MAX_TITLE], given.get("body", ""), given.get("folder", "")
    spoken = Visibility.PRIVATE if readers.in_words(body) else None
    wanted = given.get("visibility") or spoken or desk.vault.rules.nearest(f"{folder}/x" if folder else "x")
    visibility = Visibility(wanted) if wanted in set(Visibility) else unsaid(desk.joined is None)
    draft = Note("", folder, title, body, visibility)
    if template is not None:
        draft = replace(draft, needs=template.needs, offers=template.offers)
    begun = template.id if template else ""
    return await editor(request, None, EditorDraft(draft, once=given.get("once", ""), template=begun))


async def edit(request: Request) -> Response:
    """GET /notes/{id}/edit: the note in the editor; of a file that cannot be read, why, and its history."""
    desk = desk_of(request)
    note = await find_file(desk, request.path_params["id"])
    if isinstance(note, UnreadableNote):
        return show(request, "refused.html", note=note)
    return await editor(request, note, EditorDraft(note))


async def named(request: Request) -> Response:
    """GET /notes/named?name=...&from=...: where a link in the note at this path leads: the note it means, or an editor for it."""
    desk, name = desk_of(request), request.query_params.get("name", "").strip()
    notes, _ = await publishing.written(desk.database, desk.vault)
    note = await asyncio.to_thread(linked, notes, name, request.query_params.get("from", ""), desk.vault.links)
    if note is not None:
        return back_to(f"/notes/{note.id}")
    readable_by = desk.vault.rules.of("x")  # who follows a link has said nothing of who may read what they write there
    return await editor(request, None, EditorDraft(Note("", "", name[:MAX_TITLE], "", readable_by)))


async def save(request: Request) -> Response:
    """POST /notes: fields id and seen (of a note that is there), title, body, visibility, folder, needs and offers (one a line)."""
    desk = desk_of(request)
    fields = await form(request)
    before = await find_note(desk, fields["id"]) if fields.get("id") else None
    try:
        wanted, over = _composed(desk, fields, before), None
    except WealError as fault:
        return await _mend(request, before, fields, fault)
    try:
        if before is None:
            return await _make(request, fields, wanted)
        if before.broken:
            wanted, over = markdown.mended(wanted)
        place = (desk.database, desk.vault, desk.settings, desk.now_ms())
        note = await publishing.save(*place, wanted, publishing.Revision(fields.get("seen", ""), over=over))
    except StaysHereError:
        raise
    except ChangedMeanwhileError as fault:
        return await editor(request, before, EditorDraft(wanted, warning=APART.format(fault), status=409))
    except WealError as fault:
        return await _mend(request, before, fields, fault)
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
            next_version = replace(wanted, id=there.id, path=there.path, tags=there.tags)
            return await editor(
                request, there, EditorDraft(next_version, warning=TWICE.format(there.title), status=409)
            )
        if there is not None:
            once = idempotency.apart(once, wanted)
            if (other := await idempotency.made(desk.vault, once)) is not None:
                return back_to(f"/notes/{other.id}", "saved")
        wanted = replace(wanted, id=idempotency.meant(once))
        template = await find_note(desk, fields["template"]) if fields.get("template") else None
        note = await daily.begin(desk, wanted, template)
    return back_to(f"/notes/{note.id}", "saved")


async def preview(request: Request) -> Response:
    """POST /notes/preview: the same fields; nothing is saved."""
    desk, fields = desk_of(request), await form(request)
    before = await find_note(desk, fields["id"]) if fields.get("id") else None
    try:
        wanted = _composed(desk, fields, before)
    except WealError as fault:
        return await _mend(request, before, fields, fault)
    html = await as_html(desk, wanted)
    draft = EditorDraft(wanted, fields.get("seen", ""), fields.get("once", ""), fields.get("template", ""), html)
    return await editor(request, before, draft)


def _composed(desk: Desk, fields: dict[str, str], before: Note | None) -> Note:
    return composed(fields, before, desk.vault.rules, unsaid(desk.joined is None))


async def _mend(request: Request, note: Note | None, fields: dict[str, str], fault: WealError) -> Response:
    """Show the editor again with what was typed, and why it is no note."""
    draft = EditorDraft(typed(fields, note), fields.get("seen", ""), fields.get("once", ""), fields.get("template", ""))
    return await editor(request, note, replace(draft, warning=sentence(fault), status=status_of(fault)))


async def editor(request: Request, note: Note | None, draft: EditorDraft) -> Response:
    """Show a form that holds the draft. note: the one that it changes, None for a new one."""
    desk = desk_of(request)
    return show(
        request,
        "note_edit.html",
        draft.status,
        note=note,
        draft=draft.note,
        seen=draft.seen or (hashlib.sha256(desk.vault.raw(note.path)).hexdigest() if note else ""),
        preview=draft.preview,
        warning=draft.warning,
        begins_from=draft.template,
        once=draft.once or idempotency.token(),
        default_licence=licences.DEFAULT,
        licences=licences.KNOWN,
        **await terms(desk),
    )
