"""Today: at most three cards that the agent is sure enough of; empty is success."""

import uuid

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from weal_node.loop.propose import put_off, today
from weal_node.records import Choice, Label, Visibility
from weal_node.web.items import state_of
from weal_node.web.notes import terms
from weal_node.web.page import back_to, desk_of, form, show
from weal_node.web.search import at
from weal_node.web.teach import learn
from weal_protocol.errors import WealError


async def home(request: Request) -> Response:
    """GET /: Today is the first page."""
    return RedirectResponse("/today", status_code=303)


async def see(request: Request) -> Response:
    """GET /today: the cards, the deals that wait for the person, and what was held back (?peek=1 shows it)."""
    desk = desk_of(request)
    mind = await desk.minded()
    found = await today(desk.database, mind, desk.now_ms(), desk.quiet)
    deals = await desk.joined.bargaining.deals() if desk.joined else ()
    return show(
        request,
        "today.html",
        cards=found.cards,
        place=lambda one: at(one.kind, one.author, one.note, one.path),
        held=found.held_back,
        held_back=len(found.held_back),
        silent=found.silent,
        vetoed=found.vetoed,
        everything_vetoed=bool(found.vetoed) and not found.cards and not found.held_back,
        peek=request.query_params.get("peek") == "1",
        waiting=[deal for deal in deals if deal.can & {"enter", "rank", "ratify", "rate"}],
        labels=mind.labels,
        quick=desk.vault.rules.nearest("x") or Visibility.PUBLIC,
        **await terms(desk),
    )


async def answer(request: Request) -> Response:
    """POST /today/{id}/answer: field choice is accept, reject or later; `later` is no label."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    state = state_of(mind, request.path_params["id"])
    choice = fields.get("choice", "")
    if choice == "later":
        await put_off(desk.database, state.id, desk.now_ms())
        return back_to("/today", "later")
    if choice not in ("accept", "reject"):
        raise WealError("that is neither accept, reject nor later", "Load the page again")
    await learn(desk, mind, Label(uuid.uuid4().hex, desk.now_ms(), state.id, "", Choice(choice), "today"))
    return back_to("/today", "judged")
