"""How a reader of Mirror understands its sentences: what each says of a text that it does not name. Pure.

A sentence says how much somebody likes what it names. A text is judged by the sentences that it is near to in meaning, each counting by how near, and where none is near by what holds in general:

    own(x) = (FAINT general + sum_s near(x, s) amount_s) / (FAINT + sum_s near(x, s))

Sentences are chosen by what such a reader learns from them (sentences.py), and the study `reader` asks one (simulations/LOG.md, 2026-11-30, "A reader of Mirror").
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from weal_node.features import vocabulary

Array = npt.NDArray[np.float64]
# Tuned on seeds 101 and 102 of the study `reader`: anything near them is as good.
UNRELATED, SAME = (
    0.05,
    0.6,
)  # cosine, above that to the whole vocabulary, up to which a text is not near at all and from which it is the same
FAINT = 0.5  # nearness that what holds in general counts as


class Strength(IntEnum):
    """How much somebody likes or dislikes something, in the words of a sentence."""

    LITTLE = 1
    PLAIN = 2
    MUCH = 3
    FAR = 4


# Log-odds. Where one grade ends and the next begins, and what a reader takes each to mean, near the middle of what falls under it. With three
# grades up to 1.6 a reader of votes lost .05 of log-loss (ibid.).
ENDS = {Strength.LITTLE: 0.4, Strength.PLAIN: 0.9, Strength.MUCH: 1.7}
AMOUNTS = {Strength.LITTLE: 0.2, Strength.PLAIN: 0.6, Strength.MUCH: 1.2, Strength.FAR: 2.2}


def strength(amount: float) -> Strength:
    """Return the grade of an amount, in log-odds of either sign."""
    for grade, end in ENDS.items():
        if abs(amount) < end:
            return grade
    return Strength.FAR


def meant(amount: float) -> float:
    """Return what a reader takes an amount to be once it has been said in words, in log-odds."""
    return float(np.copysign(AMOUNTS[strength(amount)], amount))


def nearness(texts: Array, named: Array) -> Array:
    """Return how near (n, s) texts are to what sentences name, 0 to 1. Both are directions (n, WIDTH) and (s, WIDTH) of length one."""
    to_anything = (texts @ vocabulary.shipped().directions.T).mean(1, keepdims=True)  # which differs by kind of text
    near: Array = np.clip((texts @ named.T - to_anything - UNRELATED) / (SAME - UNRELATED), 0.0, 1.0)
    return near


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader has read so far, about n texts. general: log-odds.  told: (n,), amounts times nearness.  heard: (n,), nearness."""

    general: float
    told: Array
    heard: Array

    def own(self) -> Array:
        """Return what the reader makes of each text (n,), log-odds above what is expected of anybody."""
        judged: Array = (FAINT * self.general + self.told) / (FAINT + self.heard)
        return judged

    def after(self, amount: float, near: Array | None) -> "Read":
        """Return the same after one more sentence. near: (n,), None for one that says what holds in general."""
        if near is None:
            return Read(amount, self.told, self.heard)
        return Read(self.general, self.told + amount * near, self.heard + near)


def unread(texts: int) -> Read:
    """Return what somebody knows of so many texts who has read nothing."""
    return Read(0.0, np.zeros(texts), np.zeros(texts))
