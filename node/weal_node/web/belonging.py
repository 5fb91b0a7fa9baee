"""One's part in a community: join it knowing the terms, choose what one gives to its aggregation, leave."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import consent, review
from weal_node.errors import TypedError
from weal_node.federation import membership, spending, tiers
from weal_node.web.page import back_to, desk_of, form, forms, show
from weal_node.web.privacy import compared, counted_since

MOST_LISTED = 500  # notes to tick on the page of joining; a form has at most 1,000 fields


async def read_terms(request: Request) -> Response:
    """POST /community/terms: invite. Shows what joining gives away, which notes would leave, and asks."""
    desk, text = desk_of(request), (await form(request)).get("invite", "")
    asked = await consent.gather(desk.database, desk.vault)
    return show(
        request,
        "join.html",
        invite=text,
        lines=tiers.will_leave(text, desk.settings, asked),
        offers=await asyncio.to_thread(tiers.offers, desk.settings, rounds_of=tiers.rounds_of(text)),
        chosen=tiers.SUGGESTED,
        asked=asked,
        listed=asked.queued[:MOST_LISTED],
        delay=tiers.delay(desk.settings),
        copies=review.COPIES if await review.first_ever(desk.database) else "",
    )


async def join(request: Request) -> Response:
    """POST /community/join: invite, tier, note (several: ids of notes that may leave), let (ticked; without it all notes stay here)."""
    fields = await forms(request)
    ticked = frozenset(fields.get("note", [])) if fields.get("let", [""])[-1] == "ticked" else frozenset[str]()
    wish = membership.JoinRequest(fields.get("invite", [""])[-1], fields.get("tier", [""])[-1], ticked)
    await desk_of(request).join(wish)
    return back_to("/notes/leaving" if ticked else "/community", "joined")


async def see(request: Request) -> Response:
    """GET /community/part: every tier with its price, what was spent, whether the community knows; and the way out."""
    desk = desk_of(request)
    joined = desk.community()
    spent = await spending.look(desk.database)
    items = sum(state.kind in ("statement", "proposal") for state in desk.mind.items())
    mine = next((member for member in joined.community.members() if member.agent_key.hex() == joined.own_key), None)
    return show(
        request,
        "part.html",
        offers=await asyncio.to_thread(
            tiers.offers, desk.settings, items or tiers.USUAL_ITEMS, joined.community.membership.rounds
        ),
        chosen=spent.tier,
        told=mine is not None and mine.tier == spent.tier,
        compared=(found := await compared(desk)),
        later=await counted_since(desk, found),
        answered=spent.rounds,
        settings=desk.settings,
        central=spent.central,
        label=spent.answer,
        local=spent.local,
    )


async def choose(request: Request) -> Response:
    """POST /community/part: tier. It holds at once; the community hears of it as soon as it can be reached."""
    desk = desk_of(request)
    await membership.choose(desk.database, (await form(request)).get("tier", ""), desk.now_ms())
    return back_to("/community/part", "chosen")


async def leave(request: Request) -> Response:
    """POST /community/leave: sure."""
    if (await form(request)).get("sure") != "yes":
        raise TypedError("leaving needs a tick that you are sure", "Go back, tick the box, and press again")
    await desk_of(request).leave()
    return back_to("/community", "left")
