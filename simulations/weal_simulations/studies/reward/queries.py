"""What to ask: how fast does the agent find the best of 200 items, and how well does it know the rest?

People have tastes over 16 features, `sparse` (3 of them) or `dense` (all). They answer pairs by Bradley and Terry. `random` asks any pair; `best` by EUBO alone; `learn` by BALD
alone, all three with the stated prior. `weal` asks and learns as the product does: audits once there is something to audit, relevance per feature. `before` is the product of 2026-11-28: the stated
prior, and a random audit every third time from the first on. `botorch` (optional, see botorch_peer.py) asks the first --botorch of the same people.

`regret`: of the item the agent would choose, 0 the best, 1 an average one. `log_loss`: of the yes-or-no between random pairs that were not asked. Rows `weal - ...` are paired: on the same people,
with the same luck. Tuned on seeds 101 to 110, reported on seed 1.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from weal_node.reward import acquisition, relevance
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prediction import moderated
from weal_node.reward.prior import Prior
from weal_simulations.bench.study import Floor, Progress, Row, Study, row
from weal_simulations.studies.reward import botorch_peer

Array = npt.NDArray[np.float64]
QUESTION = "How fast do questions find the best of 200, and what do they teach?"
OPTIONS = {"botorch": {"kind": "int", "least": 2, "help": "How many of the people BoTorch asks too, 20 by default"}}
PEOPLE = 200
BOTORCH = 20  # people: one takes it about as long as everything else together
WIDTH, STATES, ASKED = 16, 200, 40
STEEPNESS = 2.0
AT = (5, 10, 20, 40)
TESTED = 300
TASTES = {"sparse": 3, "dense": WIDTH}  # features that a person cares for
METHODS = ("random", "best", "learn", "before", "weal")
PROMISED = {5: 0.36, 20: 0.12, 40: 0.05}  # regret with sparse tastes
TURNS, BEST_ALONE = 8, 20  # of `before`
PRIOR = Prior(np.zeros(WIDTH), np.eye(WIDTH) * STEEPNESS**2 / WIDTH, "queries study")
Found = dict[int, tuple[float, float]]  # regret and log-loss after so many answers


def run(seed: int, people: int, progress: Progress, botorch: int | None = None) -> Study:
    """Let every method question the same people."""
    rows: list[Row] = []
    floors: list[Floor] = []
    methods = (*METHODS, "botorch") if botorch_peer.installed() else METHODS
    for number, taste in enumerate(TASTES):
        found: dict[str, list[Found]] = {}
        for place, method in enumerate(methods):
            found[method] = []
            for person in range(min(people, botorch or BOTORCH) if method == "botorch" else people):
                done = (number + (place + person / people) / len(methods)) / len(TASTES)
                progress(done, f"{taste}, {method}")
                found[method].append(question(seed, person, method, taste))
        rows += _rows_of(taste, found)
        floors += _floors(taste, found)
    return Study("queries", seed, tuple(rows), tuple(floors))


def _rows_of(taste: str, found: dict[str, list[Found]]) -> list[Row]:
    """Return each method's rows, and what `weal` has over each other one, paired."""
    rows = []
    for k in AT:
        values = {method: np.array([one[k] for one in people]) for method, people in found.items()}
        for method, measured in values.items():
            rows.append(row(method, {"taste": taste, "k": k}, {"regret": measured[:, 0], "log_loss": measured[:, 1]}))
        for method, measured in values.items():
            if method != "weal":
                away = values["weal"][: len(measured)] - measured
                measures = {"regret": away[:, 0], "log_loss": away[:, 1]}
                rows.append(row(f"weal - {method}", {"taste": taste, "k": k}, measures))
    return rows


def _floors(taste: str, found: dict[str, list[Found]]) -> list[Floor]:
    """Return what is promised: of sparse tastes the regret, of dense ones that it is no worse than it was, on the same people."""
    regret = {method: np.array([[one[k][0] for k in AT] for one in found[method]]) for method in ("weal", "before")}
    floors = []
    for k, promised in PROMISED.items():
        column = AT.index(k)
        if taste == "sparse":
            value, name = float(regret["weal"][:, column].mean()), f"queries: regret at {k}"
        else:
            value, promised = float((regret["weal"] - regret["before"])[:, column].mean()), 0.0
            name = f"queries: dense tastes, regret at {k} over that of before"
        floors.append(Floor(name, value, promised, at_least=False))
    return floors


def question(seed: int, person: int, method: str, taste: str = "sparse") -> Found:
    """Return regret and log-loss after each number of answers in AT."""
    draw = np.random.default_rng([seed, person])
    phi = draw.standard_normal((STATES, WIDTH))
    weights = np.zeros(WIDTH)
    cared = TASTES[taste]
    weights[draw.choice(WIDTH, cared, replace=False)] = draw.standard_normal(cared)
    worth = phi @ weights
    worth /= worth.std()
    first, second = draw.integers(STATES, size=TESTED), draw.integers(STATES, size=TESTED)
    asking, answers, found = np.random.default_rng([seed, person, 1]), np.random.default_rng([seed, person, 2]), {}
    agent: Agent | botorch_peer.Peer = (
        botorch_peer.Peer(phi, asking) if method == "botorch" else Agent(method, phi, asking)
    )
    for count in range(1, ASKED + 1):
        one, other = agent.ask()
        agent.learn(one, other, bool(answers.random() < _logistic(STEEPNESS * (worth[one] - worth[other]))))
        if count in AT:
            chosen = int(np.argmax(agent.scores()))
            regret = float((worth.max() - worth[chosen]) / (worth.max() - worth.mean()))
            said = np.clip(agent.chances(first, second), 1e-9, 1 - 1e-9)
            found[count] = regret, _log_loss(said, _logistic(STEEPNESS * (worth[first] - worth[second])))
    return found


class Agent:
    """One that asks about items phi (n, D) by a method of METHODS."""

    def __init__(self, method: str, phi: Array, draw: np.random.Generator) -> None:
        self._method, self._phi, self._draw = method, phi, draw
        self._asked, self._said = list[tuple[int, int]](), list[float]()
        self._posterior = Posterior(PRIOR.mean, PRIOR.covariance, 0)

    def ask(self) -> tuple[int, int]:
        """Return the next pair."""
        posterior, draw = self._posterior, self._draw
        if self._method == "weal":
            asked = acquisition.Asked(len(self._asked), {frozenset(pair) for pair in self._asked})
            bias = np.zeros(len(self._phi))
            chosen = acquisition.pair(self._phi, bias, posterior.mean, posterior.covariance, asked, draw)
            return chosen.first, chosen.second
        first, second = np.triu_indices(len(self._phi), 1)
        kind = self._method
        if kind == "before":
            kind = as_before(len(self._asked))
            numbers = [min(pair) * len(self._phi) + max(pair) for pair in self._asked]
            new = ~np.isin(first * len(self._phi) + second, numbers)
            first, second = first[new], second[new]
        if kind == "random":
            one = int(draw.integers(len(first)))
            return int(first[one]), int(second[one])
        score, away = self._phi @ posterior.mean, self._phi[first] - self._phi[second]
        variance = np.einsum("nd,nd->n", away @ posterior.covariance, away)
        worth: dict[str, Callable[[], Array]] = {
            "best": lambda: acquisition.eubo(score[first], score[second], variance),
            "learn": lambda: acquisition.bald(score[first] - score[second], variance),
        }
        best = int(np.argmax(worth[kind]()))
        return int(first[best]), int(second[best])

    def learn(self, first: int, second: int, yes: bool) -> None:
        """Take an answer in: whether the first is the better one."""
        self._asked.append((first, second))
        self._said.append(float(yes))
        pairs = np.array(self._asked)
        rows = Rows(self._phi[pairs[:, 0]] - self._phi[pairs[:, 1]], np.zeros(len(pairs)), np.array(self._said), ())
        self._posterior = fit(rows, relevance.relevant(rows, PRIOR) if self._method == "weal" else PRIOR)

    def scores(self) -> Array:
        """Return what each item is believed to be worth (n,)."""
        scores: Array = self._phi @ self._posterior.mean
        return scores

    def chances(self, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Array:
        """Return how likely the first of each pair of rows (m,) is believed to be chosen (m,)."""
        away = self._phi[first] - self._phi[second]
        variance = np.einsum("nd,nd->n", away @ self._posterior.covariance, away)
        return moderated(away @ self._posterior.mean, variance)


def as_before(asked: int) -> str:
    """Return what the product of 2026-11-28 asked for after so many answers: "random", "best" or "learn"."""
    if asked % acquisition.AUDIT_EVERY == acquisition.AUDIT_EVERY - 1:
        return "random"
    if asked % acquisition.AUDIT_EVERY == 0 or asked >= BEST_ALONE:
        return "best"
    return "best" if asked >= TURNS and asked // acquisition.AUDIT_EVERY % 2 == 1 else "learn"


def _log_loss(said: Array, true: Array) -> float:
    """Return the expected log-loss of what is said (n,) where this (n,) is how likely it is."""
    return float(-(true * np.log(said) + (1 - true) * np.log(1 - said)).mean())


def _logistic(x: npt.ArrayLike) -> Array:
    values: Array = 1.0 / (1.0 + np.exp(-np.asarray(x, float)))
    return values
