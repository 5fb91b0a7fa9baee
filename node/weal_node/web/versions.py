"""A note's past: every version, what each changed, and the way back. Nothing here takes anything out of the history."""

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import publishing
from weal_node.errors import NotFoundError, VaultError
from weal_node.importing import revisions
from weal_node.records import Note, Visibility
from weal_node.vault import history, markdown
from weal_node.vault.history import Commit
from weal_node.vault.versions import UnreadableNote
from weal_node.web.desk import Desk
from weal_node.web.note import find_file
from weal_node.web.page import back_to, desk_of, form, show

MOST_LINES = 2_000  # of a difference shown
SAID = {"restored": "Restored, as a new version: nothing of the history is lost."}


async def listing(request: Request) -> Response:
    """GET /notes/{id}/history: the versions, newest first."""
    desk = desk_of(request)
    note = await find_file(desk, request.path_params["id"])
    return show(request, "history.html", note=note, versions=await _versions(desk, note))


async def see(request: Request) -> Response:
    """GET /notes/{id}/history/{commit}: what this version changed, and with ?against=now what has changed since."""
    desk = desk_of(request)
    note = await find_file(desk, request.path_params["id"])
    versions = await _versions(desk, note)
    place = _place(versions, request.path_params["commit"])
    version, since = versions[place], request.query_params.get("against") == "now"
    older = versions[place + 1] if place + 1 < len(versions) else None
    ends = (version, versions[0]) if since else (older, version)
    before = (ends[0].id, ends[0].path) if ends[0] else None
    text = await asyncio.to_thread(history.diff, desk.vault.root, before, (ends[1].id, ends[1].path))
    lines = text.splitlines()
    return show(
        request,
        "version.html",
        note=note,
        version=version,
        newest=place == 0,
        since=since,
        lines=[(_kind(line), line) for line in lines[:MOST_LINES]],
        cut=len(lines) > MOST_LINES,
    )


async def restore(request: Request) -> Response:
    """POST /notes/{id}/restore: field commit. The text comes back; who may read it stays as it is now."""
    desk = desk_of(request)
    note = await find_file(desk, request.path_params["id"])
    versions = await _versions(desk, note)
    version = versions[_place(versions, (await form(request)).get("commit", ""))]
    raw = await asyncio.to_thread(history.at, desk.vault.root, version.id, version.path)
    back = await _back(desk, note.path, note.id, note.visibility, raw)
    return back_to(f"/notes/{back or note.id}", "restored")


async def gone(request: Request) -> Response:
    """GET /notes/gone: files that another program took away; the history has them."""
    desk = desk_of(request)
    return show(request, "gone.html", paths=await asyncio.to_thread(history.gone, desk.vault.root))


async def bring_back(request: Request) -> Response:
    """POST /notes/gone: field path. The file comes back as it last was, private."""
    desk, path = desk_of(request), (await form(request)).get("path", "")
    if path not in await asyncio.to_thread(history.gone, desk.vault.root):
        raise NotFoundError("no such file is gone", "Load the page again")
    head = await asyncio.to_thread(history.head, desk.vault.root)
    raw = await asyncio.to_thread(history.at, desk.vault.root, head, path)
    back = await _back(desk, path, "", Visibility.PRIVATE, raw)
    return back_to(f"/notes/{back}" if back else "/notes", "restored")


async def _versions(desk: Desk, note: Note | UnreadableNote) -> tuple[Commit, ...]:
    return await revisions.versions(desk.database, desk.vault, note.path)


def _place(versions: tuple[Commit, ...], commit: str) -> int:
    for place, version in enumerate(versions):
        if version.id == commit:
            return place
    raise NotFoundError("there is no such version of this note", "See its history")


async def _back(desk: Desk, path: str, note_id: str, visibility: Visibility, raw: bytes) -> str:
    """Write a former version over the file of this path; return the note's id, "" for what cannot be read as one."""
    try:
        old = markdown.read(raw, path)
    except VaultError:
        old = None
    if old is None or old.broken:  # it comes back byte for byte as it was, and leaves to nobody
        await asyncio.to_thread(desk.vault.put, [(path, raw)], f"Restore {path}")
        return (await asyncio.to_thread(desk.vault.read, path)).id if old is not None else ""
    note = replace(old, id=note_id or old.id, visibility=visibility)
    place = (desk.database, desk.vault, desk.settings, desk.now_ms())
    return (await publishing.save(*place, note, publishing.Revision(message="Restore {path}", over=raw))).id


def _kind(line: str) -> str:
    return {"+": "gains", "-": "losses", "@": "muted"}.get(line[:1], "")
