"""What the person does to their own model: every act a form, each answered by the page it was made on."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import wording
from weal_node.mind.reading import AMOUNTS, Strength
from weal_node.reward.head import both_ways
from weal_node.web.items import texts_of
from weal_node.web.page import back_to, desk_of, form, paged, show
from weal_protocol.errors import WealError

PAGE = 25  # answers a page
MUCH = {  # how much somebody wants something, in words, and what a sentence then claims, log-odds
    "Rather not": -AMOUNTS[Strength.PLAIN],
    "Neither": 0.0,
    "A little": AMOUNTS[Strength.LITTLE],
    "Clearly": AMOUNTS[Strength.PLAIN],
    "Very much": AMOUNTS[Strength.MUCH],
}
SAID = {
    "changed": "Changed. Everything your agent believes has been worked out anew.",
    "taken-back": "Taken back. It is as if it had never been said.",
    "forgotten": "Forgotten. Your agent has learnt everything anew without it.",
}


async def act(request: Request) -> Response:
    """POST /mirror/{act}: fields concept, value, much, text, direction or id, as the act needs them."""
    desk = desk_of(request)
    await desk.minded()
    fields, edits = await form(request), desk.control
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "pin": lambda: edits.pin(fields.get("concept", "")),
        "edit": lambda: edits.edit(fields.get("concept", ""), _number(fields.get("value", ""))),
        "claim": lambda: edits.claim(fields.get("concept", ""), _claimed(fields.get("much", ""))),
        "not-so": lambda: edits.claim(fields.get("concept", ""), 0.0),
        "ignore": lambda: edits.ignore(fields.get("concept", "")),
        "forbid": lambda: edits.forbid(fields.get("concept", "")),
        "name": lambda: edits.name(fields.get("concept", ""), fields.get("text", "")),
        "phrase": lambda: edits.phrase(fields.get("text", "")),
        "principle": lambda: edits.principle(fields.get("text", ""), -1 if fields.get("direction") == "less" else 1),
        "veto": lambda: edits.veto(fields.get("text", "")),
        "undo": lambda: edits.undo(fields.get("id", "")),
    }
    chosen = acts.get(request.path_params["act"])
    if chosen is None:
        raise WealError("there is no such act", "Load Mirror again")
    await chosen()
    back = "/teach" if fields.get("back") == "teach" else "/mirror"
    return back_to(back, "taken-back" if request.path_params["act"] == "undo" else "changed")


async def forget(request: Request) -> Response:
    """POST /answers/{id}/forget: forget one answer, exactly."""
    desk = desk_of(request)
    await desk.minded()
    fields = await form(request)
    await desk.control.forget(request.path_params["id"])
    item = fields.get("item", "")
    return back_to(f"/items/{item}" if item in texts_of(desk.mind) else "/answers", "forgotten")


async def dismiss(request: Request) -> Response:
    """POST /teach/later: no principle now; nothing is asked for again until the node starts anew."""
    desk_of(request).principle_dismissed = True
    return back_to("/teach")


async def answers(request: Request) -> Response:
    """GET /answers: every answer the model learns from, newest first, each with a way to forget it; ?both=1: those to pairs that were
    answered both ways, pair by pair."""
    desk = desk_of(request)
    mind = await desk.minded()
    fitted, texts = mind.fitted(), texts_of(mind)
    every = sorted(fitted.answers, key=lambda answer: (-answer.at_ms, answer.id))
    contradicted, both = both_ways(every), request.query_params.get("both") == "1"
    if both:
        every = [answer for answer in every if frozenset((answer.item, answer.other)) in contradicted]
        every.sort(key=lambda answer: sorted((answer.item, answer.other)))
    page, last = paged(request, len(every), PAGE)
    shown = every[(page - 1) * PAGE : page * PAGE]
    return show(
        request,
        "answers.html",
        answers=[(answer, wording.answer(answer, texts)) for answer in shown],
        page=page,
        last=last,
        total=len(fitted.answers),
        gone=fitted.gone,
        both_ways=len(contradicted),
        both=both,
    )


def _claimed(words: str) -> float:
    """Return the amount, in log-odds, that one of the words of MUCH means."""
    if words not in MUCH:
        raise WealError("that is none of the words", "Load the page again")
    return MUCH[words]


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise WealError(f"{text[:20]!r} is not a number", "Give a weight in log-odds, such as 1.5 or -0.8") from None
