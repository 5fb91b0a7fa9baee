"""Mirror: what the agent believes its person wants, how sure it is, and what the community believed before."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from weal_node.loop.judge import Mind
from weal_node.records import Part
from weal_node.web.page import desk_of, show
from weal_node.web.teach import known

Z80 = 1.2815515655446004  # half width of the central 80% of a Gaussian, in sd


@dataclass(frozen=True, slots=True)
class Row:
    """A concept: the belief now and before any label, each as mean and 80% interval, in log-odds."""

    name: str
    mean: float
    sd: float
    low: float
    high: float
    before_mean: float
    before_low: float
    before_high: float
    learnt: float  # share of the prior's variance that the labels removed


def rows(mind: Mind) -> tuple[Row, ...]:
    """Return every concept, the most learnt first; else in the order of the layout."""
    pairs = zip(mind.concepts(), mind.prior_concepts(), strict=True)
    return tuple(sorted((_row(now, before) for now, before in pairs), key=lambda row: -round(row.learnt, 3)))


def _row(now: Part, before: Part) -> Row:
    return Row(
        name=now.name,
        mean=now.amount,
        sd=now.sd,
        low=now.amount - Z80 * now.sd,
        high=now.amount + Z80 * now.sd,
        before_mean=before.amount,
        before_low=before.amount - Z80 * before.sd,
        before_high=before.amount + Z80 * before.sd,
        learnt=max(0.0, 1.0 - (now.sd / before.sd) ** 2) if before.sd > 0 else 0.0,
    )


async def see(request: Request) -> Response:
    """GET /mirror: a dot and an 80% interval for every concept, against the prior."""
    desk = desk_of(request)
    mind = await desk.minded()
    shown = rows(mind)
    span = max((abs(edge) for row in shown for edge in (row.low, row.high, row.before_low, row.before_high)), default=1)
    return show(
        request,
        "mirror.html",
        rows=shown,
        span=span or 1.0,
        labels=mind.labels,
        release=mind.release,
        known=known(mind),
        right=sum(desk.guesses),
        asked=len(desk.guesses),
    )
