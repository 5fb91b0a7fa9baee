"""Community: who is in it, what it judges, which deals stand."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.store import aside, releases
from weal_node.web.page import desk_of, show

FIRST_MEMBERS = 20  # shown at once; the rest unfolds


async def see(request: Request) -> Response:
    """GET /community: members, items, deals; or how to join."""
    desk = desk_of(request)
    joined = desk.joined
    entries = await desk.database.read(releases.history)
    return show(
        request,
        "community.html",
        joined=joined is not None,
        members=joined.community.members() if joined else [],
        first=FIRST_MEMBERS,
        own=joined.own_key if joined else "",
        coordinator=joined.community.coordinator.hex() if joined else "",
        deals=await joined.bargaining.deals() if joined else (),
        invitable=joined.invitable() if joined else [],
        items=sum(state.kind in ("statement", "proposal") for state in desk.mind.items()),
        release=desk.mind.release,
        last=entries[-1] if entries else None,
        forked=bool(releases.forks(entries)),
        expelled=joined.community.expelled() if joined else (),
        aside=await desk.database.read(aside.every) if joined else (),
    )
