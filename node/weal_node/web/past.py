"""Past: how the agent's picture of its person went: when they changed, how often it was right, and each belief answer by answer."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import change_points, explanations
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.mind import Mind
from weal_node.mind.trajectory import course, most_moved
from weal_node.reward.calibration import Guess, blocks
from weal_node.store import announcements
from weal_node.store.announcements import Announcement
from weal_node.web.page import desk_of, show

PANELS = 9
Z80 = 1.2815515655446004  # half width of the central 80% of a Gaussian, in sd


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of mind as the page tells it. day: the first on which the person answered differently.  about: what it was most about, in words."""

    day: str
    strength: float
    about: str
    stands: bool  # whether it still counts: what was said before counts less


def turns(mind: Mind, kept: Sequence[Announcement]) -> tuple[Turn, ...]:
    """Return the changes that were ever seen, newest first."""
    fitted = mind.fitted()
    titles, answers, since = explanations.titles(fitted), fitted.model.rows.answers, fitted.drift.since
    standing = None if since is None else change_points.same(kept, answers, since)
    return tuple(
        Turn(
            _day(one.since_ms),
            one.strength,
            " and ".join(titles.get(name, (name, ""))[0] for name in one.about),
            one == standing,
        )
        for one in reversed(kept)
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A block of audits as the page tells it. since, until: days.  said, came: how sure the agent was on average, and how often it was right."""

    since: str
    until: str
    right: int
    count: int
    said: float
    came: float


def history(audits: Sequence[tuple[int, Guess]]) -> tuple[Line, ...]:
    """Return how the agent's guesses went, a line a block, newest first. audits: (when, guess), oldest first."""
    return tuple(
        Line(
            _day(audits[one.first][0]), _day(audits[one.last][0]), one.right, one.count, one.said, one.right / one.count
        )
        for one in reversed(blocks([guess for _, guess in audits]))
    )


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).astimezone().strftime("%d %b %Y")


@dataclass(frozen=True, slots=True)
class Panel:
    """One concept's course, to be drawn. xs: (p,), 0 to 1 over all answers.  means, lows, highs: (p,), log-odds, with 80% intervals."""

    name: str
    title: str
    xs: tuple[float, ...]
    means: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


def panels(fitted: FittedModel) -> tuple[Panel, ...]:
    """Return the courses of the concepts that went furthest."""
    went, titles = course(fitted), explanations.titles(fitted)
    total = max(went.counts[-1], 1)
    low, high = went.mean - Z80 * went.sd, went.mean + Z80 * went.sd
    return tuple(
        Panel(
            name := fitted.features.names[column],
            titles[name][0],
            tuple(count / total for count in went.counts),
            *(tuple(of[:, column].tolist()) for of in (went.mean, low, high)),
        )
        for column in most_moved(went, PANELS)
    )


async def see(request: Request) -> Response:
    """GET /mirror/course: small multiples of the beliefs that moved most, on one scale, with a mark where the person changed."""
    desk = desk_of(request)
    mind = await desk.minded()
    fitted = mind.fitted()
    kept = await desk.database.read(announcements.every)
    times = [answer.at_ms for answer in fitted.model.rows.answers]
    shown = await asyncio.to_thread(panels, fitted)
    return show(
        request,
        "course.html",
        panels=shown,
        span=max((abs(edge) for one in shown for edge in (*one.lows, *one.highs)), default=1.0) or 1.0,
        marks=[(bisect_left(times, one.since_ms) / max(len(times), 1), _day(one.since_ms)) for one in kept],
        answer_count=len(times),
    )
