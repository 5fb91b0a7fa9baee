"""Was the agent right? Measured on audits alone: questions drawn at random, guessed before they were answered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Chosen, not tuned; the study `gate` measures what follows from them (simulations/LOG.md, 2026-11-24).
FEWEST = 8  # audits below which nothing can be said
BLOCK = 10  # audits that are shown together
NEWEST = 40  # audits that count: of long ago says little of now
Z90 = 1.2815515655446004  # one-sided 90%
BINS = 10


@dataclass(frozen=True, slots=True)
class Guess:
    """probability: of yes, said before the answer.  yes: what was answered."""

    probability: float
    yes: bool

    @property
    def right(self) -> bool:
        """Whether the likelier answer was given."""
        return (self.probability >= 0.5) == self.yes


@dataclass(frozen=True, slots=True)
class AuditBlock:
    """A stretch of audits.

    first, last: places of its ends.  right: how many were guessed.
    said: how sure the agent was of its guesses on average, one half to 1; right / count is what came true of that."""

    first: int
    last: int
    right: int
    said: float

    @property
    def count(self) -> int:
        """How many audits there are in it."""
        return self.last - self.first + 1


def blocks(guesses: Sequence[Guess]) -> tuple[AuditBlock, ...]:
    """Return the audits in blocks of BLOCK, oldest first; the last block is what has come since. guesses: oldest first."""
    stretches = []
    for first in range(0, len(guesses), BLOCK):
        part = guesses[first : first + BLOCK]
        right, sure = 0, 0.0
        for guess in part:
            right += guess.right
            sure += max(guess.probability, 1.0 - guess.probability)
        stretches.append(AuditBlock(first, first + len(part) - 1, right, sure / len(part)))
    return tuple(stretches)


def worse_than_the_base_rate(guesses: Sequence[Guess]) -> bool:
    """Return whether the newest audits are surely (one-sided 90%) guessed worse, in log-loss, than by how often yes was said before each.

    A paired test of the differences, as of two forecasters on the same events (Diebold and Mariano 1995). guesses: oldest first.
    """
    differences = []
    yes, no = 1.0, 1.0
    for guess in guesses:
        differences.append(log_loss(yes / (yes + no), guess.yes) - log_loss(guess.probability, guess.yes))
        yes, no = yes + guess.yes, no + (not guess.yes)
    newest = np.array(differences[-NEWEST:])
    if len(newest) < FEWEST:
        return False
    upper = newest.mean() + Z90 * newest.std(ddof=1) / math.sqrt(len(newest))
    return bool(upper < 0)


def log_loss(probability: float, yes: bool) -> float:
    """Return the log-loss of one forecast, in nats."""
    return -math.log(max(probability if yes else 1.0 - probability, 1e-9))


def expected_calibration_error(guesses: Sequence[Guess]) -> float:
    """Return how far stated probabilities are from what came true, over ten bins of equal width (Naeini et al. 2015); NaN without guesses."""
    if not guesses:
        return float("nan")
    stated = np.array([guess.probability for guess in guesses])
    came = np.array([float(guess.yes) for guess in guesses])
    bins = np.minimum((stated * BINS).astype(int), BINS - 1)
    error = 0.0
    for number in np.unique(bins):
        inside = bins == number
        error += inside.mean() * abs(stated[inside].mean() - came[inside].mean())
    return float(error)
