"""The commons on pages: topics with everyone's notes side by side, whose notes are mirrored, and one person's."""

import asyncio
from collections.abc import Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import browse, note_versions
from weal_node.commons import people as mirrored
from weal_node.errors import NotFoundError, TypedError
from weal_node.vault import topics
from weal_node.web.authors import is_key, key_of, names, own_key, where
from weal_node.web.markup.wikilinks import address, linked
from weal_node.web.page import back_to, desk_of, form, show

PERSON = 200  # notes of a person on their page
NEWEST = 40
SAID = {
    "followed": "Followed. Their notes come in soon, and stay when they are offline.",
    "unfollowed": "No longer followed. What was mirrored stays.",
}


async def topic(request: Request) -> Response:
    """GET /topics/{topic}: everyone's note of this name, and who links to it."""
    desk = desk_of(request)
    asked = topics.key(request.path_params["topic"])
    if not asked:
        raise NotFoundError("a topic needs a name", "Write one into the field")
    page = await browse.topic(desk.database, desk.vault, asked, own_key(desk))
    sides = list(zip(page.sides, await all_linked(page.sides), strict=True))
    return show(request, "topic.html", found=page, sides=sides, who=names(desk), where=where)


async def find(request: Request) -> Response:
    """GET /topics?name=: the page of a topic by its name."""
    asked = topics.key(request.query_params.get("name", "")[:400])
    return back_to(address(asked) if asked else "/people")


async def people(request: Request) -> Response:
    """GET /people: whose notes are mirrored, and the newest of them."""
    desk = desk_of(request)
    everybody, own = await mirrored.people(desk.database, NEWEST), own_key(desk)
    members = desk.joined.community.members() if desk.joined else []
    known = [*everybody.followed, *(member.agent_key.hex() for member in members), *everybody.counts]
    keys = dict.fromkeys(known)
    keys.pop(own, None)
    return show(
        request,
        "people.html",
        everyone=everybody.everyone,
        rows=[(key, everybody.counts.get(key, 0), key in everybody.followed) for key in keys],
        newest=[entry for entry in everybody.newest if entry.author != own],
        reasons=everybody.refused,
        who=names(desk),
        where=where,
    )


async def person(request: Request) -> Response:
    """GET /people/{key}: one person's mirrored notes."""
    desk, key = desk_of(request), key_of(request)
    author = await mirrored.person(desk.database, key, PERSON)
    return show(
        request,
        "person.html",
        key=key,
        own=key == own_key(desk),
        notes=author.notes,
        everyone=author.everyone,
        following=author.followed,
        who=names(desk),
        where=where,
    )


async def follow(request: Request) -> Response:
    """POST /people/{key}/follow: field following is 1 or 0; the key "community" means everyone."""
    desk = desk_of(request)
    key = request.path_params["key"]
    if key != mirrored.EVERYONE and not is_key(key):
        raise NotFoundError("there is no such person")
    wanted = (await form(request)).get("following", "")
    if wanted not in ("0", "1"):
        raise TypedError("to follow, or no longer?", "Load the page again")
    desk.community()
    await mirrored.follow(desk.database, key, wanted == "1", desk.now_ms())
    page = "/people" if key == mirrored.EVERYONE else f"/people/{key}"
    return back_to(page, "followed" if wanted == "1" else "unfollowed")


async def all_linked(shown: Sequence[browse.Side | note_versions.NoteVersion]) -> list[Markup]:
    """Lay out others' texts, in a thread: they may be long."""
    return await asyncio.to_thread(lambda: [linked(text.text) for text in shown])
