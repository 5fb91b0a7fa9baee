"""The commons on pages: topics with everyone's notes side by side, a person's notes, one note, and what one may do with it."""

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import browse, idempotency, moderation, note_versions
from weal_node.commons.contributions import BuildOn
from weal_node.errors import HeldError, NotFoundError, RefusedError, TypedError
from weal_node.store import follows, refused, topic_index
from weal_node.vault import topics
from weal_node.web.desk import Desk
from weal_node.web.markup.wikilinks import address, line, linked
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.record import MAX_BODY_BYTES

PERSON = 200  # notes of a person on their page
NEWEST = 40
_KEY, _ID = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")


async def topic(request: Request) -> Response:
    """GET /topics/{topic}: everyone's note of this name, and who links to it."""
    desk = desk_of(request)
    asked = topics.key(request.path_params["topic"])
    if not asked:
        raise NotFoundError("a topic needs a name", "Write one into the field")
    found = await browse.topic(desk.database, desk.vault, asked, _own(desk))
    sides = list(zip(found.sides, await _all_linked(found.sides), strict=True))
    return show(request, "topic.html", found=found, sides=sides, who=_names(desk), where=_where)


async def find(request: Request) -> Response:
    """GET /topics?name=: the page of a topic by its name."""
    asked = topics.key(request.query_params.get("name", "")[:400])
    return back_to(address(asked) if asked else "/people")


async def people(request: Request) -> Response:
    """GET /people: whose notes are mirrored, and the newest of them."""
    desk = desk_of(request)
    everyone, followed, counts, newest, reasons = await desk.database.read(
        lambda c: (
            follows.everyone(c),
            follows.people(c),
            topic_index.per_author(c),
            topic_index.newest(c, NEWEST),
            refused.reasons(c),
        )
    )
    own = _own(desk)
    members = desk.joined.community.members() if desk.joined else []
    keys = dict.fromkeys([*followed, *(one.agent_key.hex() for one in members), *counts])
    rows = [(key, counts.get(key, 0), key in followed) for key in keys if key != own]
    return show(
        request,
        "people.html",
        everyone=everyone,
        rows=rows,
        newest=[one for one in newest if one.author != own],
        reasons=reasons,
        who=_names(desk),
        where=_where,
    )


async def person(request: Request) -> Response:
    """GET /people/{key}: one person's mirrored notes."""
    desk, key = desk_of(request), _key(request)
    notes = await browse.person(desk.database, key, PERSON)
    everyone, followed = await desk.database.read(lambda c: (follows.everyone(c), follows.people(c)))
    return show(
        request,
        "person.html",
        key=key,
        own=key == _own(desk),
        notes=notes,
        everyone=everyone,
        following=key in followed,
        who=_names(desk),
        where=_where,
    )


async def follow(request: Request) -> Response:
    """POST /people/{key}/follow: field following is 1 or 0; the key "community" means everyone."""
    desk = desk_of(request)
    key = request.path_params["key"]
    if key != follows.EVERYONE and not _KEY.fullmatch(key):
        raise NotFoundError("there is no such person")
    wanted = (await form(request)).get("following", "")
    if wanted not in ("0", "1"):
        raise TypedError("to follow, or no longer?", "Load the page again")
    desk.community()
    act = partial(follows.choose, who=key, following=wanted == "1", now_ms=desk.now_ms())
    await desk.database.write(act)
    return back_to(
        "/people" if key == follows.EVERYONE else f"/people/{key}", "followed" if wanted == "1" else "unfollowed"
    )


async def note(request: Request) -> Response:
    """GET /people/{key}/notes/{note}: one note of the commons, its versions, suggestions and backlinks."""
    desk, key = desk_of(request), _key(request)
    found = await browse.note(desk.database, key, _note(request))
    return await _shown(request, found)


async def _shown(
    request: Request,
    found: browse.Page,
    votes: tuple[str, ...] = (),
    reason: str = "",
    record: str = "",
    held: HeldError | None = None,
    text: str = "",
) -> Response:
    desk = desk_of(request)
    return show(
        request,
        "commons_note.html",
        200 if held is None else 409,
        found=found,
        held=held,
        suggested=text,
        versions=[
            (one, text, _properties(one))
            for one, text in zip(found.versions, await _all_linked(found.versions), strict=True)
        ],
        title=next((one.title for one in found.versions), "") or "Untitled",
        own=found.author == _own(desk),
        joined=desk.joined is not None,
        juror=desk.joined is not None and moderation.is_juror(desk.joined.building),
        quorum=desk.joined.building.jury.quorum if desk.joined else 0,
        votes=votes,
        reason=reason,
        judged=record,
        me=_own(desk),
        who=_names(desk),
        where=_where,
        address=address,
        once=idempotency.token,
    )


def _properties(one: note_versions.NoteVersion) -> list[tuple[str, list[Markup]]]:
    return [(name, [line(value) for value in values]) for name, values in one.properties]


async def suggest(request: Request) -> Response:
    """POST …/suggest: fields record (the version it is about), text, and allowed: digests of what the person was shown and lets
    leave. What seems to give something away is asked about first."""
    desk, fields = desk_of(request), await form(request)
    record, text = fields.get("record", ""), _text(fields)
    try:
        await _building(desk).suggest(record, text, frozenset(fields.get("allowed", "").split()))
    except HeldError as held:
        page = await browse.note(desk.database, _key(request), _note(request))
        return await _shown(request, page, record=record, held=held, text=text)
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
    await _building(desk).join(_note(request))
    return back_to(_place(request), "will-join")


async def take_back(request: Request) -> Response:
    """POST …/take-back: every own version of the note, or, with the field record, one suggestion."""
    desk, fields = desk_of(request), await form(request)
    building = _building(desk)
    if record := fields.get("record", ""):
        await building.take_back_one(record)
        return back_to(_place(request), "taken-back-there")
    if _key(request) != _own(desk):
        raise RefusedError("only its author can take a note back")
    await building.take_back(_note(request))
    return back_to(_place(request), "taken-back-there")


async def judge(request: Request) -> Response:
    """POST …/judge: a juror's vote. Fields record, reason, and votes, what other jurors gave them, one a line."""
    desk, fields = desk_of(request), await form(request)
    building, record, reason = _building(desk), fields.get("record", ""), fields.get("reason", "").strip()
    others = [line.strip() for line in fields.get("votes", "").splitlines() if line.strip()]
    votes = await moderation.vote(building, record, reason, others)
    if len(votes) >= building.jury.quorum:
        return back_to(_place(request), "verdict")
    return await _shown(request, await browse.note(desk.database, _key(request), _note(request)), votes, reason, record)


def _building(desk: Desk) -> BuildOn:
    desk.check_not_paused()
    return desk.community().building


def _own(desk: Desk) -> str:
    return desk.joined.own_key if desk.joined else ""


def _names(desk: Desk) -> Callable[[str], str]:
    """Return what says who a key is; "" is this person."""
    own = _own(desk)

    def who(key: str) -> str:
        if key in ("", own):
            return "you"
        return desk.joined.community.name_of(bytes.fromhex(key)) if desk.joined else key[:8]

    return who


def _where(author: str, note_id: str) -> str:
    return f"/people/{author}/notes/{note_id}" if author else f"/notes/{note_id}"


def _place(request: Request) -> str:
    return _where(_key(request), _note(request))


def _key(request: Request) -> str:
    key = str(request.path_params["key"])
    if not _KEY.fullmatch(key):
        raise NotFoundError("there is no such person")
    return key


def _note(request: Request) -> str:
    found = str(request.path_params["note"])
    if not _ID.fullmatch(found):
        raise NotFoundError("there is no such note")
    return found


def _text(fields: dict[str, str]) -> str:
    text = fields.get("text", "").replace("\r\n", "\n")
    if len(text.encode()) > MAX_BODY_BYTES:
        raise TypedError(f"a note has at most {MAX_BODY_BYTES // 1024} KiB", "Shorten it")
    return text


async def _all_linked(shown: Sequence[browse.Side | note_versions.NoteVersion]) -> list[Markup]:
    """Lay out others' texts, in a thread: they may be long."""
    return await asyncio.to_thread(lambda: [linked(one.text) for one in shown])
