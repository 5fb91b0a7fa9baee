"""Who may read what: notes that the scan holds back, folders with a default, and the review of what was imported."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import pending, publishing
from weal_node.commons import review as share
from weal_node.errors import VaultError
from weal_node.records import Visibility
from weal_node.store import imports
from weal_node.vault import markdown
from weal_node.vault.folder import Vault
from weal_node.web.notes import found, terms
from weal_node.web.page import back_to, desk_of, form, forms, paged, show
from weal_protocol.errors import WealError

FOLDERS = 200  # of them listed
PAGE = 100  # imported notes on one page of review


async def allow(request: Request) -> Response:
    """POST /notes/{id}/allow: a held note may leave, with what was found in it."""
    desk = desk_of(request)
    note = await found(desk, request.path_params["id"])
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
    waiting = await desk.sifting.look()
    there, _ = await publishing.written(desk.database, desk.vault)
    page, last = paged(request, len(waiting or ()), PAGE)
    rows = (waiting or ())[(page - 1) * PAGE : page * PAGE]
    return show(
        request,
        "review.html",
        looking=waiting is None,
        looked=desk.sifting.done,
        rows=[(one, _asked(desk.vault, one.path)) for one in rows],
        total=desk.sifting.total if waiting is None else len(waiting),
        flagged=sum(one.flagged for one in waiting or ()),
        going=pending.count(there, await publishing.waiting(desk.database)),
        page=page,
        last=last,
        folders=_folders([one.path for one in waiting or ()]),
        candidates=await desk.database.read(imports.candidates),
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
    paths = fields.get("path", [])
    waiting = [one.path for one in await desk.database.read(imports.unreviewed)]
    if fields.get("all"):
        paths = waiting
    else:
        below = tuple(f"{folder}/" for folder in fields.get("folder", []))
        paths = [*paths, *(path for path in waiting if path.startswith(below))]
    ticked = set(fields.get("path", []))
    swept = [path for path in paths if path not in ticked]
    closed = set(await asyncio.to_thread(_saying, desk.vault, swept, Visibility.PRIVATE))
    for chosen, among in (
        (visibility, [path for path in paths if path not in closed]),
        (Visibility.PRIVATE, [*closed]),
    ):
        await share.review(desk.database, desk.vault, desk.settings, desk.now_ms(), among, chosen)
    return back_to("/notes/review", "reviewed")


def _saying(vault: Vault, paths: Sequence[str], visibility: Visibility) -> list[str]:
    return [path for path in paths if _asked(vault, path) == visibility]


def _asked(vault: Vault, path: str) -> str:
    """Return who may read this note by its own front matter, "" where it does not say."""
    try:
        note = markdown.read(vault.raw(path), path)
    except VaultError:
        return ""
    return str(note.visibility) if note.stated and not note.broken else ""


def _folders(paths: Sequence[str]) -> list[tuple[str, int]]:
    """Return each folder in which notes wait, with how many do, in it and below."""
    above = Counter(str(place) for path in paths for place in PurePosixPath(path).parents if place.name)
    return sorted(above.items())[:FOLDERS]


async def candidate(request: Request) -> Response:
    """POST /notes/candidates/{id}: field choice is more, less or no: a line of an imported file becomes a principle, or not."""
    desk, choice = desk_of(request), (await form(request)).get("choice")
    if choice not in ("more", "less", "no"):
        raise WealError("that is neither more, less nor no", "Load the page again")
    await desk.minded()
    waiting = {one.id: one for one in await desk.database.read(imports.candidates)}
    one = waiting.get(request.path_params["id"])
    if one is not None and choice != "no":
        await desk.control.principle(one.text, 1 if choice == "more" else -1)
    if one is not None:
        state = "refused" if choice == "no" else "taken"
        await desk.database.write(lambda connection: imports.decide(connection, one.id, state))
    return back_to("/notes/review", "decided")
