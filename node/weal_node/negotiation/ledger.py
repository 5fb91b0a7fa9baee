"""What a side settles for, from what its own deals have brought it: never from what others say they gained.

Whoever lies to us takes more than an honest peer would, so our own gains fall below what honest deals should bring, deal by deal
(baseline.py). When those of the last deals do, by more than chance, the reservation value of the next one rises a step; when they recover,
or when it kept us from a deal, it falls. It is a share of what honest others would leave us here, so that even the
highest leaves them a deal. All constants: node/decisions/0014; simulations/LOG.md, 2026-11-28, A floor from one's own baseline (`liars`).
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from weal_node.negotiation.baseline import Baseline

STEPS = (0.0, 0.4, 0.55, 0.7, 0.8, 0.9)  # shares of what honest others would leave this side
WINDOW = 20  # deals looked at
FEWEST = 4  # below which nothing is concluded
Z = 1.0  # standard errors below what was expected, from which the step rises; half of it keeps it
DOUBT = 0.06  # sd of what all baselines are off by together: the people one meets are not the people of the prior


@dataclass(frozen=True, slots=True)
class PastBargain:
    """How one bargain ended.

    gain: of the deal that holds, as a share of this side's best; None: there was no deal.
    expected: when it began.
    reservation: that it was held under, as a share of this side's best.
    about: who bargained over what: the same people over the same things want what they wanted, so that many such deals say no more of them than one.
    """

    gain: float | None
    expected: Baseline | None
    reservation: float = 0.0
    about: Hashable = None


@dataclass(frozen=True, slots=True)
class _Deviation:
    """Of one deal: its gain over what was expected, the sd of that, what it was about."""

    over: float
    sd: float
    about: Hashable


def reservation_value(past: Sequence[PastBargain], expected: Baseline | None) -> float:
    """Return the reservation value of the next deal, as a share of this side's best gain. past: its bargains that ended, oldest first.
    expected: what honest others would leave this side in the next one; None where that cannot be told: 0 then."""
    return reservation_at(step(past), expected)


def reservation_at(step: int, expected: Baseline | None) -> float:
    """Return the reservation value of a deal on one of STEPS, as a share of this side's best gain."""
    return STEPS[step] * expected.mean if expected else 0.0


def step(past: Sequence[PastBargain]) -> int:
    """Return on which of STEPS this side is after these bargains, oldest first."""
    now, seen = 0, list[_Deviation]()
    for bargain in past:
        if bargain.gain is None:
            now -= now > 0 and bargain.reservation > 0
        elif bargain.expected is not None:
            over = bargain.gain - bargain.expected.mean
            seen = [*seen, _Deviation(over, bargain.expected.sd, bargain.about)][-WINDOW:]
            now = _moved(now, seen)
    return now


def _moved(now: int, seen: Sequence[_Deviation]) -> int:
    """Return the step after one more deal. seen: those in the window."""
    if len(seen) < FEWEST:
        return now
    together = defaultdict[Hashable, float](float)
    total = 0.0
    for deal in seen:
        together[deal.about] += deal.sd
        total += deal.over
    variance = 0.0
    for sd in together.values():
        variance += sd**2
    z = total / (variance + (len(seen) * DOUBT) ** 2) ** 0.5
    if z < -Z:
        return min(now + 1, len(STEPS) - 1)
    return max(now - 1, 0) if z > -Z / 2 else now
