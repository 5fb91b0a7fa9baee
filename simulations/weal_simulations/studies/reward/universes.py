"""In which universe is the person happier: the one of their own actions, or the one of the agent's?

Every person lives the same sixty days in several universes, with the same offers and the same luck (lives.py). `own`: as they would. `agent`: by what the agent recommends, which foresees
consequences with an error of a quarter and knows the person's taste from k answers to pairs of moments of their life, asked and learnt by the product. `gated`: the agent acts only where it
is surely better than the person's own choice, by the product's threshold, which rises with lost audits. `foresight`: the person themself, seeing what the agent
foresees, and zero answers: how much of the win is planning and not taste.

Of this code the node runs the questions and the learning (reward/acquisition.py, posterior.py). Acting for the person on many days is nothing that it does: the rule for when that would be right (reward/foresight.py) is measured here for the
day on which something is to act by it, and the consequences that the agent foresees are this study's own.

`win` and `harm` are the shares of people who are happier, or less happy, than in their own universe; who is never interfered with counts in neither. `gain`: of happiness,
as a share of what could be gained. `spoke`: share of days on which the agent acted. Rows `crossing` give the first k at which half, and 95%, win in the agent's universe: null
where that is beyond 40, intervals by bootstrap over people. Tuned on seeds 101 to 110, reported on seed 1.
"""

from functools import partial

import numpy as np
import numpy.typing as npt

from weal_node.reward import acquisition
from weal_node.reward.foresight import Threshold, probability_better
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prior import Prior
from weal_simulations.bench.study import Floor, Progress, Row, Study, bootstrap, measured, row
from weal_simulations.worlds.lives import GAIN, KINDS, LIVES, MISTAKE, WIDTH, Days, Life, life, reward

Array = npt.NDArray[np.float64]
QUESTION = "In which universe is the person happier: their own, the agent's, or their own with foresight?"
PEOPLE = 200
KNOWN = (0, 1, 3, 5, 10, 15, 20, 40)
STEEPNESS = 2.0
MOMENTS = 60
AUDITED = 2  # acts a life that are looked at afterwards
UNIVERSES = ("agent", "gated", "foresight")
PRIOR = Prior(np.zeros(WIDTH), np.eye(WIDTH) * STEEPNESS**2 / WIDTH, "universes study")
Outcome = tuple[
    float, float
]  # happiness over the person's own as a share of what could be gained, share of days spoken


def run(seed: int, people: int, progress: Progress) -> Study:
    """Let everyone live in all universes."""
    found = []
    for person in range(people):
        progress(person / people, "living")
        found.append(live(seed, person))
    rows: list[Row] = []
    for kind in KINDS:
        for universe in UNIVERSES:
            for k in KNOWN if universe != "foresight" else (0,):
                gains, spoke = (np.array([one[kind, universe, k][part] for one in found]) for part in (0, 1))
                measures = {"win": gains > 0, "harm": gains < 0, "gain": gains, "spoke": spoke}
                rows.append(row(universe, {"kind": kind, "k": k}, measures))
    rows += [_crossing(found, kind, seed) for kind in KINDS]
    gated = [one for one in rows if one["method"] == "gated" and one.get("kind") == "typical"]
    floors = (
        Floor(
            "universes: harm to a typical person, any k", max(float(one["harm"]) for one in gated), 0.08, at_least=False
        ),
        Floor(
            "universes: a typical person wins by k = 15",
            max(float(one["win"]) for one in gated if int(one["k"]) <= 15),
            0.95,
            at_least=True,
        ),
    )
    return Study("universes", seed, tuple(rows), floors)


def _crossing(found: list[dict[tuple[str, str, int], Outcome]], kind: str, seed: int) -> Row:
    wins = np.array([[one[kind, "agent", k][0] > 0 for k in KNOWN] for one in found], float)
    crossings = {f"{share:.0%} win from k": bootstrap(wins, partial(first_win, share), seed) for share in (0.5, 0.95)}
    return {"method": "crossing", "kind": kind, **measured(crossings)}


def first_win(share: float, wins: Array) -> float:
    """Return the fewest answers with which this share of people (n, KNOWN) wins, infinity where none of KNOWN is enough."""
    able = np.flatnonzero(wins.mean(0) >= share)
    return float(KNOWN[able[0]]) if len(able) else float("inf")


def live(seed: int, person: int) -> dict[tuple[str, str, int], Outcome]:
    """Return for each kind of person, universe and number of answers what came of it."""
    world = life(np.random.default_rng([seed, person]))
    foreseen = world.foreseen(np.random.default_rng([seed, person, 1]))
    heads = _taught(world, np.random.default_rng([seed, person, 2]))
    best = float(world.happiness(world.pick(world.worth() @ world.taste)).mean())
    found: dict[tuple[str, str, int], Outcome] = {}
    for kind in KINDS:
        own = world.own(kind, np.random.default_rng([seed, person, 3]))
        without = float(world.happiness(own).mean())
        scale = max(best - without, 1e-9)

        def gain(chosen: Days, without: float = without, scale: float = scale) -> float:
            return (float(world.happiness(chosen).mean()) - without) / scale

        seen = world.own(kind, np.random.default_rng([seed, person, 3]), foreseen)
        found[kind, "foresight", 0] = gain(seen), 0.0
        for k, head in heads.items():
            chosen = world.pick(foreseen @ head.mean) if k else world.offers[:, :, 1]
            found[kind, "agent", k] = gain(chosen), 1.0
            acted = gated(world, foreseen, head, own, chosen, np.random.default_rng([seed, person, 4, k]))
            found[kind, "gated", k] = gain(acted), float((acted != own).mean())
    return found


def _taught(world: Life, draw: np.random.Generator) -> dict[int, Posterior]:
    """Return the head after each number of answers in KNOWN, to pairs of moments of the person's life, asked as the product does."""
    moments = world.moments(MOMENTS)
    worth = reward(moments, world.taste)
    worth /= max(float(worth.std()), 1e-9)
    phi = moments / moments.std()
    asked, said = list[tuple[int, int]](), list[float]()
    head, found = Posterior(PRIOR.mean, PRIOR.covariance, 0), {}
    for k in range(KNOWN[-1] + 1):
        if k in KNOWN:
            found[k] = head
        known = {frozenset(pair) for pair in asked}
        pair = acquisition.pair(phi, np.zeros(len(phi)), head.mean, head.covariance, acquisition.Asked(k, known), draw)
        asked.append((pair.first, pair.second))
        better = STEEPNESS * (worth[pair.first] - worth[pair.second])
        said.append(float(draw.random() < 1.0 / (1.0 + np.exp(-better))))
        ends = np.array(asked)
        head = fit(Rows(phi[ends[:, 0]] - phi[ends[:, 1]], np.zeros(len(said)), np.array(said), ()), PRIOR)
    return found


def gated(world: Life, foreseen: Array, head: Posterior, own: Days, chosen: Days, draw: np.random.Generator) -> Days:
    """Return what happens (LIVES, DAYS) when the agent acts only where it is surely better; what some of its acts came to is audited after each life."""
    away = foreseen[chosen] - foreseen[own]
    # The error of foresight is not in the head's: it adds the variance of both options' consequences, along every direction of the taste.
    blind = (
        2
        * (GAIN * MISTAKE) ** 2
        * (world.now.var() + world.later.var())
        * (head.mean @ head.mean + np.trace(head.covariance))
    )
    variance = np.einsum("mtd,mtd->mt", away @ head.covariance, away) + blind
    sure = probability_better(away @ head.mean, variance)
    true = (world.worth()[chosen] - world.worth()[own]) @ world.taste > 0
    threshold, acted = Threshold(), own.copy()
    for number in range(LIVES):
        speaks = (sure[number] >= threshold.sure) & (chosen[number] != own[number])
        acted[number] = np.where(speaks, chosen[number], own[number])
        days = np.flatnonzero(speaks)
        audited = draw.choice(days, min(AUDITED, len(days)), replace=False)
        threshold = threshold.after(int(true[number, audited].sum()), len(audited))
    return acted
