"""What to ask next.

The first pairs look for the best (EUBO: Astudillo et al. 2022; Lin et al. 2022). Then that takes turns with learning the function (BALD: Houlsby
et al. 2011, in the probit approximation). Once there is something to audit, every third question is drawn at random, so that what is later said
about accuracy is said about questions the model did not choose; those teach the function too, and every sixth does by BALD. Singles take the least certain answer.
"""

import math
from collections.abc import Iterable, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.reward.prediction import moderated

Array = npt.NDArray[np.float64]
AUDIT_EVERY = 3  # chosen: calibration is measured on audits alone, the other two thirds are asked to learn
# Answers up to which questions look for the best alone, and from which on audits are among them. What was tried instead:
# simulations/LOG.md, 2026-11-30, "Relevance and questions"; why audits wait: node/decisions/0042.
BEST_FIRST, AUDITS_FROM = 5, 14
LEARN_EVERY = 2 * AUDIT_EVERY  # from then on: a log-loss less by .02 at forty answers, at the same regret
SITTING_MS = 30 * 60 * 1_000  # chosen: without an answer for longer, what comes next is another sitting
# Answers from which on no principle is asked for. Chosen: one that is right is worth four answers, three of them more than forty
# (simulations/LOG.md, 2026-11-24).
PRINCIPLE_WORTH = 12
SAME_WORTH = 1e-9  # what two pairs' worths may differ by and still be the same
_PROBIT = math.sqrt(math.pi / 8)  # logit to probit
_erfc = np.frompyfunc(math.erfc, 1, 1)
_C = math.sqrt(math.pi * math.log(2) / 2)


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """Rows of the items to show, and why: "audit", "best" or "learn"."""

    first: int
    second: int
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked so far.

    count: how many questions were answered; it says whose turn it is.
    answered: pairs of rows that are not asked again while there are others.
    skipped: pairs of rows that are not asked while there is any other, an answered one included.
    unfit: (n, n), true of pairs that nobody can compare well: asked before any is asked twice, and after all others. None: there are none.
    """

    count: int
    answered: Set[frozenset[int]] = frozenset()
    skipped: Set[frozenset[int]] = frozenset()
    unfit: npt.NDArray[np.bool_] | None = None


def turn(asked: int) -> str:
    """Return what the next question is for after so many answers: "best", "learn", or "audit", which is drawn at random."""
    if asked < BEST_FIRST:
        return "best"
    if asked < AUDITS_FROM:
        return "best" if (asked - BEST_FIRST) % 2 else "learn"
    if asked % AUDIT_EVERY == AUDIT_EVERY - 1:
        return "audit"
    return "learn" if asked % LEARN_EVERY == LEARN_EVERY - 2 else "best"


def _cdf(x: Array) -> Array:
    values: Array = 0.5 * np.asarray(_erfc(-x / math.sqrt(2)), np.float64)
    return values


def _entropy(p: Array) -> Array:
    q = np.clip(p, 1e-12, 1 - 1e-12)
    entropy: Array = -q * np.log2(q) - (1 - q) * np.log2(1 - q)
    return entropy


def bald(mean: Array, variance: Array) -> Array:
    """Return the expected bits (n,) that an answer tells about the head (Houlsby et al. 2011, eq. 3), logits (n,) scaled to probits."""
    m, v = _PROBIT * mean, _PROBIT**2 * variance
    return _entropy(_cdf(m / np.sqrt(v + 1))) - _C / np.sqrt(v + _C**2) * np.exp(-(m**2) / (2 * (v + _C**2)))


def eubo(first: Array, second: Array, variance: Array) -> Array:
    """Return the expected utility (n,) of the better of two (Lin et al. 2022, eq. 3); variance: of the difference."""
    s = np.sqrt(np.maximum(variance, 1e-12))
    z = (first - second) / s
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    utility: Array = first * _cdf(z) + second * _cdf(-z) + s * density
    return utility


def pair(
    phi: Array, bias: Array, mean: Array, covariance: Array, asked: Asked, rng: np.random.Generator
) -> NextQuestion:
    """Return which two of n >= 2 items (phi (n, D), bias (n,)) to show next, and why.

    mean: (D,), covariance: (D, D), of the head. Source: EUBO and BALD, see this file's first lines."""
    first, second = _open_pairs(len(phi), asked)
    why = turn(asked.count)
    if why == "audit":
        drawn = int(rng.integers(len(first)))
        return _turned(int(first[drawn]), int(second[drawn]), why, rng)
    score, spread = bias + phi @ mean, phi @ covariance @ phi.T
    own = np.diag(spread)
    variance = np.maximum(own[first] + own[second] - 2 * spread[first, second], 0.0)
    if why == "best":
        worth = eubo(score[first], score[second], variance)
    else:
        worth = bald(score[first] - score[second], variance)
    # Of pairs that are worth the same, and before the first answer that is many, any one.
    best = int(rng.choice(np.flatnonzero(worth >= worth.max() - SAME_WORTH)))
    return _turned(int(first[best]), int(second[best]), why, rng)


def _open_pairs(n: int, asked: Asked) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the ends of the pairs of n rows that may be asked: new ones that fit, else new ones, else all but the skipped, else all."""
    first, second = np.triu_indices(n, 1)
    fit = np.ones(len(first), bool) if asked.unfit is None else ~asked.unfit[first, second]
    new = _apart(first, second, n, asked.answered | asked.skipped)
    for open_ones in (new & fit, new, _apart(first, second, n, asked.skipped)):
        if open_ones.any():
            return first[open_ones], second[open_ones]
    return first, second


def _apart(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], n: int, closed: Set[frozenset[int]]
) -> npt.NDArray[np.bool_]:
    """Return which pairs are not among the closed ones."""
    numbers = [min(rows) * n + max(rows) for rows in closed]
    apart: npt.NDArray[np.bool_] = ~np.isin(first * n + second, numbers)
    return apart


def _turned(first: int, second: int, why: str, rng: np.random.Generator) -> NextQuestion:
    """Return the pair in either order: what stands first is clicked more often."""
    return NextQuestion(first, second, why) if rng.random() < 0.5 else NextQuestion(second, first, why)


def single(mean: Array, variance: Array) -> int:
    """Return the row whose answer is least certain: P(yes) nearest to one half, the wider one first. mean, variance: (n,)."""
    distance = np.abs(moderated(mean, variance) - 0.5)
    return int(np.lexsort((-variance, np.round(distance, 6)))[0])


def sitting(times: Iterable[int], now_ms: int) -> int:
    """Return when the sitting that goes on now began. times: of answers, newest first, in ms; now where none is recent."""
    began = now_ms
    for at in times:
        if began - at > SITTING_MS:
            break
        began = min(began, at)
    return began


def ask_principle(answers: int, principles: int, dismissed: bool) -> bool:
    """Return whether to ask for a principle before anything else: while the person has given none and fewer answers than one is worth."""
    return not dismissed and principles == 0 and answers < PRINCIPLE_WORTH
