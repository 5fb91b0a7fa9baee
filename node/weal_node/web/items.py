"""One item: its score split into its exact parts, and the person's answer about it."""

import uuid
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import explanations
from weal_node.mind.answers import find_item, give
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice, Item
from weal_node.reward.head import GRADES, YES, worth
from weal_node.today import novelty, today
from weal_node.web.page import back_to, desk_of, form, paged, show
from weal_protocol.errors import WealError

PAGE = 25  # items a page
CHOICES = frozenset({Choice.ACCEPT, Choice.REJECT, *GRADES})
EXPLAINED = 3  # answers of which the page says what the score would be without them: each is learnt anew for that


async def see(request: Request) -> Response:
    """GET /items/{id}: what the agent expects, and every summand of its score."""
    desk = desk_of(request)
    mind = await desk.minded()
    item = find_item(mind.items(), request.path_params["id"])
    fitted = mind.fitted()
    alone = [answer for answer in fitted.answers if answer.item == item.id and not answer.other]
    return show(
        request,
        "item.html",
        item=item,
        model=await today.model_of(desk.database, item.id),
        own=mind.predict(item.id),
        all=mind.predict_global(item.id),
        vetoed=mind.vetoed(item),
        foreign=foreign(item.text),
        given=last_words(fitted.answers).get(item.id, ""),
        repeated=repeated(alone),
        may_be_new=await novelty.may_be_new(desk.database, item.id),
        **_by_part(mind, fitted, item),
        **await _by_answer(mind, fitted, item),
    )


def _by_part(mind: Mind, fitted: FittedModel, item: Item) -> dict[str, Any]:
    """Return the parts of the score, the largest first, each with what it is called briefly and in full; and the largest amount."""
    titles, rows, span = explanations.titles(fitted, mind.language), [], 0.0
    for part in sorted(mind.parts(item.id), key=lambda part: -abs(part.amount)):
        briefly = explanations.briefly(fitted, item.id, part, mind.language)
        rows.append((part, briefly, titles.get(part.name, part.name)))
        span = max(span, abs(part.amount))
    return {"parts": rows, "span": span if rows else 1.0}


async def _by_answer(mind: Mind, fitted: FittedModel, item: Item) -> dict[str, Any]:
    """Return what answers add to the score: those that add most one by one, and all others as one sum."""
    added = explanations.by_answer(fitted, item.id)
    texts, rows, others = texts_of(mind), [], 0.0
    for answer, amount in added[:EXPLAINED]:
        without = await explanations.without(fitted, answer.id, item.id)
        rows.append((answer, texts.get(answer.item, ""), texts.get(answer.other, ""), amount, without))
    for _, amount in added[EXPLAINED:]:
        others += amount
    return {
        "answers": rows,
        "others": others,
        "other_count": max(0, len(added) - EXPLAINED),
        "before_answers": explanations.before_answers(fitted, item.id),
    }


def texts_of(mind: Mind) -> dict[str, str]:
    """Return the text of each item that the agent knows, by id."""
    return {item.id: item.text for item in mind.items()}


async def answer(request: Request) -> Response:
    """POST /items/{id}/judge: field choice is accept, reject, or a grade of five, 1 to 5."""
    desk = desk_of(request)
    mind = await desk.minded()
    fields = await form(request)
    item = find_item(mind.items(), request.path_params["id"])
    if fields.get("choice") not in CHOICES:
        raise WealError("that is neither accept nor reject nor a grade from 1 to 5", "Load the page again")
    given = Answer(uuid.uuid4().hex, desk.now_ms(), item.id, "", Choice(fields["choice"]), "community")
    await give(desk.database, mind, given, desk.settings.label_wait_s)
    return back_to(_return_path(fields.get("back", ""), item.id), "judged")


def last_words(answers: Sequence[Answer]) -> dict[str, str]:
    """Return the last answer about each item that was asked about alone, as a sentence, by the item's id. answers: oldest first."""
    plain = {Choice.ACCEPT: "You said yes.", Choice.REJECT: "You said no."}
    words = {}
    for given in answers:
        if not given.other:
            words[given.item] = plain.get(given.choice, f"You said {given.choice} of 5.")
    return words


def repeated(same: Sequence[Answer]) -> str:
    """Return how much answers to the same question count together, as a sentence; "" for one or none."""
    if len(same) < 2:
        return ""
    ways = {"yes": 0, "no": 0, "neither": 0}
    for given in same:
        ways["yes" if given.choice in YES else "neither" if GRADES.get(given.choice) == 3 else "no"] += 1
    told = ", ".join(f"{word} {count} times" if count > 1 else f"{word} once" for word, count in ways.items() if count)
    return f"You said {told}; together that counts as {worth(len(same)):.1f} answers, not as {len(same)}."


def foreign(text: str) -> bool:
    """Return whether most letters are not of the alphabet that the encoder was taught on."""
    letters = "".join(filter(str.isalpha, text))
    return len(letters) > 3 and sum(map(str.isascii, letters)) < len(letters) / 2


def _return_path(given: str, item: str) -> str:
    """Only our own list may be named by the form; anything else leads to the item."""
    page = given.removeprefix("items:")
    return f"/community/items?page={page}" if given.startswith("items:") and page.isdecimal() else f"/items/{item}"


async def listing(request: Request) -> Response:
    """GET /community/items: the items of the commons, paged; ?q= searches their text."""
    mind = await desk_of(request).minded()
    query = request.query_params.get("q", "")[:200].strip()
    listed = [item for item in mind.items() if _listed(item, query)]
    page, last = paged(request, len(listed), PAGE)
    given, shown = last_words(mind.fitted().answers), listed[(page - 1) * PAGE : page * PAGE]
    rows = [(item, mind.predict(item.id), given.get(item.id, "")) for item in shown]
    return show(request, "items.html", rows=rows, count=len(listed), page=page, last=last, query=query)


def _listed(item: Item, query: str) -> bool:
    return item.kind in ("statement", "proposal") and query.casefold() in item.text.casefold()
