"""Does the agent follow a person who changes, and what does watching for change cost when nothing does?

A person is offered ten things at a time, the agent shows one, they say yes or no by a taste that may move (design, reward: "Change"; the worlds
follow Russac et al. 2019 and Chandak et al. 2020). Every method is the product's own posterior, drawn from by Thompson sampling; they
differ in how much each label counts: `weal` by the product's bank, `rate g` by g to the power of the label's age, 1 being no forgetting.

Regret is what the shown one was worth less than the best of the ten, in standard deviations of utility. `ratio` is a method's regret over that of the
best fixed rate of the same world, found in hindsight over all people. Tuned on seeds 101 to 110, reported on seed 1. The posterior is learnt anew every
REFIT labels, by all methods alike, which only saves time.
"""

import numpy as np
import numpy.typing as npt

from weal_node.reward.drift import follow
from weal_node.reward.filter_bank import RATES
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prior import Prior
from weal_simulations.bench.study import Floor, Progress, Row, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "Does the agent follow a person who changes, and what does watching for it cost?"
PEOPLE = 40
STEPS = 300
REFIT = 5
WIDTH = 16
OFFERED = 10
STEEPNESS = 2.0  # log-odds per standard deviation of utility
WORLDS = ("static", "abrupt", "gradual", "fast", "mixed", "restless")
METHODS = ("weal", *(f"rate {rate:g}" for rate in RATES), "random")
PRIOR = Prior(np.zeros(WIDTH), np.eye(WIDTH) * STEEPNESS**2 / WIDTH, "drift study")
CHANGE_AT = 150
RECOVERED = 0.8


def run(seed: int, people: int, progress: Progress) -> Study:
    """Run all methods on the same people, offers and noise."""
    rows: list[Row] = []
    ratios: dict[str, float] = {}
    for number, world in enumerate(WORLDS):
        regret = {}
        for place, method in enumerate(METHODS):
            progress((number + place / len(METHODS)) / (len(WORLDS) + 1), f"{world}: {method}")
            regret[method] = np.array([live(seed, person, world, method)[0] for person in range(people)])
        best = min(regret[f"rate {rate:g}"].sum() for rate in RATES)
        for method, one in regret.items():
            ratio = one.sum(1) / (best / people)
            rows.append(row(method, {"world": world}, {"regret": one.sum(1), "ratio": ratio}))
        ratios[world] = float(regret["weal"].sum() / best)
    recovery, false_alarms = [], []
    for person in range(people):
        progress((len(WORLDS) + person / people) / (len(WORLDS) + 1), "recovery")
        recovery.append(_recovery(live(seed, person, "once", "weal")[0]))
        false_alarms.append(live(seed, person, "static", "weal")[1])
    rows.append(row("weal", {"world": "once"}, {"labels_to_recover": recovery}))
    rows.append(row("weal", {"world": "static"}, {"false_alarms": false_alarms}))
    worst = max(ratios[world] for world in WORLDS if world != "static")
    return Study(
        "drift",
        seed,
        tuple(rows),
        (
            Floor("drift: worst ratio to the best fixed rate", worst, 1.08, at_least=False),
            Floor("drift: cost when nothing changes", ratios["static"] - 1.0, 0.04, at_least=False),
        ),
    )


def live(seed: int, person: int, world: str, method: str) -> tuple[Array, float]:
    """Return one person's regret (STEPS,) and the share of refits at which a change was believed."""
    tastes = taste(world, np.random.default_rng([seed, person, 1, WORLDS.index(world) if world in WORLDS else 99]))
    offers = np.random.default_rng([seed, person, 2]).standard_normal((STEPS, OFFERED, WIDTH))
    answers, draws = np.random.default_rng([seed, person, 3]), np.random.default_rng([seed, person, 4])
    shown, said = np.zeros((STEPS, WIDTH)), np.zeros(STEPS)
    regret, alarms, refits = np.zeros(STEPS), 0, 0
    posterior, root = Posterior(PRIOR.mean, PRIOR.covariance, 0), np.linalg.cholesky(PRIOR.covariance)
    for t in range(STEPS):
        if t and t % REFIT == 0:
            posterior, alarm = _learnt(shown[:t], said[:t], method)
            root = np.linalg.cholesky(posterior.covariance + 1e-9 * np.eye(WIDTH))
            alarms, refits = alarms + alarm, refits + 1
        worth = offers[t] @ tastes[t]
        drawn = posterior.mean + root @ draws.standard_normal(WIDTH)
        pick = int(draws.integers(OFFERED)) if method == "random" else int(np.argmax(offers[t] @ drawn))
        regret[t] = worth.max() - worth[pick]
        shown[t], said[t] = offers[t, pick], answers.random() < 1 / (1 + np.exp(-STEEPNESS * worth[pick]))
    return regret, alarms / max(refits, 1)


def _learnt(shown: Array, said: Array, method: str) -> tuple[Posterior, bool]:
    rows = Rows(shown, np.zeros(len(said)), said, ())
    if method == "random":
        return Posterior(PRIOR.mean, PRIOR.covariance, 0), False
    if method == "weal":
        followed = follow(rows, PRIOR)
        weight, alarm = followed.weight, followed.since is not None
    else:
        weight, alarm = float(method.removeprefix("rate ")) ** np.arange(len(said) - 1.0, -1.0, -1.0), False
    return fit(Rows(shown, np.zeros(len(said)), said, (), weight), PRIOR), alarm


def taste(world: str, draw: np.random.Generator) -> Array:
    """Return a taste of unit length for every step (STEPS, WIDTH), so that utility has standard deviation one."""
    current, found = _fresh(draw), np.zeros((STEPS, WIDTH))
    regime, left = "static", 0
    for t in range(STEPS):
        found[t] = current
        if world == "restless":
            if left == 0:
                regime, left = str(draw.choice(["static", "gradual", "fast", "jumps"])), int(draw.integers(60, 160))
            left -= 1
        moving = regime if world == "restless" else world
        chance = {"abrupt": 1 / 120, "mixed": 1 / 200, "jumps": 1 / 40}.get(moving, 0.0)
        speed = {"gradual": 0.03, "fast": 0.1, "mixed": 0.02}.get(moving, 0.0)
        if world == "once":
            chance = float(t == CHANGE_AT - 1)
        if draw.random() < chance:
            new = _fresh(draw)
            current = _unit(0.5 * current + 0.87 * new) if world != "once" and draw.random() < 0.5 else new
        if speed:
            current = _unit(current + speed * draw.standard_normal(WIDTH) / np.sqrt(WIDTH))
    return found


def _fresh(draw: np.random.Generator) -> Array:
    made = np.zeros(WIDTH)
    made[draw.choice(WIDTH, 3, replace=False)] = draw.standard_normal(3)
    return _unit(made)


def _unit(vector: Array) -> Array:
    unit: Array = vector / max(float(np.sqrt(vector @ vector)), 1e-12)
    return unit


def _recovery(regret: Array) -> float:
    """Return after how many labels the mean regret over 20 is back to within a fifth of the way from the jump's to the one before it; NaN if never."""
    before = regret[CHANGE_AT - 60 : CHANGE_AT].mean()
    jump = regret[CHANGE_AT : CHANGE_AT + 10].mean()
    for t in range(CHANGE_AT, STEPS - 20):
        if regret[t : t + 20].mean() <= before + (1 - RECOVERED) * max(jump - before, 0.0):
            return float(t - CHANGE_AT)
    return float("nan")
