"""A world in which choices have consequences at once and later, and four kinds of people who see more or less of the latter.

The state of a life is a vector that fades; each day one of six offered options adds something to it now and something else three days later, which on average undoes part of the first
(temptation). Happiness is a saturating function of the state, weighed by the person's taste.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]
WIDTH, OPTIONS, OFFERED = 12, 40, 6
FADING, DAYS, LAG, LIVES = 0.8, 60, 3, 20
SATURATION = 6.0
GAIN = 1.0 / (1.0 - FADING)
# How much of later consequences a person counts, and the noise of their feeling for an option, in sd of its worth.
KINDS = {"impulsive": (0.0, 1.5), "typical": (0.3, 1.0), "competent": (0.9, 0.5), "near-optimal": (1.0, 0.2)}
MISTAKE = 0.25  # of the agent's foresight, relative


@dataclass(frozen=True, slots=True)
class Life:
    """One person's world. taste: (WIDTH,).  now, later: (OPTIONS, WIDTH) of each option.  offers: (LIVES, DAYS, OFFERED).  luck: (LIVES, DAYS, WIDTH)."""

    taste: Array
    now: Array
    later: Array
    offers: Days
    luck: Array

    def worth(self) -> Array:
        """Return the true worth of each option (OPTIONS, WIDTH) over all that follows."""
        return GAIN * (self.now + self.later)

    def foreseen(self, draw: np.random.Generator) -> Array:
        """Return the same as the agent foresees it, with its mistakes."""
        wrong = [table + MISTAKE * table.std() * draw.standard_normal(table.shape) for table in (self.now, self.later)]
        found: Array = GAIN * (wrong[0] + wrong[1])
        return found

    def happiness(self, chosen: Days) -> Array:
        """Return the mean happiness of each life (LIVES,) by what was chosen (LIVES, DAYS)."""
        state, total = np.zeros((len(chosen), WIDTH)), np.zeros(len(chosen))
        for day in range(DAYS):
            state = FADING * state + self.now[chosen[:, day]] + self.luck[:, day]
            if day >= LAG:
                state = state + self.later[chosen[:, day - LAG]]
            total += reward(state, self.taste)
        return total / DAYS

    def moments(self, count: int) -> Array:
        """Return states (count, WIDTH) that the person knows from life, by taking what comes."""
        state, found = np.zeros((LIVES, WIDTH)), []
        for day in range(DAYS):
            state = FADING * state + self.now[self.offers[:, day, 0]] + self.luck[:, day]
            if day >= LAG:
                state = state + self.later[self.offers[:, day - LAG, 0]]
            if day > 10 and day % 6 == 0:
                found.append(state.copy())
        return np.concatenate(found)[:count]

    def pick(self, scores: Array) -> Days:
        """Return what is chosen (LIVES, DAYS) by the highest score; scores: (OPTIONS,) or (LIVES, DAYS, OFFERED)."""
        offered = scores[self.offers] if scores.ndim == 1 else scores
        return np.take_along_axis(self.offers, offered.argmax(-1)[..., None], -1)[..., 0]

    def own(self, kind: str, draw: np.random.Generator, seen: Array | None = None) -> Days:
        """Return what a person of this kind chooses; seen: the worth of options as someone foresees it for them (OPTIONS, WIDTH)."""
        counted, noise = KINDS[kind]
        felt = (GAIN * (self.now + counted * self.later) if seen is None else seen) @ self.taste
        spread = float((self.worth() @ self.taste).std())
        return self.pick(felt[self.offers] + noise * spread * draw.standard_normal(self.offers.shape))


def reward(state: Array, taste: Array) -> Array:
    """Return the happiness (...) of states (..., WIDTH)."""
    found: Array = SATURATION * (np.tanh(state / SATURATION) @ taste)
    return found


def life(draw: np.random.Generator) -> Life:
    """Draw one person's world."""
    taste = np.zeros(WIDTH)
    taste[draw.choice(WIDTH, 4, replace=False)] = draw.standard_normal(4)
    now = draw.standard_normal((OPTIONS, WIDTH)) * (draw.random((OPTIONS, WIDTH)) < 0.4)
    more = 0.8 * draw.standard_normal((OPTIONS, WIDTH)) * (draw.random((OPTIONS, WIDTH)) < 0.4)
    offers = np.array(
        [[draw.choice(OPTIONS, OFFERED, replace=False) for _ in range(DAYS)] for _ in range(LIVES)], np.int64
    )
    return Life(taste, now, more - 0.5 * now, offers, 0.3 * draw.standard_normal((LIVES, DAYS, WIDTH)))
