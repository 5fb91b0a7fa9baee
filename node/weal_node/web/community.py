"""Community: who is in it, what it judges, what it learnt together."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons.set_aside import set_aside
from weal_node.errors import RefusedError
from weal_node.federation import charter
from weal_node.federation.release_summary import release_summary
from weal_node.web.page import back_to, desk_of, form, show

SAID = {"agreed": "Agreed. Rounds are answered again."}
MOST_DIGITS = 9  # of a charter's number
FIRST_MEMBERS = 20  # shown at once; the rest unfolds


async def see(request: Request) -> Response:
    """GET /community: members, items; or how to join."""
    desk = desk_of(request)
    joined = desk.joined
    released = await release_summary(desk.database)
    return show(
        request,
        "community.html",
        joined=joined is not None,
        members=joined.community.members() if joined else [],
        first=FIRST_MEMBERS,
        own=joined.own_key if joined else "",
        coordinator=joined.community.coordinator.hex() if joined else "",
        items=sum(item.kind in ("statement", "proposal") for item in desk.mind.items()),
        release=desk.mind.release,
        last=released.newest,
        forked=released.forked,
        expelled=joined.community.expelled() if joined else (),
        charter=await charter.look(desk.database, joined.community.membership, desk.settings) if joined else None,
        aside=await set_aside(desk.database) if joined else (),
    )


async def agree(request: Request) -> Response:
    """POST /community/charter: number, of the charter that was shown. Agrees to what rounds cost by it."""
    desk, number = desk_of(request), (await form(request)).get("number", "")
    if not number.isdecimal() or len(number) > MOST_DIGITS:
        raise RefusedError("the charter is another than the one you were shown", "Look at it again, then agree")
    await charter.agree(desk.database, desk.community().community.membership, int(number), desk.now_ms())
    return back_to("/community", "agreed")
