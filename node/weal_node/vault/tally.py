"""What became of everything that a source holds: taken, or left for a reason. Both together are all. Pure."""

from collections import Counter
from dataclasses import dataclass, field

CONVERSATION, MESSAGE, PART, ATTACHMENT, FILE = "conversation", "message", "part", "attachment", "file"
MOST_REASONS = 100
OTHER = "of other kinds"


@dataclass(frozen=True, slots=True)
class Left:
    """What was not taken. unit: CONVERSATION, MESSAGE, PART and ATTACHMENT (of a message), or FILE.  why: in words that follow a colon."""

    unit: str
    why: str
    count: int

    @property
    def said(self) -> str:
        """It, in words."""
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}: {self.why}"


@dataclass(slots=True)
class Tally:
    """Counts by unit. A message counts as taken where any part of it was; its parts are counted by themselves."""

    taken: Counter[str] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, unit: str, count: int = 1) -> None:
        """Count what was taken."""
        self.taken[unit] += count

    def leave(self, unit: str, why: str, count: int = 1) -> None:
        """Count what was left."""
        if count:
            known = (unit, why) in self.left or len(self.left) < MOST_REASONS
            self.left[unit, why if known else OTHER] += count

    def add(self, tally: "Tally") -> None:
        """Count what another counted."""
        self.taken.update(tally.taken)
        for (unit, why), count in tally.left.items():
            self.leave(unit, why, count)

    def all_of(self, unit: str) -> int:
        """Return how many of this unit were counted, whatever became of them."""
        return self.taken[unit] + sum(count for (kind, _), count in self.left.items() if kind == unit)

    def reasons(self) -> tuple[Left, ...]:
        """Return what was left, larger units first, then by how many."""
        order = (CONVERSATION, MESSAGE, PART, ATTACHMENT, FILE)
        left = [Left(unit, why, count) for (unit, why), count in self.left.items()]
        return tuple(sorted(left, key=lambda reason: (order.index(reason.unit), -reason.count, reason.why)))
