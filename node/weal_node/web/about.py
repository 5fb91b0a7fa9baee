"""About: one sentence of Mirror, with every answer under it and the person's hand on it."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from weal_node.errors import NotFoundError
from weal_node.mind import wording
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.sentences import Sentence, about
from weal_node.mind.subjects import Kind
from weal_node.web.control import MUCH
from weal_node.web.items import texts_of
from weal_node.web.page import desk_of, show
from weal_node.web.past import Z80, day_of

FIRST = 8  # answers in sight that speak for it; the others are in folds
Line = tuple[str, tuple[str, str, str], float]  # id of an answer, what was said, what it adds


async def see(request: Request) -> Response:
    """GET /mirror/about?what=: what is believed of a concept or an example, and exactly which answer adds what; "" for all at once."""
    desk = desk_of(request)
    mind = await desk.minded()
    fitted, key = mind.fitted(), request.query_params.get("what", "")
    sentence = await asyncio.to_thread(about, fitted, key, mind.language)
    if sentence is None:
        raise NotFoundError("nothing can be said about that", "It may have been taken away: load Mirror again")
    texts = texts_of(mind)
    speaking, against = list[Line](), list[Line]()
    for answer, amount in sentence.answers:
        line = (answer.id, wording.answer(answer, texts), amount)
        (speaking if (amount > 0.0) == sentence.liked else against).append(line)
    return show(
        request,
        "about.html",
        sentence=sentence,
        first=speaking[:FIRST],
        rest=speaking[FIRST:],
        against=against,
        span=max((abs(amount) for _, amount in sentence.answers), default=1.0) or 1.0,
        low=sentence.amount - Z80 * sentence.sd,
        high=sentence.amount + Z80 * sentence.sd,
        is_concept=sentence.kind in (Kind.OWN, Kind.PUBLIC),
        is_example=sentence.kind is Kind.EXAMPLE,
        much=tuple(MUCH),
        **_standing(fitted, sentence),
    )


def _standing(fitted: FittedModel, sentence: Sentence) -> dict[str, Any]:
    """Return whether the person holds it, when the answers under it were given, and whether it is beside a release."""
    bearing = [answer.at_ms for answer, _ in sentence.answers[: sentence.bearing]]
    return {
        "held": sentence.key in fitted.change.held,
        "since": day_of(min(bearing)) if bearing else "",
        "until": day_of(max(bearing)) if bearing else "",
        "release": fitted.features.representation.number,
    }
