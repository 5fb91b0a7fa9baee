"""A bank of filters over a log of answers: heads that forget at different rates, and heads that were started anew within the log.

They compete by how well they predict each next answer, under fixed-share mixing (Herbster and Warmuth 1998), so that one which was bad
for long can take over at once. Each filter is an extended Kalman filter of a logistic head whose state drifts back to the prior (an
Ornstein-Uhlenbeck process: stationary at the prior; West and Harrison 1997, ch. 6).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
# The shares were tuned over a grid of four on seeds 101 to 110, nothing else (simulations/LOG.md, 2026-11-24: worst ratio to the best
# rate 1.005, cost where nothing changes 2.0%); rates and restarts were chosen.
RATES = (1.0, 0.998, 0.99, 0.97, 0.93)  # of what is remembered from one answer to the next
RESTARTS = 6
RESTART_EVERY = 10  # answers
RESTART_SHARE = 0.01
SHARE = 0.005  # of the mass that is dealt out anew at each answer
# Of what is dealt out: to the head that forgets nothing, since most people do not change most of the time.
STEADY = 0.75
LEAST_LIKELY = 1e-9  # probability of an answer, however wrong a head is: it may be right later


@dataclass(frozen=True, slots=True)
class Observations:
    """What n answers said, in the k directions that are looked at.

    design: (n, k).  offset: (n,).  lower, upper: (n,), ends of the intervals.  counts: (n,), how much each answer counts.
    """

    design: Array
    offset: Array
    lower: Array
    upper: Array
    counts: Array

    def at(self, rows: slice) -> "Observations":
        """Return these answers alone."""
        return Observations(self.design[rows], self.offset[rows], self.lower[rows], self.upper[rows], self.counts[rows])

    def to_bytes(self) -> bytes:
        """Return all of it, to the bit."""
        arrays = (self.design, self.offset, self.lower, self.upper, self.counts)
        return b"".join(array.tobytes() for array in arrays)


@dataclass(frozen=True, slots=True)
class FilterBank:
    """What the heads believe, forgetting ones first, then those that were started anew.

    state: (heads, k, k + 1), a head's covariance and, in the last column, its mean.
    shares: (heads,), the mass on each.  live: (heads,), 0 for one that has not begun.
    started: (RESTARTS,), at which answer each did, -1 for not yet.
    """

    state: Array
    shares: Array
    live: Array
    started: npt.NDArray[np.int64]

    def copy(self) -> "FilterBank":
        """Return one that may be changed."""
        return FilterBank(self.state.copy(), self.shares.copy(), self.live.copy(), self.started.copy())


def first_bank(k: int) -> FilterBank:
    """Return the bank before any answer, in so many directions."""
    live = np.array([1.0] * len(RATES) + [0.0] * RESTARTS)
    return FilterBank(np.tile(_prior(k), (len(live), 1, 1)), _dealt(), live, np.full(RESTARTS, -1))


def advance(bank: FilterBank, answers: Observations, since: int) -> FilterBank:
    """Return the bank after these answers, of which `since` came before. The bank that is given stays as it is."""
    bank = bank.copy()
    steady, k = len(RATES), answers.design.shape[1]
    state, shares, live, started = bank.state, bank.shares, bank.live, bank.started
    fresh = _prior(k)
    forgetting = state[1:steady]  # the first rate is one, and restarted heads forget nothing either
    rate = np.array(RATES[1:])[:, None, None]
    keep = np.concatenate([np.repeat(rate, k, 2), np.sqrt(rate)], 2)
    back = (1.0 - rate) * fresh
    dealt = SHARE * _dealt()
    ends = (np.stack([answers.upper, answers.lower], 1) - answers.offset[:, None])[:, :, None]
    beyond, moved = np.empty((2, 2, len(live))), np.empty((len(live), 1, k + 1))
    with np.errstate(over="ignore"):  # exp(inf) is what is meant: an interval may have no end
        for t, (x, end, count) in enumerate(
            zip(answers.design, ends, answers.counts.tolist(), strict=True), start=since
        ):
            if t and t % RESTART_EVERY == 0:
                slot = int(np.argmin(shares[steady:]))
                started[slot], live[steady + slot] = t, 1.0
                state[steady + slot] = fresh
                shares[steady + slot] += RESTART_SHARE
                shares /= shares.sum()
            forgetting *= keep
            forgetting += back
            seen = x @ state  # (heads, k + 1)
            gain = seen[:, :k]
            variance = gain @ x
            np.subtract(seen[:, k], end, out=beyond[0])
            np.divide(beyond[0], np.sqrt(1.0 + np.pi / 8.0 * variance), out=beyond[1])
            (above, below), (over, under) = 1.0 / (1.0 + np.exp(beyond))
            likely = np.maximum(over - under, LEAST_LIKELY)
            shares *= live * (likely if count == 1.0 else likely**count)
            shares *= (1.0 - SHARE) / shares.sum()
            shares += dealt
            curvature = count * (above * (1.0 - above) + below * (1.0 - below))
            shrink = 1.0 / (1.0 + curvature * variance)
            np.multiply(gain, (curvature * shrink)[:, None], out=moved[:, 0, :k])
            moved[:, 0, k] = count * (1.0 - above - below) * shrink
            state -= gain[:, :, None] * moved
    return bank


def _prior(k: int) -> Array:
    return np.hstack([np.eye(k), np.zeros((k, 1))])


def _dealt() -> Array:
    """Return to whom mass is dealt out at each answer: mostly to the steady head, never to one that has not begun."""
    dealt = np.zeros(len(RATES) + RESTARTS)
    dealt[0], dealt[1 : len(RATES)] = STEADY, (1.0 - STEADY) / (len(RATES) - 1)
    return dealt
