"""Teach: the person answers, the agent guesses and learns. The only page that asks."""

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import questions
from weal_node.mind.answers import gesture, give
from weal_node.mind.helpful import named
from weal_node.mind.knowledge import ruled_out
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice
from weal_node.reward import acquisition
from weal_node.reward.principles import soft
from weal_node.today.interruption import FEWEST_LABELS
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

SAID = {
    "guessed": "I had guessed that.",
    "missed": "I had guessed the other way. Thank you: that teaches me most.",
    "counted": "Counted, as you wrote it. Mirror shows it among your answers, where you can take it back.",
    "refused": "I will not ask that again. It is no answer.",
    "unsaid": "Taken back. It is as if you had never said it.",
    "skipped": "Skipped. That is no answer: I learn nothing from it, and ask something else while there is anything else.",
}
CHOICES = {"pair": (Choice.FIRST, Choice.SECOND), "single": (Choice.ACCEPT, Choice.REJECT)}


async def see(request: Request) -> Response:
    """GET /teach: one question, and what the agent knows so far. ?first=ID&other=ID asks about these two, where they were not compared yet."""
    desk = desk_of(request)
    mind = await desk.minded()
    now = desk.now_ms()
    again = _again(mind, request.query_params.get("again", ""))
    return show(
        request,
        "teach.html",
        question=again
        or named(mind.fitted(), request.query_params.get("first", ""), request.query_params.get("other", ""))
        or await questions.ask(desk.database, mind, desk.rng, now),
        just=_just(mind, request.query_params.get("just", "")),
        gesture=gesture(""),
        answer_count=mind.answer_count,
        sitting=await questions.sitting(desk.database, now),
        ruled_out=ruled_out(mind),
        fewest=FEWEST_LABELS,
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
    return back_to(f"/teach?just={given.id}", "counted" if confirming else "guessed" if guess.right else "missed")


async def undo(request: Request) -> Response:
    """POST /teach/undo: field answer: take back what was just answered, as if it had never been said, and ask the same again."""
    desk = desk_of(request)
    mind, answer_id = await desk.minded(), (await form(request)).get("answer", "")
    just = _just(mind, answer_id)
    await desk.control.forget(answer_id)
    return back_to(f"/teach?again={just[0].item}.{just[0].other}" if just else "/teach", "unsaid")


def _just(mind: Mind, answer_id: str) -> tuple[Answer, str] | None:
    """Return an answer that the agent has learnt from, with what it said in words; None where there is none of this id."""
    for given in mind.fitted().answers:
        if given.id == answer_id:
            return given, _in_words(mind, given)
    return None


def _in_words(mind: Mind, given: Answer) -> str:
    texts = {item.id: item.text for item in mind.items() if item.id in (given.item, given.other)}
    if not given.other:
        word = {Choice.ACCEPT: "Yes", Choice.REJECT: "No"}.get(given.choice, f"{given.choice} of 5")
        return f"{word}: {texts.get(given.item, '')}"
    chosen = given.item if given.choice == Choice.FIRST else given.other
    return texts.get(chosen, "")


def _again(mind: Mind, ids: str) -> questions.Question | None:
    """Return the question about these items once more; None where one is not known any more. ids: the first, ".", the other or nothing."""
    first, _, second = ids.partition(".")
    known = {item.id: item for item in mind.items() if item.id in (first, second)}
    if first not in known or (second and second not in known) or first == second:
        return None
    return questions.Question("pair" if second else "single", known[first], known.get(second), "again")
