"""What to ask: how fast does the agent find the best of 200 states, and how well does it know the rest?

People have sparse tastes over 16 features (design, reward: "Asking"). They answer pairs by Bradley and Terry. `random` asks any pair; `best` by EUBO alone; `learn` by BALD
alone; `weal` as the product's Teach does, every third question being a random audit. `regret`: of the state the agent would choose, 0 the best, 1 an average one.
`log_loss`: of the yes-or-no between random pairs that were not asked. Tuned on seeds 101 to 110, reported on seed 1.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from weal_node.reward import acquisition
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prediction import moderated
from weal_node.reward.prior import Prior
from weal_simulations.bench.study import Floor, Progress, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "How fast do questions find the best of 200, and what do they teach?"
PEOPLE = 200
WIDTH, STATES, ASKED = 16, 200, 40
STEEPNESS = 2.0
AT = (5, 10, 20, 40)
TESTED = 300
METHODS = ("random", "best", "learn", "weal")


def run(seed: int, people: int, progress: Progress) -> Study:
    """Let every method question the same people."""
    rows, regret = [], {}
    for place, method in enumerate(METHODS):
        found = []
        for person in range(people):
            progress((place + person / people) / len(METHODS), method)
            found.append(question(seed, person, method))
        for k in AT:
            regret[method, k] = np.array([one[k][0] for one in found])
            rows.append(row(method, {"k": k}, {"regret": regret[method, k], "log_loss": [one[k][1] for one in found]}))
    at_20, at_40 = (float(regret["weal", k].mean()) for k in (20, 40))
    floors = (
        Floor("queries: regret at 20", at_20, 0.17, at_least=False),
        Floor("queries: regret at 40", at_40, 0.08, at_least=False),
    )
    return Study("queries", seed, tuple(rows), floors)


def question(seed: int, person: int, method: str) -> dict[int, tuple[float, float]]:
    """Return regret and log-loss after each number of answers in AT."""
    draw = np.random.default_rng([seed, person])
    phi = draw.standard_normal((STATES, WIDTH))
    taste = np.zeros(WIDTH)
    taste[draw.choice(WIDTH, 3, replace=False)] = draw.standard_normal(3)
    worth = phi @ taste
    worth /= worth.std()
    first, second = draw.integers(STATES, size=TESTED), draw.integers(STATES, size=TESTED)
    prior = Prior(np.zeros(WIDTH), np.eye(WIDTH) * STEEPNESS**2 / WIDTH, "queries study")
    posterior, asked, said = fit(_rows(phi, [], []), prior), list[tuple[int, int]](), list[float]()
    asking, answers, found = np.random.default_rng([seed, person, 1]), np.random.default_rng([seed, person, 2]), {}
    while len(asked) < ASKED:
        pair = ask(method, phi, posterior, asked, asking)
        asked.append(pair)
        said.append(float(answers.random() < _logistic(STEEPNESS * (worth[pair[0]] - worth[pair[1]]))))
        posterior = fit(_rows(phi, asked, said), prior)
        if len(asked) in AT:
            chosen = int(np.argmax(phi @ posterior.mean))
            regret = float((worth.max() - worth[chosen]) / (worth.max() - worth.mean()))
            found[len(asked)] = regret, _log_loss(phi[first] - phi[second], worth[first] - worth[second], posterior)
    return found


def ask(
    method: str, phi: Array, posterior: Posterior, asked: list[tuple[int, int]], draw: np.random.Generator
) -> tuple[int, int]:
    """Return the next pair."""
    if method == "weal":
        known = {frozenset(pair) for pair in asked}
        chosen = acquisition.pair(
            phi, np.zeros(STATES), posterior.mean, posterior.covariance, acquisition.Asked(len(asked), known), draw
        )
        return chosen.first, chosen.second
    first, second = np.triu_indices(STATES, 1)
    if method == "random":
        one = int(draw.integers(len(first)))
        return int(first[one]), int(second[one])
    score, away = phi @ posterior.mean, phi[first] - phi[second]
    variance = np.einsum("nd,nd->n", away @ posterior.covariance, away)
    worth: dict[str, Callable[[], Array]] = {
        "best": lambda: acquisition.eubo(score[first], score[second], variance),
        "learn": lambda: acquisition.bald(score[first] - score[second], variance),
    }
    best = int(np.argmax(worth[method]()))
    return int(first[best]), int(second[best])


def _rows(phi: Array, asked: list[tuple[int, int]], said: list[float]) -> Rows:
    pairs = np.array(asked, int).reshape(-1, 2)
    return Rows(phi[pairs[:, 0]] - phi[pairs[:, 1]], np.zeros(len(said)), np.array(said), ())


def _log_loss(away: Array, better: Array, posterior: Posterior) -> float:
    """Return the expected log-loss of the probability that the first of a pair is chosen, over the person's own noise."""
    true = _logistic(STEEPNESS * better)
    said = moderated(away @ posterior.mean, np.einsum("nd,nd->n", away @ posterior.covariance, away))
    said = np.clip(said, 1e-9, 1 - 1e-9)
    return float(-(true * np.log(said) + (1 - true) * np.log(1 - said)).mean())


def _logistic(x: npt.ArrayLike) -> Array:
    values: Array = 1.0 / (1.0 + np.exp(-np.asarray(x, float)))
    return values
