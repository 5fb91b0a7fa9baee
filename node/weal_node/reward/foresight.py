"""Acting for the person only where that is surely better than what they would do themselves.

P(better) is that of a Gaussian difference of values: of the reward, which is learnt, and of the consequences, which are foreseen with an error of their own. How sure the agent must be follows from
how it did: who needs little help is served worse by advice that is right nine times in ten, and audits show it.

Nothing in the node acts for its person yet: every card, draft and deal is a question. So the study `universes` alone calls this (node/decisions/0016).
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
# Chosen, and measured as a whole by the study `universes` (simulations/LOG.md, 2026-11-24: harm 2.5%, a win by 15 answers 98.5%).
SURE = 0.9
SURER = 0.97
WINS = 0.6  # share of audited acts that must have been better
FEWEST = 10  # audits before anything follows from them
_erf = np.frompyfunc(math.erf, 1, 1)


def probability_better(mean: Array, variance: Array) -> Array:
    """Return P(difference > 0) (n,) for differences of value of this mean and variance (n,); one half where nothing is known or meant."""
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    probability: Array = 0.5 * (1.0 + np.asarray(_erf(mean / deviation / math.sqrt(2.0)), np.float64))
    return probability


@dataclass(frozen=True, slots=True)
class Threshold:
    """How sure the agent must be, and what its audited acts came to."""

    sure: float = SURE
    won: int = 0
    audited: int = 0

    def after(self, won: int, audited: int) -> "Threshold":
        """Return the threshold once `won` of `audited` further acts were found better; it rises for good when too few were."""
        won, audited = self.won + won, self.audited + audited
        too_few = audited >= FEWEST and won < WINS * audited
        return replace(self, sure=SURER if too_few else self.sure, won=won, audited=audited)
