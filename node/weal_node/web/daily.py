"""The note of a day: one tap makes today's or opens it; and what begins from a template."""

from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import idempotency, publishing
from weal_node.records import Note, Visibility
from weal_node.vault import beginnings
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of


def now(desk: Desk) -> datetime:
    """Return the moment, here."""
    return datetime.fromtimestamp(desk.now_ms() / 1_000, UTC).astimezone()


async def today(request: Request) -> Response:
    """POST /notes/daily: make today's note, from the vault's template for a day where it has one, unless it is there; open it to write."""
    desk = desk_of(request)
    day = now(desk).date().isoformat()
    async with idempotency.making(desk.vault):
        notes, _ = await publishing.written(desk.database, desk.vault)
        note = beginnings.of_day(notes, day)
        if note is None:
            template, folder = beginnings.daily_template(notes), beginnings.daily_folder(notes)
            readers = desk.vault.rules.nearest(f"{folder}/x" if folder else "x") or Visibility.PRIVATE
            body = begun(desk, template, day).body if template else ""
            note = await begin(desk, Note("", f"{folder}/" if folder else "", day, body, readers), template)
    return back_to(f"/notes/{note.id}/edit")


def begun(desk: Desk, template: Note, title: str) -> Note:
    """Return what a template says of a new note of this title, filled in as far as it can be yet."""
    return beginnings.begun(desk.vault.raw(template.path), template.path, title, now(desk))


async def begin(desk: Desk, wanted: Note, template: Note | None) -> Note:
    """Write a new note, and return it as it is kept. template: where it begins from: what is still to be filled in is
    filled in, and properties of which the note itself says nothing are the template's."""
    over = None
    if template is not None:
        wanted = replace(wanted, body=beginnings.filled(wanted.body, wanted.title, now(desk)))
        wanted = replace(wanted, path=desk.vault.free_path(wanted.title, wanted.path))
        raw = desk.vault.raw(template.path).decode(errors="replace")
        over = beginnings.filled(raw, wanted.title, now(desk)).encode()
    revision = publishing.Revision(over=over)
    return await publishing.save(desk.database, desk.vault, desk.settings, desk.now_ms(), wanted, revision)
