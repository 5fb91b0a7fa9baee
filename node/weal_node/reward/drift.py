"""Following a person who changes: how much each answer still counts, and whether the person changed lately.

The log of answers is replayed through a bank of filters (filter_bank.py) over the few directions in which the answers differ most. At the
end each head says how much it would count each answer; the mixture of that weights the answers of one fit.

Pure, in the log's order: an answer that is deleted was never there. What comes out holds the banks after full blocks of answers with the
answers' bits; handed in again, they save the replay of whatever the next log begins with too. Without them every bit is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from weal_node.reward.filter_bank import RATES, RESTARTS, FilterBank, Observations, advance, first_bank
from weal_node.reward.head import Rows
from weal_node.reward.prior import Prior

Array = npt.NDArray[np.float64]
# Chosen, and measured as a whole by the study `drift` (simulations/LOG.md, 2026-11-24).
FEWEST = 20  # answers below which there is nothing to compare
DIRECTIONS = 12
CHANGED = 0.6  # mass on heads that started lately from which it is called a change
LATELY = 80  # answers
# Chosen for a page's time, measured by `latency` (simulations/LOG.md, 2026-11-28: p95 .059 s at 1,000 answers, .239 s at 5,000).
WINDOW = 1_500  # the newest answers are replayed: who changed is seen there, and a page cannot wait for more
BLOCK = 100  # answers: full blocks are the same at the next answer, and need no replay then


@dataclass(frozen=True, slots=True)
class Block:
    """A full block of answers, to the bit, and the bank after it."""

    answers: bytes
    bank: FilterBank


@dataclass(frozen=True, slots=True)
class Drift:
    """How a person was seen to change.

    weight: (n,) in [0, 1], how much each answer still counts.
    since: the answer from which on the person is believed to have changed, None where they are not.  strength: of that belief, 0 to 1.
    shares: (heads,), mass on each head, forgetting ones first.  blocks: the bank after each full block of this log.
    """

    weight: Array
    since: int | None
    strength: float
    shares: Array
    blocks: tuple[Block, ...] = field(default=(), repr=False)


def follow(rows: Rows, prior: Prior, before: tuple[Block, ...] = ()) -> Drift:
    """Return what the bank believes after the whole log.

    rows: n of them, in the order of time.  prior: of the head, (D,).
    before: the blocks of an earlier result; those with which this log begins too are not replayed."""
    n = len(rows.outcome)
    if n < FEWEST:
        return Drift(np.ones(n), None, 0.0, _resting())
    settled = n - n % BLOCK
    start = n - followed(n)
    answers = _narrowed(rows, prior, settled).at(slice(start, n))
    same = max(0, settled - start)  # how many, in full blocks, are the same from one answer to the next
    blocks = _after_blocks(answers, same, before)
    bank = blocks[-1].bank if blocks else first_bank(answers.design.shape[1])
    bank = advance(bank, answers.at(slice(same, None)), same)
    started = np.where(bank.started >= 0, bank.started + start, -1)
    weight, recent = _weight(n, started, bank.shares), _recent(n, started, bank.shares)
    strength = float(recent.sum())
    since = int(np.argmax(recent)) if strength >= CHANGED else None
    return Drift(weight, since, strength, bank.shares, blocks)


def followed(answers: int) -> int:
    """Return in how many of so many answers, the newest, a change is looked for."""
    return answers - max(0, answers - answers % BLOCK - WINDOW)


def _resting() -> Array:
    shares = np.zeros(len(RATES) + RESTARTS)
    shares[0] = 1.0
    return shares


def _narrowed(rows: Rows, prior: Prior, settled: int) -> Observations:
    """Return the answers in the directions in which scores of the settled ones (of all, where none is) differ most a priori,
    scaled to a prior of unit variance, with the rest as offset."""
    lower = np.asarray(np.linalg.cholesky(prior.covariance), np.float64)
    spread = _product(rows.design, lower, settled)
    compared = spread[:settled] if settled else spread
    _, directions = np.linalg.eigh(compared.T @ compared)
    widest = directions[:, : -DIRECTIONS - 1 : -1]
    offset = rows.offset + _product(rows.design, prior.mean, settled)
    return Observations(_product(spread, widest, settled), offset, *rows.bounds(), rows.weights())


def _product(design: Array, factor: Array, settled: int) -> Array:
    """Return design @ factor part by part: the last bits of a product depend on how many rows it has, and settled answers are known
    by their bits."""
    return np.concatenate([design[:settled] @ factor, design[settled:] @ factor])


def _after_blocks(answers: Observations, same: int, before: Sequence[Block]) -> tuple[Block, ...]:
    """Return the block of each BLOCK of the first `same` answers; of `before` those are taken with which the log begins too."""
    blocks: list[Block] = []
    for number, start in enumerate(range(0, same, BLOCK)):
        part = answers.at(slice(start, start + BLOCK))
        bits = part.to_bytes()
        if number < len(before) and before[number].answers == bits:
            blocks.append(before[number])
        else:
            before = ()
            bank = blocks[-1].bank if blocks else first_bank(part.design.shape[1])
            blocks.append(Block(bits, advance(bank, part, start)))
    return tuple(blocks)


def _weight(n: int, started: npt.NDArray[np.int64], shares: Array) -> Array:
    """Return how much each answer (n,) still counts: the mean of what each head makes of it."""
    age = np.arange(n - 1, -1, -1)
    weight = np.zeros(n)
    for share, rate in zip(shares, RATES, strict=False):
        weight += share * rate**age
    for share, start in zip(shares[len(RATES) :], started, strict=True):
        if start >= 0:
            weight[start:] += share
    return np.minimum(weight, 1.0)


def _recent(n: int, started: npt.NDArray[np.int64], shares: Array) -> Array:
    """Return for each answer (n,) the mass on heads that look back to it and no further, where that is at most LATELY."""
    recent = np.zeros(n)
    for share, start in zip(shares[len(RATES) :], started, strict=True):
        if start >= 0 and n - start <= LATELY:
            recent[start] += share
    # A head that forgets at rate g remembers about 1 / (1 - g) answers: where it rules, that is since when.
    for share, rate in zip(shares, RATES, strict=False):
        if rate < 1.0 and 1.0 / (1.0 - rate) <= LATELY:
            recent[max(0, n - round(1.0 / (1.0 - rate)))] += share
    return recent
