"""Teach: the person answers, the agent guesses and learns. The only page that asks."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import questions
from weal_node.mind.answers import gesture, give
from weal_node.mind.helpful import named
from weal_node.mind.knowledge import known, ruled_out
from weal_node.records import Answer, Choice
from weal_node.reward import acquisition
from weal_node.reward.principles import soft
from weal_node.today.interruption import FEWEST_LABELS
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

SAID = {
    "guessed": "I had guessed that.",
    "missed": "I had guessed the other way. Thank you: that teaches me most.",
    "skipped": "Skipped. That is no answer: I learn nothing from it, and ask something else while there is anything else.",
}
CHOICES = {"pair": (Choice.FIRST, Choice.SECOND), "single": (Choice.ACCEPT, Choice.REJECT)}


async def see(request: Request) -> Response:
    """GET /teach: one question, and what the agent knows so far. ?first=ID&other=ID asks about these two, where they were not compared yet."""
    desk = desk_of(request)
    mind = await desk.minded()
    now = desk.now_ms()
    return show(
        request,
        "teach.html",
        question=named(mind.fitted(), request.query_params.get("first", ""), request.query_params.get("other", ""))
        or await questions.ask(desk.database, mind, desk.rng, now),
        gesture=gesture(""),
        answer_count=mind.answer_count,
        sitting=await questions.sitting(desk.database, now),
        ruled_out=ruled_out(mind),
        known=known(mind),
        fewest=FEWEST_LABELS,
        principle=acquisition.ask_principle(mind.answer_count, len(soft(mind.edits())), desk.principle_dismissed),
    )


async def answer(request: Request) -> Response:
    """POST /teach/answer: fields kind, item, other, choice and, against double taps, gesture."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    kind, choice = fields.get("kind", ""), fields.get("choice", "")
    item, other = fields.get("item", ""), fields.get("other", "") if kind == "pair" else ""
    if choice == "skip":
        await questions.skip(desk.database, mind, item, other, desk.now_ms())
        return back_to("/teach", "skipped")
    if kind not in CHOICES or choice not in CHOICES[kind]:
        raise WealError("that is not an answer to a question", "Load Teach again")
    given = Answer(
        id=gesture(fields.get("gesture", "")),
        at_ms=desk.now_ms(),
        item=item,
        other=other,
        choice=Choice(choice),
        source="teach",
    )
    guess = await give(desk.database, mind, given, desk.settings.label_wait_s)
    return back_to("/teach", "guessed" if guess.right else "missed")
