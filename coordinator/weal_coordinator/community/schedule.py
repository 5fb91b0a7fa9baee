"""When the next round is due, and why: a pure function of what happened and of the charter.

A round follows the last one that counted after `every_h`; early, at whole steps of `soonest_h`, once enough members said by then that they have new
answers. Steps, so that the time of a round tells the world little about when any one member answered (decisions/0003). A round
that failed is tried again, each time after a longer pause.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from weal_coordinator.community.charter import Aggregation

HOUR_MS = 3_600_000
FIRST_PAUSE_MS = 5 * 60_000
LONGEST_PAUSE_MS = 6 * HOUR_MS
GRACE_MS = 120_000  # beyond a round's own deadline, for its start, the noise and the accounting


SPENT = (
    "the budget of epsilon is spent: no round follows, the last release stays in use, and everything else goes on. "
    "An amended charter may raise the cap: each node then waits for its person's word; what was spent stays in both ledgers"
)


@dataclass(frozen=True, slots=True)
class Past:
    """What happened. Times: Unix, ms; 0 for never. founded: of the community.  counted: when the newest round that counted was begun.
    begun: the newest of all.  open: whether that one has no outcome yet.  failures: rounds since `counted` that came to nothing.
    registered: people who give something.  ready: when each of them said that they have new answers, oldest first."""

    founded: int
    counted: int
    begun: int
    open: bool
    failures: int
    registered: int
    ready: Sequence[int]


@dataclass(frozen=True, slots=True)
class Next:
    """at_ms: Unix time from which on a round is due, None for never as things stand.  why: in words."""

    at_ms: int | None
    why: str


def next_round(past: Past, rules: Aggregation, now_ms: int, left: int | None = None) -> Next:
    """Return when the next round is due. left: how many more fit under the cap, None where that was not worked out yet."""
    if left == 0:
        return Next(None, SPENT)
    if not rules.every_h:
        return Next(None, "rounds are run only when asked for")
    if past.registered < rules.population_floor:
        return Next(None, f"waits for {rules.population_floor} people who take part; {past.registered} do")
    since = max(past.founded, past.counted)
    due = Next(since + round(rules.every_h * HOUR_MS), f"every {rules.every_h:g} h")
    early = _early(past, rules, since, now_ms)
    if early is not None and due.at_ms is not None and early < due.at_ms:
        due = Next(early, "enough members have new answers")
    if past.open and now_ms < (over := past.begun + rules.deadline_s * 1_000 + GRACE_MS):
        return _not_before(due, over, "a round is in progress")
    if past.failures:
        pause = min(FIRST_PAUSE_MS * 2 ** min(past.failures - 1, 30), LONGEST_PAUSE_MS)
        return _not_before(due, past.begun + pause, f"tried again after {past.failures} that failed")
    return due


def _early(past: Past, rules: Aggregation, since: int, now_ms: int) -> int | None:
    """Return the first step by which enough had said so, of those that have come; None before."""
    wanted = math.ceil(rules.ready_share * past.registered)
    step = round(rules.soonest_h * HOUR_MS)
    if not rules.ready_share or not rules.new_answers or len(past.ready) < wanted or not step:
        return None
    steps = max(1, -(-(sorted(past.ready)[wanted - 1] - since) // step))
    return since + steps * step if since + steps * step <= now_ms else None


def _not_before(due: Next, at_ms: int, why: str) -> Next:
    return due if due.at_ms is None or due.at_ms >= at_ms else Next(at_ms, why)
