"""One item: its score split into its exact parts, and the person's judgement of it."""

import uuid
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import explanations
from weal_node.mind.answers import find_item, give
from weal_node.records import Answer, Choice
from weal_node.reward.head import GRADES, YES, worth
from weal_node.store import gate
from weal_node.today import today
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

PAGE = 25  # items a page
CHOICES = frozenset({Choice.ACCEPT, Choice.REJECT, *GRADES})
EXPLAINED = 3  # answers of which the page says what the score would be without them: each is learnt anew for that


async def see(request: Request) -> Response:
    """GET /items/{id}: what the agent expects, and every summand of its score."""
    desk = desk_of(request)
    mind = await desk.minded()
    state = find_item(mind.items(), request.path_params["id"])
    fitted = mind.fitted()
    parts, titles = sorted(mind.parts(state.id), key=lambda part: -abs(part.amount)), explanations.titles(fitted)
    added = explanations.by_answer(fitted, state.id)
    texts = {one.id: one.text for one in mind.items()}
    first = [
        (
            answer,
            texts.get(answer.item, ""),
            texts.get(answer.other, ""),
            amount,
            await explanations.without(fitted, answer.id, state.id),
        )
        for answer, amount in added[:EXPLAINED]
    ]
    return show(
        request,
        "item.html",
        state=state,
        model=await today.model_of(desk.database, state.id),
        own=mind.predict(state.id),
        all=mind.predict_global(state.id),
        parts=[
            (part, explanations.briefly(fitted, state.id, part), titles.get(part.name, (part.name, ""))[0])
            for part in parts
        ],
        span=max((abs(part.amount) for part in parts), default=1.0),
        answers=first,
        others=sum(amount for _, amount in added[EXPLAINED:]),
        other_count=max(0, len(added) - EXPLAINED),
        before_answers=explanations.before_answers(fitted, state.id),
        vetoed=mind.vetoed(state),
        foreign=foreign(state.text),
        given=said(fitted.answers).get(state.id, ""),
        repeated=repeated([answer for answer in fitted.answers if answer.item == state.id and not answer.other]),
        may_be_new=await desk.database.read(lambda connection: gate.may_be_new(connection, state.id)),
    )


async def judge(request: Request) -> Response:
    """POST /items/{id}/judge: field choice is accept, reject, or a grade of five, 1 to 5."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    state = find_item(mind.items(), request.path_params["id"])
    if fields.get("choice") not in CHOICES:
        raise WealError("that is neither accept nor reject nor a grade from 1 to 5", "Load the page again")
    answer = Answer(uuid.uuid4().hex, desk.now_ms(), state.id, "", Choice(fields["choice"]), "community")
    await give(desk.database, mind, answer, desk.settings.label_wait_s)
    return back_to(_return_path(fields.get("back", ""), state.id), "judged")


def said(labels: Sequence[Answer]) -> dict[str, str]:
    """Return the last word on each state that was answered about alone, as a sentence. labels: oldest first."""
    plain = {Choice.ACCEPT: "You said yes.", Choice.REJECT: "You said no."}
    return {one.item: plain.get(one.choice, f"You said {one.choice} of 5.") for one in labels if not one.other}


def repeated(same: Sequence[Answer]) -> str:
    """Return how much answers to the same question count together, as a sentence; "" for one or none."""
    if len(same) < 2:
        return ""
    yes, even = sum(one.choice in YES for one in same), sum(GRADES.get(one.choice) == 3 for one in same)
    ways = {"yes": yes, "no": len(same) - yes - even, "neither": even}
    told = ", ".join(f"{word} {count} times" if count > 1 else f"{word} once" for word, count in ways.items() if count)
    return f"You said {told}; together that counts as {worth(len(same)):.1f} answers, not as {len(same)}."


def foreign(text: str) -> bool:
    """Return whether most letters are not of the alphabet that the encoder was taught on."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) > 3 and sum(letter.isascii() for letter in letters) < len(letters) / 2


def _return_path(given: str, item: str) -> str:
    """Only our own list may be named by the form; anything else leads to the item."""
    page = given.removeprefix("items:")
    return f"/community/items?page={page}" if given.startswith("items:") and page.isdecimal() else f"/items/{item}"


async def listing(request: Request) -> Response:
    """GET /community/items: the items of the commons, paged; ?q= searches their text."""
    desk = desk_of(request)
    mind = await desk.minded()
    query = request.query_params.get("q", "")[:200].strip()
    found = [
        state
        for state in mind.items()
        if state.kind in ("statement", "proposal") and query.casefold() in state.text.casefold()
    ]
    last = max(1, -(-len(found) // PAGE))
    asked = request.query_params.get("page", "1")
    page = min(max(1, int(asked) if asked.isdecimal() and len(asked) < 9 else 1), last)
    shown = found[(page - 1) * PAGE : page * PAGE]
    given = said(mind.fitted().answers)
    return show(
        request,
        "items.html",
        rows=[(state, mind.predict(state.id), given.get(state.id, "")) for state in shown],
        count=len(found),
        page=page,
        last=last,
        query=query,
    )
