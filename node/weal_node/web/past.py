"""Past: how the agent's picture of its person went: when they changed, how often it was right, and each belief answer by answer."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from weal_node.mind import explanations, track_record
from weal_node.mind.fitted_model import FittedModel
from weal_node.mind.track_record import Change
from weal_node.mind.trajectory import learn_trajectory, most_moved
from weal_node.reward.calibration import Guess, blocks
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


def turns(changes: Sequence[Change]) -> tuple[Turn, ...]:
    """Return the changes as the page tells them, in the same order."""
    return tuple(
        Turn(day_of(change.since_ms), change.strength, " and ".join(change.about), change.stands) for change in changes
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
    lines = []
    for block in reversed(blocks([guess for _, guess in audits])):
        since, until = day_of(audits[block.first][0]), day_of(audits[block.last][0])
        lines.append(Line(since, until, block.right, block.count, block.said, block.right / block.count))
    return tuple(lines)


def day_of(ms: int) -> str:
    """Return the local day of a time, as pages write it."""
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


def panels(fitted: FittedModel, language: str) -> tuple[Panel, ...]:
    """Return the trajectories of the concepts that went furthest."""
    went, titles = learn_trajectory(fitted), explanations.titles(fitted, language)
    total = max(went.counts[-1], 1)
    xs = tuple(count / total for count in went.counts)
    low, high = went.mean - Z80 * went.sd, went.mean + Z80 * went.sd
    drawn = []
    for column in most_moved(went, PANELS):
        name = fitted.features.names[column]
        means, lows, highs = went.mean[:, column], low[:, column], high[:, column]
        drawn.append(Panel(name, titles[name], xs, tuple(means.tolist()), tuple(lows.tolist()), tuple(highs.tolist())))
    return tuple(drawn)


def span(drawn: Sequence[Panel]) -> float:
    """Return the largest amount that any panel reaches, 1 where none does: all are drawn on one scale."""
    most = 0.0
    for panel in drawn:
        most = max(most, *map(abs, panel.lows), *map(abs, panel.highs))
    return most or 1.0


async def see(request: Request) -> Response:
    """GET /mirror/course: small multiples of the beliefs that moved most, on one scale, with a mark where the person changed."""
    desk = desk_of(request)
    mind = await desk.minded()
    fitted = mind.fitted()
    changes = await track_record.changes(desk.database, fitted, mind.language)
    times = [answer.at_ms for answer in fitted.model.rows.answers]
    drawn = await asyncio.to_thread(panels, fitted, mind.language)

    def mark(change: Change) -> tuple[float, str]:
        return bisect_left(times, change.since_ms) / max(len(times), 1), day_of(change.since_ms)

    marks = list(map(mark, reversed(changes)))
    return show(request, "course.html", panels=drawn, span=span(drawn), marks=marks, answer_count=len(times))
