"""Following a person who changes: how much each label still counts, and whether the person changed lately.

The label log is replayed through a bank of filters: heads that forget at different rates, and heads that were started anew at some time
within the log. They compete by how well they predict each next label, under fixed-share mixing (Herbster and Warmuth 1998), so that
one which was bad for long can take over at once. Each filter is an extended Kalman filter of a logistic head whose state drifts back to the
prior (an Ornstein-Uhlenbeck process: stationary at the prior; West and Harrison 1997, ch. 6) over the few directions in which
the labels differ most. At the end each head says how much it would count each label; the mixture of that weights the labels of one fit.

Pure, in the log's order: an answer that is deleted was never there. What comes out holds the banks after full blocks of answers with what
they heard; handed in again, they save the replay of whatever the next log begins with too. Without them every bit is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from weal_node.reward.head import Rows
from weal_node.reward.prior import Prior

Array = npt.NDArray[np.float64]
RATES = (1.0, 0.998, 0.99, 0.97, 0.93)
RESTARTS = 6
RESTART_EVERY = 10  # labels
RESTART_SHARE = 0.01
SHARE = 0.005  # of the mass that is dealt out anew at each label
STEADY = (
    0.75  # of what is dealt out: to the head that forgets nothing, since most people do not change most of the time
)
FEWEST = 20  # below that there is nothing to compare
DIRECTIONS = 12
CHANGED = 0.6  # mass on heads that started lately from which it is called a change
LATELY = 80  # labels
WINDOW = 1_500  # the newest labels are replayed: who changed is seen there, and a page cannot wait for more
BLOCK = 100  # labels: full blocks are the same at the next gesture, and need no replay then


@dataclass(frozen=True, slots=True)
class Drift:
    """weight: (n,) in [0, 1], how much each label still counts.  since: the label from which on the person is believed to have
    changed, None where they are not.  strength: (0 to 1) of that belief.  shares: mass on each head, forgetting ones first.
    blocks: the bank after each full block of this log."""

    weight: Array
    since: int | None
    strength: float
    shares: Array
    blocks: "tuple[Block, ...]" = field(default=(), repr=False)


def follow(rows: Rows, prior: Prior, before: "tuple[Block, ...]" = ()) -> Drift:
    """Return what the bank believes after the whole log. rows: in the order of time; prior: of the head, (D,).  before: the blocks of an
    earlier result; those with which this log begins too are not replayed."""
    n = len(rows.outcome)
    if n < FEWEST:
        return Drift(np.ones(n), None, 0.0, _resting())
    settled = n - n % BLOCK
    newest = slice(n - followed(n), n)
    design, offset = _narrowed(rows, prior, settled)
    lower, upper = rows.bounds()
    told = _Told(design[newest], offset[newest], lower[newest], upper[newest], rows.weights()[newest])
    same = max(0, settled - newest.start)  # how many, in full blocks, are the same from one gesture to the next
    blocks = _after_blocks([told.at(slice(start, start + BLOCK)) for start in range(0, same, BLOCK)], before)
    bank = blocks[-1].bank if blocks else _first(told.design.shape[1])
    bank = _hear(bank.copy(), told.at(slice(same, None)), same)
    return _summary(n, np.where(bank.started >= 0, bank.started + newest.start, -1), bank.shares, blocks)


def followed(answers: int) -> int:
    """Return in how many of so many labels, the newest, a change is looked for."""
    return answers - max(0, answers - answers % BLOCK - WINDOW)


@dataclass(frozen=True, slots=True)
class _Told:
    """What labels said, in the directions that are looked at: design (n, k), offset, lower and upper ends and counts (n,)."""

    design: Array
    offset: Array
    lower: Array
    upper: Array
    counts: Array

    def at(self, rows: slice) -> "_Told":
        """Return these labels alone."""
        return _Told(*(getattr(self, one.name)[rows] for one in fields(self)))

    def said(self) -> bytes:
        """Return all of it, to the bit."""
        return b"".join(getattr(self, one.name).tobytes() for one in fields(self))


def _resting() -> Array:
    shares = np.zeros(len(RATES) + RESTARTS)
    shares[0] = 1.0
    return shares


def _narrowed(rows: Rows, prior: Prior, settled: int) -> tuple[Array, Array]:
    """Return the labels (n, k) in the directions in which scores of the settled ones (of all, where none is) differ most a priori,
    scaled to a prior of unit variance, and the rest's offset."""
    lower = np.linalg.cholesky(prior.covariance)
    # Part by part: the last bits of a product depend on how many rows it has, and settled labels are known by their bits.
    parts = [part for part in (rows.design[:settled], rows.design[settled:]) if len(part)]
    spread = [part @ lower for part in parts]
    _, directions = np.linalg.eigh(spread[0].T @ spread[0])
    widest = directions[:, : -DIRECTIONS - 1 : -1]
    offset = rows.offset + np.concatenate([part @ prior.mean for part in parts])
    return np.concatenate([part @ widest for part in spread]), offset


@dataclass(frozen=True, slots=True)
class _Bank:
    """state: (heads, k, k + 1), a head's covariance and, in the last column, its mean.  shares: (heads,), the mass on each.

    live: (heads,), 0 for one that has not begun.  started: (RESTARTS,), at which label each did, -1 for not yet.
    """

    state: Array
    shares: Array
    live: Array
    started: npt.NDArray[np.int64]

    def copy(self) -> "_Bank":
        """Return one that may be changed."""
        return _Bank(self.state.copy(), self.shares.copy(), self.live.copy(), self.started.copy())


def _first(k: int) -> _Bank:
    live = np.array([1.0] * len(RATES) + [0.0] * RESTARTS)
    return _Bank(np.tile(_prior(k), (len(live), 1, 1)), _dealt(), live, np.full(RESTARTS, -1))


def _prior(k: int) -> Array:
    return np.hstack([np.eye(k), np.zeros((k, 1))])


@dataclass(frozen=True, slots=True)
class Block:
    """What a full block of answers said, to the bit, and the bank after it."""

    said: bytes
    bank: _Bank


def _after_blocks(parts: Sequence[_Told], before: Sequence[Block]) -> tuple[Block, ...]:
    """Return the block of each part; of `before` those are taken with which the parts begin too."""
    known, blocks = before, list[Block]()
    for number, part in enumerate(parts):
        said = part.said()
        if number < len(known) and known[number].said == said:
            blocks.append(known[number])
        else:
            bank = blocks[-1].bank if blocks else _first(part.design.shape[1])
            known = ()
            blocks.append(Block(said, _hear(bank.copy(), part, number * BLOCK)))
    return tuple(blocks)


def _hear(bank: _Bank, told: _Told, since: int) -> _Bank:
    """Take in these labels, of which `since` came before; changes the bank's arrays and returns it."""
    steady, k = len(RATES), told.design.shape[1]
    state, shares, live, started = bank.state, bank.shares, bank.live, bank.started
    fresh = _prior(k)
    forgetting = state[1:steady]  # the first rate is one, and restarted heads forget nothing either
    rate = np.array(RATES[1:])[:, None, None]
    keep = np.concatenate([np.repeat(rate, k, 2), np.sqrt(rate)], 2)
    back = (1.0 - rate) * fresh
    dealt = SHARE * _dealt()
    ends = (np.stack([told.upper, told.lower], 1) - told.offset[:, None])[:, :, None]
    beyond, moved = np.empty((2, 2, len(live))), np.empty((len(live), 1, k + 1))
    with np.errstate(over="ignore"):  # exp(inf) is what is meant: an interval may have no end
        for t, (x, end, count) in enumerate(zip(told.design, ends, told.counts.tolist(), strict=True), start=since):
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
            likely = np.maximum(over - under, 1e-9)
            shares *= live * (likely if count == 1.0 else likely**count)
            shares *= (1.0 - SHARE) / shares.sum()
            shares += dealt
            curvature = count * (above * (1.0 - above) + below * (1.0 - below))
            shrink = 1.0 / (1.0 + curvature * variance)
            np.multiply(gain, (curvature * shrink)[:, None], out=moved[:, 0, :k])
            moved[:, 0, k] = count * (1.0 - above - below) * shrink
            state -= gain[:, :, None] * moved
    return bank


def _dealt() -> Array:
    """Return to whom mass is dealt out at each label: mostly to the steady head, never to one that has not begun."""
    dealt = np.zeros(len(RATES) + RESTARTS)
    dealt[0], dealt[1 : len(RATES)] = STEADY, (1.0 - STEADY) / (len(RATES) - 1)
    return dealt


def _summary(n: int, started: npt.NDArray[np.int64], shares: Array, blocks: tuple[Block, ...]) -> Drift:
    age = np.arange(n - 1, -1, -1)
    weight = np.zeros(n)
    for share, rate in zip(shares, RATES, strict=False):
        weight += share * rate**age
    recent = np.zeros(n)
    for share, start in zip(shares[len(RATES) :], started, strict=True):
        if start >= 0:
            weight[start:] += share
            if n - start <= LATELY:
                recent[start] += share
    # A head that forgets at rate g remembers about 1 / (1 - g) labels: where it rules, that is since when.
    for share, rate in zip(shares, RATES, strict=False):
        if rate < 1.0 and 1.0 / (1.0 - rate) <= LATELY:
            recent[max(0, n - round(1.0 / (1.0 - rate)))] += share
    strength = float(recent.sum())
    since = int(np.argmax(recent)) if strength >= CHANGED else None
    return Drift(np.minimum(weight, 1.0), since, strength, shares, blocks)
