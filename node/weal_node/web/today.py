"""Today: at most three cards that the agent is sure enough of, and in plain words why there is none."""

import asyncio
import uuid

from starlette.requests import Request
from starlette.responses import Response

from weal_node.commons import idempotency
from weal_node.config import set_quiet_hours
from weal_node.mind.answers import find_item, give
from weal_node.mind.mind import Mind
from weal_node.mind.questions import Question
from weal_node.records import Answer, Choice, Item
from weal_node.search.addresses import at
from weal_node.today import novelty
from weal_node.today.cards import dots
from weal_node.today.interruption import FEWEST_LABELS, QUIET_HOURS, hours
from weal_node.today.today import put_off, today
from weal_node.vault.compose import unsaid
from weal_node.web.departure import terms
from weal_node.web.desk import Desk
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

SAID = {
    "later": "Put off for today. That is no answer.",
    "thought": "Noted. It counts for how often your agent finds something new to you.",
    "quiet": "Set. It holds from now on, after a restart too.",
}


async def see(request: Request) -> Response:
    """GET /today: the cards, the deals that wait for the person, why nothing is said and what would help, and what was held back (?peek=1 shows it)."""
    desk = desk_of(request)
    mind = await desk.minded()
    shown = await today(desk.database, mind, desk.now_ms(), desk.quiet)
    deals = await desk.joined.bargaining.deals() if desk.joined else ()
    return show(
        request,
        "today.html",
        shown=shown,
        place=lambda citation: at(citation.kind, citation.author, citation.note, citation.path),
        dots=dots,
        fewest=FEWEST_LABELS,
        quiet_hours=QUIET_HOURS,
        teach=teach(shown.question),
        everything_vetoed=bool(shown.vetoed) and not shown.cards and not shown.held_back,
        accepted=await accepted(desk, mind, request.query_params.get("accepted", "")),
        quiet=desk.settings.quiet_hours,
        quiet_from=clock(desk.quiet.start) if desk.settings.quiet_hours else "",
        quiet_until=clock(desk.quiet.end) if desk.settings.quiet_hours else "",
        peek=request.query_params.get("peek") == "1",
        waiting=[deal for deal in deals if deal.next.on_today],
        quick=desk.vault.rules.nearest("x") or unsaid(desk.joined is None),
        once=idempotency.token(),
        **await terms(desk),
    )


async def answer(request: Request) -> Response:
    """POST /today/{id}/answer: field choice is accept, reject or later; `later` is no answer."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    item = find_item(mind.items(), request.path_params["id"])
    choice = fields.get("choice", "")
    if choice == "later":
        await put_off(desk.database, item.id, desk.now_ms())
        return back_to("/today", "later")
    if choice not in ("accept", "reject"):
        raise WealError("that is neither accept, reject nor later", "Load the page again")
    given = Answer(uuid.uuid4().hex, desk.now_ms(), item.id, "", Choice(choice), "today")
    await give(desk.database, mind, given, desk.settings.label_wait_s)
    return back_to(f"/today?accepted={item.id}" if choice == "accept" else "/today", "judged")


async def accepted(desk: Desk, mind: Mind, item_id: str) -> Item | None:
    """Return what the person has just accepted, where it is not known yet whether they had thought of it."""
    if not item_id or not await novelty.may_be_new(desk.database, item_id):
        return None
    return next((item for item in mind.items() if item.id == item_id), None)


async def thought(request: Request) -> Response:
    """POST /today/{id}/thought: field thought is yes or no: had the person thought of what they accepted? No answer."""
    desk, fields, item = desk_of(request), await form(request), request.path_params["id"]
    had = {"yes": True, "no": False}.get(fields.get("thought", ""))
    if had is None:
        raise WealError("that is neither yes nor no", "Load the page again")
    await novelty.had_thought(desk.database, item, had)
    return back_to(f"/items/{item}" if fields.get("back") == "item" else "/today", "thought")


async def quiet(request: Request) -> Response:
    """POST /today/quiet: fields from and until, such as 22:00 and 07:00; both empty, or act none, for no quiet hours."""
    desk, fields = desk_of(request), await form(request)
    ends = (
        ("", "") if fields.get("act") == "none" else (fields.get("from", "").strip(), fields.get("until", "").strip())
    )
    wished = hours("-".join(ends) if any(ends) else "")
    text = f"{clock(wished.start)}-{clock(wished.end)}" if wished.start != wished.end else ""
    desk.settings = await asyncio.to_thread(set_quiet_hours, desk.home, desk.settings, text)
    desk.quiet = hours(text)
    return back_to("/today", "quiet")


def teach(question: Question | None) -> str:
    """Return the address at which this is asked; without a question, whatever Teach asks next."""
    if question is None or question.other is None:
        return "/teach"
    return f"/teach?first={question.first.id}&other={question.other.id}"


def clock(minute: int) -> str:
    """Return a minute of the day as "22:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"
