"""Past: how the agent's picture of its person went: when they changed, and how often the agent was right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from weal_node.gate.calibration import Guess, blocks
from weal_node.loop import announce, reasons
from weal_node.loop.judge import Mind
from weal_node.store.announcements import Announcement


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of mind as the page tells it. day: the first on which the person answered differently.  about: what it was most about, in words."""

    day: str
    strength: float
    about: str
    stands: bool  # whether it still counts: what was said before counts less


def turns(mind: Mind, kept: Sequence[Announcement]) -> tuple[Turn, ...]:
    """Return the changes that were ever seen, newest first."""
    belief = mind.belief()
    titles, labels, since = reasons.titles(belief), belief.model.rows.labels, belief.drift.since
    standing = None if since is None else announce.same(kept, labels, since)
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
