"""Notes: the vault on a page. What is not private waits before it leaves, and can be held back until then."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.errors import NotFoundError
from weal_node.loop import publish
from weal_node.records import Note, Visibility
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show
from weal_node.web.wikilinks import linked
from weal_protocol.errors import WealError

MAX_TITLE = 200  # characters
MAX_LINES = 32  # needs or offers of one note


async def listing(request: Request) -> Response:
    """GET /notes: every note with its visibility."""
    desk = desk_of(request)
    notes, faults = await publish.written(desk.database, desk.vault)
    queue = await publish.waiting(desk.database)
    rows = [(note, chip(note, queue.get(note.id), desk.now_ms())) for note in notes]
    return show(request, "notes.html", rows=rows, faults=faults, folder=str(desk.home.vault))


async def new(request: Request) -> Response:
    """GET /notes/new: an empty editor."""
    return show(request, "note.html", note=None, delay=minutes(desk_of(request).settings.publish_delay_s * 1000))


async def see(request: Request) -> Response:
    """GET /notes/{id}: the note rendered, its way out, and the editor."""
    desk = desk_of(request)
    note = await found(desk, request.path_params["id"])
    due = (await publish.waiting(desk.database)).get(note.id)
    return show(
        request,
        "note.html",
        note=note,
        rendered=linked(note.body),
        chip=chip(note, due, desk.now_ms()),
        leaves_in=due is not None,
        delay=minutes(desk.settings.publish_delay_s * 1000),
    )


async def save(request: Request) -> Response:
    """POST /notes: fields id (of a note that is there), title, body, visibility, needs and offers (one a line)."""
    desk = desk_of(request)
    fields = await form(request)
    before = await found(desk, fields["id"]) if fields.get("id") else None
    note = await publish.save(desk.database, desk.vault, desk.settings, desk.now_ms(), composed(fields, before))
    return back_to(f"/notes/{note.id}", "saved")


async def undo(request: Request) -> Response:
    """POST /notes/{id}/undo: what has not left yet stays here."""
    desk = desk_of(request)
    note = await found(desk, request.path_params["id"])
    await publish.undo(desk.database, desk.vault, note.id)
    return back_to(f"/notes/{note.id}", "undone")


async def found(desk: Desk, note_id: str) -> Note:
    """Return the note of this id; NotFoundError where the vault has none."""
    notes, _ = await publish.written(desk.database, desk.vault)
    note = next((note for note in notes if note.id == note_id), None)
    if note is None:
        raise NotFoundError("there is no such note", "It may have been moved or deleted in the vault")
    return note


def composed(fields: dict[str, str], before: Note | None) -> Note:
    """Return the note that a form describes; what the form does not show (path, tags) stays as it was."""
    title = " ".join(fields.get("title", "").split())[:MAX_TITLE]
    body = fields.get("body", "").replace("\r\n", "\n")
    if not title:
        title = next((line.lstrip("# ").strip() for line in body.splitlines() if line.strip()), "")[:MAX_TITLE]
    if not title:
        raise WealError("the note is empty", "Give it a title or a text")
    try:
        visibility = Visibility(fields.get("visibility") or "public")
    except ValueError:
        raise WealError("visibility is public, community or private", "Choose one of them") from None
    return Note(
        id=before.id if before else "",
        path=before.path if before else "",
        title=title,
        body=body,
        visibility=visibility,
        needs=lines(fields.get("needs", "")) if "needs" in fields or before is None else before.needs,
        offers=lines(fields.get("offers", "")) if "offers" in fields or before is None else before.offers,
        tags=before.tags if before else (),
    )


def lines(text: str) -> tuple[str, ...]:
    """Return the non-empty lines, trimmed."""
    found = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(found) > MAX_LINES:
        raise WealError(f"a note has at most {MAX_LINES} needs and as many offers", "Split the note")
    return found


def chip(note: Note, due_ms: int | None, now_ms: int) -> str:
    """Return who may read the note, and when it leaves."""
    if due_ms is not None:
        return f"{note.visibility}, leaves in {minutes(max(0, due_ms - now_ms))}"
    return str(note.visibility)


def minutes(span_ms: int) -> str:
    """Return a span as "9:05 min" or "20 s"."""
    seconds = -(-span_ms // 1000)
    return f"{seconds // 60}:{seconds % 60:02} min" if seconds >= 60 else f"{seconds} s"
