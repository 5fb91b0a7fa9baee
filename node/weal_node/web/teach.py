"""Teach: the person answers, the agent guesses and learns. The only page that asks."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import questions
from weal_node.mind.answers import gesture, give
from weal_node.mind.knowledge import known, ruled_out, understood
from weal_node.records import Answer, Choice
from weal_node.reward import acquisition
from weal_node.reward.principles import soft
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

SAID = {
    "guessed": "I had guessed that.",
    "missed": "I had guessed the other way. Thank you: that teaches me most.",
    "counted": "Counted, as you wrote it. Mirror shows it among your answers, where you can take it back.",
    "refused": "I will not ask that again. It is no answer.",
    "skipped": "Skipped. That is no answer: I learn nothing from it, and ask something else while there is anything else.",
}
CHOICES = {"pair": (Choice.FIRST, Choice.SECOND), "single": (Choice.ACCEPT, Choice.REJECT)}


async def see(request: Request) -> Response:
    """GET /teach: one question, and what the agent knows so far."""
    desk = desk_of(request)
    mind = await desk.minded()
    now = desk.now_ms()
    return show(
        request,
        "teach.html",
        question=await questions.ask(desk.database, mind, desk.rng, now),
        gesture=gesture(""),
        answer_count=mind.answer_count,
        sitting=await questions.sitting(desk.database, now),
        ruled_out=ruled_out(mind),
        known=known(mind),
        understood=understood(mind),
        principle=acquisition.ask_principle(mind.answer_count, len(soft(mind.edits())), desk.principle_dismissed),
    )


async def answer(request: Request) -> Response:
    """POST /teach/answer: fields kind ("pair", "single" or "confirm"), item, other, choice and, against double taps, gesture."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    kind, choice = fields.get("kind", ""), fields.get("choice", "")
    item, other = fields.get("item", ""), fields.get("other", "") if kind == "pair" else ""
    if choice == "skip":
        await questions.skip(desk.database, mind, item, other, desk.now_ms())
        return back_to("/teach", "skipped")
    if choice == "refuse":
        await questions.refuse(desk.database, mind, item, other, desk.now_ms())
        return back_to("/teach", "refused")
    confirming = kind == "confirm" and choice == "accept"
    if confirming:  # what they wrote decides which way it counts, not what a form says
        liked = await questions.confirmed(desk.database, item)
        kind, choice = "single", Choice.ACCEPT if liked > 0 else Choice.REJECT
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
    return back_to("/teach", "counted" if confirming else "guessed" if guess.right else "missed")
