"""May the agent speak now? Each reason to be silent has a sentence that the page shows.

Speaking is worth its cost when p G > (1 - p) L + c, that is p > (c + L) / (G + L): p the moderated probability that the person is glad of it, G what a glad one is worth,
L what an unwelcome one costs, c what the interruption costs now (Horvitz 1999). Nobody is addressed before they are understood.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.errors import NodeError
from weal_node.reward.calibration import Guess, worse_than_the_base_rate

# What the study `gate` is run with, its floors met (simulations/LOG.md, 2026-11-24, "The private reward model against its floors"); chosen before it, not tuned on it.
GAIN = 1.0
LOSS = 0.25
PAUSE = 0.15  # cost of an interruption when the person has a moment, as when they open the page
BUSY = 0.6
UNDERSTOOD = 0.35  # posterior R2 over ordinary states
FEWEST_LABELS = 5
REWARM_LABELS = 10  # after a change, before the agent speaks again
A_DAY = 3
REJECTIONS = 2  # in a row, after which a day's budget is halved


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing is said, as minutes of the person's day; may wrap over midnight. Equal ends: none."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Return whether it is quiet at this minute of the day."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


NO_QUIET = Quiet(0, 0)


def hours(text: str) -> Quiet:
    """Read quiet hours: "22:00-07:00", or "" for none. NodeError says what they look like."""
    if not text.strip():
        return NO_QUIET
    times = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
    ends = list(map(int, times.groups())) if times else [99] * 4
    if max(ends[0], ends[2]) > 23 or max(ends[1], ends[3]) > 59:
        raise NodeError(f"{text[:40]!r} are no quiet hours", 'Write quiet_hours = "22:00-07:00", or "" for none')
    return Quiet(ends[0] * 60 + ends[1], ends[2] * 60 + ends[3])


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known when the agent would speak.

    understood: posterior R2.  labels: answers so far.  since_change: answers since the person is believed to have changed, None for no change.  audits: guesses on
    audit questions, oldest first.  outcomes: of what was delivered today, oldest first: True glad, False not, None no answer.  minute: of the person's day.
    """

    understood: float
    answers: int
    since_change: int | None
    audits: Sequence[Guess]
    outcomes: Sequence[bool | None]
    minute: int
    quiet: Quiet
    cost: float = PAUSE


def silence(moment: Moment) -> str:
    """Return why nothing at all is said at this moment, "" when the agent may speak."""
    if moment.quiet.holds(moment.minute):
        return "these are your quiet hours"
    if moment.answers < FEWEST_LABELS:
        return f"your agent has {moment.answers} of the {FEWEST_LABELS} answers of yours that it needs at least"
    if moment.understood < UNDERSTOOD:
        return f"your agent understands {math.floor(100 * moment.understood)}% of what you like, and speaks from {UNDERSTOOD:.0%} on"
    if moment.since_change is not None and moment.since_change < REWARM_LABELS:
        return "you seem to have changed: your agent asks again before it advises"
    if worse_than_the_base_rate(moment.audits):
        return "your agent guessed your last answers badly, so it keeps quiet"
    if budget(moment.outcomes) <= 0:
        return "today's number of suggestions is used up"
    return ""


def budget(outcomes: Sequence[bool | None]) -> int:
    """Return how many more may be said today. outcomes: of what was delivered today, oldest first."""
    answered = [glad for glad in outcomes if glad is not None]
    unwelcome = len(answered) >= REJECTIONS and not any(answered[-REJECTIONS:])
    return (A_DAY // 2 if unwelcome else A_DAY) - len(outcomes)


def threshold(cost: float) -> float:
    """Return the probability above which speaking is worth its cost."""
    return (cost + LOSS) / (GAIN + LOSS)
