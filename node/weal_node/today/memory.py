"""What Today remembers: what was put to the person and what came of it, read once for a page."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from weal_node.records import Answer
from weal_node.reward.calibration import Guess
from weal_node.store import gate, items, own_statements, passages, proposals
from weal_node.store.gate import Delivery
from weal_node.today.evidence import OWN
from weal_node.today.promise import PastCard

HOUR_MS = 3_600 * 1_000
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
PUT_OFF_MS = DAY_MS
STAYS_MS = 3 * DAY_MS  # for which a card that nobody answered stays; then it is gone for good
LATELY_MS = 14 * DAY_MS  # in which cards were brought "lately"


@dataclass(frozen=True)
class Memory:
    """Of one person, at one time.

    deliveries: ever, oldest first.  put_off: state to when.  audits: guesses before questions that chance chose, oldest first.
    refused: pairs of states that are never to be asked about.  made: proposals by their state.  new: how many cards were accepted and new to the person.  writes: whether the person has a note.  now_ms: by the clock of this machine, which may have been set back.
    """

    deliveries: tuple[Delivery, ...]
    put_off: dict[str, int]
    audits: tuple[Guess, ...]
    made: dict[str, proposals.Made]
    new: int
    writes: bool
    now_ms: int
    refused: frozenset[frozenset[str]] = frozenset()

    def is_asked_for(self, state: str) -> bool:
        """Whether the person wants to be reminded of this themself."""
        return state in self.made and self.made[state].asked_for

    def model_of(self, state: str) -> str:
        """Which model wrote a state, as the person named it; "" where none did."""
        return model(self.made.get(state))

    def is_put_off(self, state: str) -> bool:
        """Whether the person said `not now` within a day."""
        return state in self.put_off and self._near(self.put_off[state], PUT_OFF_MS)

    @cached_property
    def waiting(self) -> frozenset[str]:
        """States that were shown within STAYS_MS, and neither answered nor put off."""
        return frozenset(past.state for past in self.deliveries if past.glad is None and self._stays(past))

    def _stays(self, past: Delivery) -> bool:
        put_off = self.put_off.get(past.state)
        return self._near(past.at_ms, STAYS_MS) and (put_off is None or put_off < past.at_ms)

    def may_come(self, state: str) -> bool:
        """Whether a state may be brought: what was never shown, and once more what the person put off."""
        shown = self._times[state]
        return not shown or (shown == 1 and state in self.put_off and not self.is_put_off(state))

    @cached_property
    def _times(self) -> Counter[str]:
        return Counter(past.state for past in self.deliveries)

    @property
    def minute(self) -> int:
        """Minute of the person's day."""
        clock = datetime.fromtimestamp(self.now_ms / 1_000)  # noqa: DTZ006 -- a day begins and is quiet where the person lives
        return clock.hour * 60 + clock.minute

    def outcomes(self) -> list[bool | None]:
        """Return what came of today's cards, oldest first."""
        second = datetime.fromtimestamp(self.now_ms / 1_000).second  # noqa: DTZ006 -- as above
        midnight = self.now_ms - (self.minute * 60 + second) * 1_000
        return [past.glad for past in self.deliveries if midnight <= past.at_ms < midnight + DAY_MS]

    def lately(self, wanted: Callable[[Delivery], bool], within_ms: int = LATELY_MS) -> list[str]:
        """Return the states brought within this time that are wanted, oldest first."""
        return [past.state for past in self.deliveries if self._near(past.at_ms, within_ms) and wanted(past)]

    def came_of_it(self) -> tuple[int, int, int]:
        """Return how many states were ever brought, how many of them accepted, and how many of these were new to the person."""
        accepted = {past.state for past in self.deliveries if past.glad}
        return len(self._times), len(accepted), self.new

    def past(self, answers: Sequence[Answer]) -> list[PastCard]:
        """Return the answered cards, oldest first. answers: all of the person's."""
        times = [answer.at_ms for answer in answers if answer.source != "today"]
        answered = [past for past in self.deliveries if past.glad is not None]
        return [PastCard(past.said, bool(past.glad), sum(at > past.at_ms for at in times)) for past in answered]

    def is_set_back(self, answers: Sequence[Answer]) -> bool:
        """Whether this machine's clock stands a day or more before what it said already."""
        latest = max((*(answer.at_ms for answer in answers), *(past.at_ms for past in self.deliveries)), default=0)
        return latest - self.now_ms > DAY_MS

    def _near(self, at_ms: int, within_ms: int) -> bool:
        return abs(self.now_ms - at_ms) < within_ms


def model(proposal: proposals.Made | None) -> str:
    """Return which model wrote a proposal, as the person named it; "" where none did."""
    return proposal.source if proposal and proposal.kind == "draft" else ""


def remember(connection: sqlite3.Connection, now_ms: int) -> Memory:
    """Return all of it."""
    return Memory(
        gate.deliveries(connection),
        items.put_off_at(connection),
        gate.guesses(connection, audits_only=True),
        proposals.every(connection),
        gate.discoveries(connection)[0],
        bool(passages.allowed(connection, OWN, 1)),
        now_ms,
        own_statements.refused(connection),
    )
