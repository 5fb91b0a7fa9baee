"""Who may read what: notes that the scan holds back, folders with a default, and the review of what was imported."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import pending, publishing
from weal_node.commons import review as share
from weal_node.commons.sharing_status import sharing_status
from weal_node.errors import VaultError
from weal_node.importing import principle_candidates
from weal_node.importing.triage import Waiting
from weal_node.records import Visibility
from weal_node.vault import markdown
from weal_node.vault.folder import Vault
from weal_node.web.departure import terms
from weal_node.web.note import find_note
from weal_node.web.page import back_to, desk_of, form, forms, paged, show
from weal_protocol.errors import WealError

FOLDERS = 200  # of them listed
PAGE = 100  # imported notes on one page of review
DIRECTIONS = {"more": 1, "less": -1, "no": 0}
SAID = {
    "folder": "Set. It holds for notes that do not say it themselves.",
    "reviewed": "Chosen.",
    "decided": "Noted.",
}


async def allow(request: Request) -> Response:
    """POST /notes/{id}/allow: a held note may leave, with what was found in it."""
    desk = desk_of(request)
    note = await find_note(desk, request.path_params["id"])
    await share.allow(desk.database, desk.vault, desk.settings, desk.now_ms(), note)
    return back_to(f"/notes/{note.id}", "allowed")


async def folder(request: Request) -> Response:
    """POST /notes/folder: fields folder and visibility ("" for none): who may read its notes that do not say it themselves."""
    desk, fields = desk_of(request), await form(request)
    chosen = fields.get("visibility", "")
    await share.choose(desk.database, desk.vault, fields.get("folder", ""), chosen)
    return back_to("/notes/leaving" if chosen in (Visibility.PUBLIC, Visibility.COMMUNITY) else "/notes", "folder")


async def review(request: Request) -> Response:
    """GET /notes/review: imported notes that nobody else sees until the person has said who may, a page at a time; of all that
    wait, those first in which the scan saw something. While it is looking, the page says how far it is."""
    desk = desk_of(request)
    looked_through = await desk.sifting.look()
    waiting = looked_through or ()
    there, _ = await publishing.written(desk.database, desk.vault)
    page, last = paged(request, len(waiting), PAGE)
    shown = waiting[(page - 1) * PAGE : page * PAGE]
    return show(
        request,
        "review.html",
        looking=looked_through is None,
        looked=desk.sifting.done,
        rows=[(imported, _asked(desk.vault, imported.path)) for imported in shown],
        total=desk.sifting.total if looked_through is None else len(waiting),
        flagged=sum(imported.flagged for imported in waiting),
        going=pending.count(there, await publishing.waiting(desk.database)),
        page=page,
        last=last,
        folders=_folders(waiting),
        candidates=await principle_candidates.waiting(desk.database),
        **await terms(desk),
    )


async def reviewed(request: Request) -> Response:
    """POST /notes/review: fields path and folder (several of each), visibility, all (yes: every one that waits).

    Whoever chooses for all or for a folder has not seen each: a file that itself says private stays so unless it is ticked."""
    desk, fields = desk_of(request), await forms(request)
    try:
        visibility = Visibility(fields.get("visibility", [""])[-1])
    except ValueError:
        raise WealError("visibility is public, community or private", "Choose one of them") from None
    ticked = fields.get("path", [])
    swept = _swept((await sharing_status(desk.database)).unreviewed, fields)
    closed = await asyncio.to_thread(_closed, desk.vault, swept, frozenset(ticked))
    opened = [path for path in (*ticked, *swept) if path not in set(closed)]
    for chosen, among in ((visibility, opened), (Visibility.PRIVATE, closed)):
        await share.review(desk.database, desk.vault, desk.settings, desk.now_ms(), among, chosen)
    return back_to("/notes/review", "reviewed")


def _swept(waiting: Sequence[str], fields: dict[str, list[str]]) -> list[str]:
    """Return the paths that are chosen without being ticked one by one: all that wait, or those of ticked folders."""
    if fields.get("all"):
        return list(waiting)
    below = tuple(f"{folder}/" for folder in fields.get("folder", []))
    return [path for path in waiting if path.startswith(below)]


def _closed(vault: Vault, swept: Sequence[str], ticked: Collection[str]) -> list[str]:
    """Return the paths that were not ticked and whose files themselves say private."""
    return [path for path in swept if path not in ticked and _asked(vault, path) == Visibility.PRIVATE]


def _asked(vault: Vault, path: str) -> str:
    """Return who may read this note by its own front matter, "" where it does not say."""
    try:
        note = markdown.read(vault.raw(path), path)
    except VaultError:
        return ""
    return str(note.visibility) if note.stated and not note.broken else ""


def _folders(waiting: Sequence[Waiting]) -> list[tuple[str, int]]:
    """Return each folder in which notes wait, with how many do, in it and below."""
    above = Counter[str]()
    for imported in waiting:
        above.update(str(place) for place in PurePosixPath(imported.path).parents if place.name)
    return sorted(above.items())[:FOLDERS]


async def candidate(request: Request) -> Response:
    """POST /notes/candidates/{id}: field choice is more, less or no: a line of an imported file becomes a principle, or not."""
    desk, choice = desk_of(request), (await form(request)).get("choice", "")
    if choice not in DIRECTIONS:
        raise WealError("that is neither more, less nor no", "Load the page again")
    await desk.minded()
    await principle_candidates.decide(
        desk.database, desk.control, request.path_params["id"], direction=DIRECTIONS[choice]
    )
    return back_to("/notes/review", "decided")
