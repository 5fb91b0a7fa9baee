"""From answers to likelihood rows: every answer says that a score, or a difference of two, lies in an interval.

    z = offset + design . w + r + e,   e ~ logistic,   lower < z < upper

A pair says that one item is better (Bradley and Terry 1952): u(first) - u(second) > 0. Accept or reject says that an item is better
than nothing: u(x) > 0, or < 0. A rating says between which two thresholds it lies (McCullagh 1980). One formula serves all three.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from weal_node.records import Answer, Choice

Array = npt.NDArray[np.float64]
# Where one grade of five ends and the next begins, in log-odds of "glad of it": even steps of 1.5 around indifference. Chosen, not tuned.
THRESHOLDS = (-np.inf, -2.25, -0.75, 0.75, 2.25, np.inf)
GRADES = {Choice.GRADE_1: 1, Choice.GRADE_2: 2, Choice.GRADE_3: 3, Choice.GRADE_4: 4, Choice.GRADE_5: 5}
YES = frozenset({Choice.FIRST, Choice.ACCEPT, Choice.GRADE_4, Choice.GRADE_5})


@dataclass(frozen=True, slots=True)
class Rows:
    """What n answers say of a head of D dimensions.

    design: (n, D).  offset: (n,), the fixed part of each difference.  outcome: (n,), 1 for yes, else 0.
    weight: (n,), how much each answer counts, None for one each.
    lower, upper: (n,), the intervals, None where `outcome` says all.
    first, second: (n,), rows of the items; second is -1 where there is none; None where items have no embedding.
    """

    design: Array
    offset: Array
    outcome: Array
    answers: tuple[Answer, ...]
    weight: Array | None = None
    lower: Array | None = None
    upper: Array | None = None
    first: npt.NDArray[np.int64] | None = None
    second: npt.NDArray[np.int64] | None = None

    def bounds(self) -> tuple[Array, Array]:
        """Return lower and upper ends (n,) of the intervals."""
        if self.lower is not None and self.upper is not None:
            return self.lower, self.upper
        yes = self.outcome > 0.5
        return np.where(yes, 0.0, -np.inf), np.where(yes, np.inf, 0.0)

    def weights(self) -> Array:
        """Return how much each answer counts (n,)."""
        return np.ones(len(self.outcome)) if self.weight is None else self.weight

    def newest(self, count: int) -> "Rows":
        """Return the last so many rows alone."""
        kept = slice(max(0, len(self.outcome) - count), None)

        def part(values: npt.NDArray[Any] | None) -> npt.NDArray[Any] | None:
            return None if values is None else values[kept]

        return replace(
            self,
            design=self.design[kept],
            offset=self.offset[kept],
            outcome=self.outcome[kept],
            answers=self.answers[kept],
            weight=part(self.weight),
            lower=part(self.lower),
            upper=part(self.upper),
            first=part(self.first),
            second=part(self.second),
        )

    def difference(self, table: Array) -> Array:
        """Return (n, k): a table's line of each answer's first item, less that of its second."""
        if self.first is None or self.second is None:
            return np.zeros((len(self.outcome), table.shape[1]))
        difference = table[self.first]
        paired = self.second >= 0
        difference[paired] -= table[self.second[paired]]
        return difference

    def renamed(self) -> tuple[npt.NDArray[np.int64], "Rows"]:
        """Return the items that answers name, each once, and the rows with their places among those."""
        if self.first is None or self.second is None:
            return np.zeros(0, np.int64), self
        named = np.unique(np.concatenate([self.first, self.second[self.second >= 0]]))
        second = np.where(self.second >= 0, np.searchsorted(named, np.maximum(self.second, 0)), -1)
        return named, replace(self, first=np.searchsorted(named, self.first), second=second)


def rows(answers: Sequence[Answer], index: Mapping[str, int], phi: Array, bias: Array) -> Rows:
    """Return the rows in canonical order (by time, then id), whatever order the answers came in.

    index: id of an item to its row of phi (m, D) and bias (m,). Answers about items that are no longer there are left out.
    """
    known = [answer for answer in answers if _is_known(answer, index)]
    known.sort(key=lambda answer: (answer.at_ms, answer.id))
    first = np.array([index[answer.item] for answer in known], np.int64)
    second = np.array([index[answer.other] if answer.other else -1 for answer in known], np.int64)
    design, offset = phi[first], bias[first]
    paired = second >= 0
    design[paired] -= phi[second[paired]]
    offset[paired] -= bias[second[paired]]
    ends = np.array([interval(answer.choice) for answer in known]).reshape(-1, 2)
    outcome = np.array([float(answer.choice in YES) for answer in known])
    lower, upper = ends[:, 0].copy(), ends[:, 1].copy()
    return Rows(design, offset, outcome, tuple(known), repeated(known), lower, upper, first, second)


def _is_known(answer: Answer, index: Mapping[str, int]) -> bool:
    return answer.item in index and (not answer.other or answer.other in index)


def interval(choice: Choice) -> tuple[float, float]:
    """Return between which ends a choice says that the noisy score lies."""
    if choice in GRADES:
        return THRESHOLDS[GRADES[choice] - 1], THRESHOLDS[GRADES[choice]]
    return (0.0, np.inf) if choice in YES else (-np.inf, 0.0)


def repeated(answers: Sequence[Answer]) -> Array:
    """Return weights (n,): n answers to the same question count `worth(n)` times in all, not n times.

    Whoever taps a thousand times has not said a thousand independent things. Answers that contradict each other keep their shares.
    """
    asked = [frozenset((answer.item, answer.other)) for answer in answers]
    times = Counter(asked)
    return np.array([worth(times[question]) / times[question] for question in asked])


def worth(times: int) -> float:
    """Return how many answers so many to the same question count as: 1 + log n."""
    return float(1.0 + np.log(times))


def both_ways(answers: Sequence[Answer]) -> frozenset[frozenset[str]]:
    """Return the pairs, as sets of two ids, of which the person once preferred the one and once the other."""
    preferred: dict[frozenset[str], str] = {}
    contradicted = set()
    for answer in answers:
        if answer.other:
            pair = frozenset((answer.item, answer.other))
            chosen = answer.item if answer.choice in YES else answer.other
            if preferred.setdefault(pair, chosen) != chosen:
                contradicted.add(pair)
    return frozenset(contradicted)
