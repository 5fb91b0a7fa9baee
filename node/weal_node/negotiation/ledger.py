"""What a side settles for, from what its own deals have brought it: never from what others say they gained.

Whoever lies to us takes more than an honest peer would, so our own gains fall below what honest deals should bring, deal by deal
(baseline.py). When those of the last deals do, by more than chance, the floor of the next one rises a step; when they recover,
or when it kept us from a deal, it falls. It is a share of what honest others would leave us here, so that even the
highest leaves them a deal (measured in `liars`).
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from weal_node.negotiation.baseline import Baseline

STEPS = (0.0, 0.4, 0.55, 0.7, 0.8, 0.9)  # shares of what honest others would leave this side
WINDOW = 20  # deals looked at
FEWEST = 4  # below which nothing is concluded
Z = 1.0
DOUBT = 0.06  # sd of what all baselines are off by together: the people one meets are not the people of the prior


@dataclass(frozen=True, slots=True)
class PastBargain:
    """How one bargain ended. gain: of the deal that holds, as a share of this side's best; None: there was no deal.
    expected: when it began.  floor: that it was held under, as a share of this side's best.  about: who bargained over what:
    the same people over the same things want what they wanted, so that many such deals say no more of them than one."""

    gain: float | None
    expected: Baseline | None
    floor: float = 0.0
    about: Hashable = None


def floor(past: Sequence[PastBargain], expected: Baseline | None) -> float:
    """Return the floor of the next deal, as a share of this side's best gain. past: its bargains that ended, oldest first.
    expected: what honest others would leave this side in the next one; None where that cannot be told: no floor then."""
    return floor_at(step(past), expected)


def floor_at(step: int, expected: Baseline | None) -> float:
    """Return the floor of a deal on one of STEPS, as a share of this side's best gain."""
    return STEPS[step] * expected.mean if expected else 0.0


def step(past: Sequence[PastBargain]) -> int:
    """Return on which of STEPS this side stands after these bargains, oldest first."""
    at, seen = 0, list[tuple[float, float, Hashable]]()
    for one in past:
        if one.gain is None:
            at -= at > 0 and one.floor > 0
        elif one.expected is not None:
            seen = [*seen, (one.gain - one.expected.mean, one.expected.sd, one.about)][-WINDOW:]
            at = _moved(at, seen)
    return at


def _moved(at: int, seen: Sequence[tuple[float, float, Hashable]]) -> int:
    """Return the step after one more deal. seen: of each in the window, gain over what was expected, its sd, what it was about."""
    if len(seen) < FEWEST:
        return at
    together = defaultdict[Hashable, float](float)
    for _, sd, about in seen:
        together[about] += sd
    variance = sum(sd**2 for sd in together.values()) + (len(seen) * DOUBT) ** 2
    z = sum(over for over, _, _ in seen) / variance**0.5
    if z < -Z:
        return min(at + 1, len(STEPS) - 1)
    return max(at - 1, 0) if z > -Z / 2 else at
