"""May the agent speak now? Each reason to be silent has a sentence that the page shows.

Speaking is worth its cost when p G > (1 - p) L + c, that is p > (c + L) / (G + L): p the chance that the person is glad of it (`promise`), G what a glad one is worth,
L what an unwelcome one costs, c what the interruption costs now (Horvitz 1999). What has spoken lately goes on from a little less, so that no single answer silences it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.errors import NodeError
from weal_node.reward.calibration import Guess, worse_than_the_base_rate
from weal_node.today.promise import A_DAY, FEWEST_CARDS, PastCard, Promise, a_day, taken_up

# Chosen, and looked at on seeds 101 and 102 of the studies `today` and `gate` (simulations/LOG.md, 2026-11-30, "Today speaks").
GAIN = 1.0
LOSS = 1.0  # of the first cards at most three in ten may be unwelcome: one costs what a welcome one is worth
PAUSE = 0.15  # cost of an interruption when the person has a moment, as when they open the page
BUSY = 0.6
SLACK = 0.1  # by which the bar is lower for who spoke lately: more than one answer moves what the likeliest promise
FEWEST_LABELS = 5
REWARM_LABELS = 10  # answers after a change, until which the whole bar counts again
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
QUIET_HOURS = "these are your quiet hours"


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

    promise: of the ideas that wait.  past: answered cards, oldest first.  spoke: whether a card was brought in the last weeks.
    answers: so far, a number that only forgetting lowers.  since_change: answers since the person is believed to have changed, None for no change.
    audits: guesses on audit questions, oldest first.  outcomes: of what was delivered today, oldest first: True glad, False not, None no answer.
    minute: of the person's day.
    """

    promise: Promise
    past: Sequence[PastCard]
    spoke: bool
    answers: int
    since_change: int | None
    audits: Sequence[Guess]
    outcomes: Sequence[bool | None]
    minute: int
    quiet: Quiet
    cost: float = PAUSE


def silence(moment: Moment) -> str:
    """Return why nothing at all is said at this moment, "" when the agent may speak."""
    ideas = len(moment.promise.chances)
    if moment.quiet.holds(moment.minute):
        return QUIET_HOURS
    if moment.answers < FEWEST_LABELS:
        return f"your agent has {moment.answers} of the {FEWEST_LABELS} answers of yours that it needs at least"
    if worse_than_the_base_rate(moment.audits):
        return "your agent guessed your last answers badly, so it keeps quiet until it guesses better"
    if not ideas:
        return "your agent has no new idea for you"
    if budget(moment.outcomes, ideas) <= 0:
        return "that was all for today"
    if not moment.promise.holds(bar(moment, PAUSE)):
        return _unpromising(moment, ideas)
    return ""


def _unpromising(moment: Moment, ideas: int) -> str:
    accepted, shown = taken_up(moment.past)
    if shown >= FEWEST_CARDS and 2 * accepted < shown:
        return f"you took up {accepted} of the last {shown} cards, so your agent waits until it knows better"
    if moment.since_change is not None and moment.since_change < REWARM_LABELS:
        return "you seem to want other things than before, and your agent is not sure yet which"
    which = "the one idea it has" if ideas == 1 else f"any of the {ideas} ideas it has"
    return f"your agent is not sure enough that you would be glad of {which}"


def bar(moment: Moment, cost: float, before: int = 0) -> float:
    """Return the chance from which something is brought now, at this cost: less by SLACK where cards were brought lately and the person
    is not believed to have changed. before: cards of this day, each of which makes the next cost PAUSE more."""
    changed = moment.since_change is not None and moment.since_change < REWARM_LABELS
    return threshold(cost + before * PAUSE) - (SLACK if moment.spoke and not changed else 0.0)


def budget(outcomes: Sequence[bool | None], ideas: int) -> int:
    """Return how many more may be said today. outcomes: of what was delivered today, oldest first.  ideas: that wait."""
    answered = [glad for glad in outcomes if glad is not None]
    unwelcome = len(answered) >= REJECTIONS and not any(answered[-REJECTIONS:])
    return min(A_DAY // 2 if unwelcome else A_DAY, a_day(ideas + len(outcomes))) - len(outcomes)


def threshold(cost: float) -> float:
    """Return the probability above which speaking is worth its cost."""
    return (cost + LOSS) / (GAIN + LOSS)
