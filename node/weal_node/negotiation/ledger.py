"""What a side settles for, from what its own deals have brought it: never from what others say they gained.

Whoever lies to us takes more than an honest peer would, so our own gains fall below what honest deals bring. When the last
few do, by more than chance, the floor rises a step at each deal; when they recover, it falls (measured in `liars`).
"""

from collections.abc import Sequence

STEPS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7)  # shares of one's own best gain
WINDOW = 20  # deals looked at
FEWEST = 4  # below which nothing is concluded
HONEST, SPREAD = 0.76, 0.2  # what deals with honest peers bring, a little less than their mean of .78; their sd
Z = 1.25


def next_floor(floor: float, realised: Sequence[float]) -> float:
    """Return the floor of the next deal. floor: of the last one.  realised: this side's gains in its deals so far, oldest
    first, as shares of the best gain each could have brought."""
    step = max(number for number, one in enumerate(STEPS) if one <= floor + 1e-9)
    last = realised[-WINDOW:]
    if len(last) < FEWEST:
        return STEPS[step]
    z = (sum(last) / len(last) - HONEST) * len(last) ** 0.5 / SPREAD
    if z < -Z:
        return STEPS[min(step + 1, len(STEPS) - 1)]
    return STEPS[max(step - 1, 0)] if z > -Z / 2 else STEPS[step]
