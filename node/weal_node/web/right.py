"""Right: how often the agent guessed what its person would say, and whether it was as sure as it should be."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind.track_record import track_record
from weal_node.web import past
from weal_node.web.page import desk_of, show


async def see(request: Request) -> Response:
    """GET /mirror/right: guesses on questions that chance chose, ten by ten; and what came of what was suggested."""
    desk = desk_of(request)
    mind = await desk.minded()
    record = await track_record(desk.database, mind.fitted(), mind.language)
    return show(
        request,
        "right.html",
        right=sum(guess.right for _, guess in record.audits),
        asked=len(record.audits),
        history=past.history(record.audits),
        glad=record.glad,
        suggested=record.answered,
        discovered=record.new,
        shown=record.shown,
        skipped=record.skipped,
    )
