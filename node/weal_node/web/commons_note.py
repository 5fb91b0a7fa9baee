"""A note of the commons: its versions and suggestions, and what one may do with it: suggest, accept, fork, take back, vote as a juror."""

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import browse, idempotency, moderation, note_versions
from weal_node.commons.contributions import BuildOn
from weal_node.errors import HeldError, RefusedError, TypedError
from weal_node.web.authors import key_of, names, note_of, own_key, where
from weal_node.web.commons import all_linked
from weal_node.web.desk import Desk
from weal_node.web.markup.wikilinks import address, line
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.record import MAX_BODY_BYTES

SAID = {
    "suggested": "Suggested. Its author decides; others see it beside the note.",
    "accepted": "Accepted. The note's next version names the suggestion and whose it is.",
    "forked": "Copied into your vault, private until you say otherwise. Once shared, it names where it came from.",
    "will-join": "Your next version of this note will follow all of these.",
    "verdict": "The verdict is published. Whoever mirrors the note drops its text.",
    "taken-back-there": "Taken back. Whoever mirrors it drops the text; copies made elsewhere cannot be called back.",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form of this page that is not done yet.

    record: the version that it is about, "" for none.
    held: what the scan saw in a suggestion, None where it is none.  text: of that suggestion.
    votes: of jurors, so far.  reason: the juror's.
    """

    record: str = ""
    held: HeldError | None = None
    text: str = ""
    votes: tuple[str, ...] = ()
    reason: str = ""


async def see(request: Request) -> Response:
    """GET /people/{key}/notes/{note}: one note of the commons, its versions, suggestions and backlinks."""
    return await _shown(request, Typed())


async def _shown(request: Request, typed: Typed) -> Response:
    desk = desk_of(request)
    page = await browse.note(desk.database, key_of(request), note_of(request))
    return show(
        request,
        "commons_note.html",
        200 if typed.held is None else 409,
        found=page,
        held=typed.held,
        suggested=typed.text,
        versions=await _versions(page),
        title=(page.versions[0].title if page.versions else "") or "Untitled",
        own=page.author == own_key(desk),
        joined=desk.joined is not None,
        juror=desk.joined is not None and moderation.is_juror(desk.joined.building),
        quorum=desk.joined.building.jury().quorum if desk.joined else 0,
        votes=typed.votes,
        reason=typed.reason,
        judged=typed.record,
        me=own_key(desk),
        who=names(desk),
        where=where,
        address=address,
        once=idempotency.token,
    )


async def _versions(
    page: browse.Page,
) -> list[tuple[note_versions.NoteVersion, Markup, list[tuple[str, list[Markup]]]]]:
    """Return each version with its text and its properties laid out."""
    rows = []
    for version, text in zip(page.versions, await all_linked(page.versions), strict=True):
        properties = []
        for name, values in version.properties:
            properties.append((name, list(map(line, values))))
        rows.append((version, text, properties))
    return rows


async def suggest(request: Request) -> Response:
    """POST …/suggest: fields record (the version it is about), text, and allowed: digests of what the person was shown and lets
    leave. What seems to give something away is asked about first."""
    desk, fields = desk_of(request), await form(request)
    record, text = fields.get("record", ""), _text(fields)
    try:
        await _building(desk).suggest(record, text, frozenset(fields.get("allowed", "").split()))
    except HeldError as held:
        return await _shown(request, Typed(record, held, text))
    return back_to(_place(request), "suggested")


async def accept(request: Request) -> Response:
    """POST …/accept: fields record (the suggestion) and text, as it shall stand."""
    desk, fields = desk_of(request), await form(request)
    saved = await _building(desk).accept(fields.get("record", ""), _text(fields))
    return back_to(f"/notes/{saved.id}", "accepted")


async def fork(request: Request) -> Response:
    """POST …/fork: field record. The copy is private at first."""
    desk, fields = desk_of(request), await form(request)
    once = fields.get("once", "")
    async with idempotency.making(desk.vault):
        saved = await idempotency.made(desk.vault, once)
        if saved is None:
            saved = await _building(desk).fork(fields.get("record", ""), idempotency.meant(once))
    return back_to(f"/notes/{saved.id}", "forked")


async def join(request: Request) -> Response:
    """POST …/join: the own note's next version follows all that stand side by side."""
    desk = desk_of(request)
    await _building(desk).join(note_of(request))
    return back_to(_place(request), "will-join")


async def take_back(request: Request) -> Response:
    """POST …/take-back: every own version of the note, or, with the field record, one suggestion."""
    desk, fields = desk_of(request), await form(request)
    building = _building(desk)
    if record := fields.get("record", ""):
        await building.take_back_one(record)
        return back_to(_place(request), "taken-back-there")
    if key_of(request) != own_key(desk):
        raise RefusedError("only its author can take a note back")
    await building.take_back(note_of(request))
    return back_to(_place(request), "taken-back-there")


async def vote(request: Request) -> Response:
    """POST …/judge: a juror's vote. Fields record, reason, and votes, what other jurors gave them, one a line."""
    desk, fields = desk_of(request), await form(request)
    building, record, reason = _building(desk), fields.get("record", ""), fields.get("reason", "").strip()
    others = filter(None, map(str.strip, fields.get("votes", "").splitlines()))
    votes = await moderation.vote(building, record, reason, list(others))
    if len(votes) >= building.jury().quorum:
        return back_to(_place(request), "verdict")
    return await _shown(request, Typed(record, votes=votes, reason=reason))


def _building(desk: Desk) -> BuildOn:
    desk.check_not_paused()
    return desk.community().building


def _place(request: Request) -> str:
    return where(key_of(request), note_of(request))


def _text(fields: dict[str, str]) -> str:
    text = fields.get("text", "").replace("\r\n", "\n")
    if len(text.encode()) > MAX_BODY_BYTES:
        raise TypedError(f"a note has at most {MAX_BODY_BYTES // 1024} KiB", "Shorten it")
    return text
