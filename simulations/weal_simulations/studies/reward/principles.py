"""What is one stated principle worth in answers, and what does a wrong one cost?

People have sparse tastes over 24 named concepts, of which each state is about a few. A principle names a concept and a direction; it enters as the product's does, as a prior mean of .8 typical weights
with the product's variance. `right n`: the person names their n strongest concepts in the true direction; `wrong 1`: their strongest in the wrong one. Then k pairs are asked as the product
asks them. `regret` of the chosen best of 200 as in the study of queries; `worth in answers`: how many answers someone without principles needs for the regret of k = 0 with them, over all people:
null where 40 are not enough, its interval by bootstrap over people.
Tuned on seeds 101 to 110, reported on seed 1.
"""

import numpy as np
import numpy.typing as npt

from weal_node.reward import acquisition, principles
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prior import CONCEPT_VARIANCE, Prior
from weal_simulations.bench.study import Progress, Row, Study, bootstrap, measured, row

Array = npt.NDArray[np.float64]
QUESTION = "What is a stated principle worth in answers, and what does a wrong one cost?"
PEOPLE = 150
WIDTH, STATES, CARED = 24, 200, 4
KNOWN = (0, 5, 10, 20, 40)
STATED = {"none": 0, "right 1": 1, "right 3": 3, "wrong 1": -1}


def run(seed: int, people: int, progress: Progress) -> Study:
    """Question the same people with and without principles."""
    rows: list[Row] = []
    curves: dict[str, Array] = {}
    for place, (method, stated) in enumerate(STATED.items()):
        found = []
        for person in range(people):
            progress((place + person / people) / len(STATED), method)
            found.append(live(seed, person, stated))
        curves[method] = np.array(found)
        rows += [row(method, {"k": k}, {"regret": curves[method][:, k]}) for k in KNOWN]
    for method in ("right 1", "right 3"):
        worth = bootstrap(np.column_stack([curves["none"], curves[method][:, 0]]), worth_in_answers, seed)
        rows.append({"method": method, **measured({"worth in answers": worth})})
    return Study("principles", seed, tuple(rows), ())


def worth_in_answers(regrets: Array) -> float:
    """Return how many answers it takes. regrets: (n, 42), without principles after 0 to 40 answers, then with them after none."""
    reached = np.flatnonzero(regrets[:, :-1].mean(0) <= regrets[:, -1].mean())
    return float(reached[0]) if len(reached) else float("inf")


def live(seed: int, person: int, stated: int) -> Array:
    """Return the regret after each of 0 to 40 answers."""
    draw = np.random.default_rng([seed, person])
    about = draw.random((STATES, WIDTH)) < 0.15
    phi = about * draw.uniform(0.3, 1.0, (STATES, WIDTH))
    taste = np.zeros(WIDTH)
    cared = draw.choice(WIDTH, CARED, replace=False)
    taste[cared] = draw.choice([-1.0, 1.0], CARED) * draw.uniform(0.5, 1.5, CARED) * principles.TYPICAL
    worth = phi @ taste
    head, prior = _start(taste, stated)
    asked, said, found = list[tuple[int, int]](), list[float](), []
    answers = np.random.default_rng([seed, person, 1])
    for k in range(KNOWN[-1] + 1):
        chosen = int(np.argmax(phi @ head.mean + 1e-9 * draw.random(STATES)))
        found.append((worth.max() - worth[chosen]) / (worth.max() - worth.mean()))
        known = {frozenset(pair) for pair in asked}
        pair = acquisition.pair(phi, np.zeros(STATES), head.mean, head.covariance, acquisition.Asked(k, known), answers)
        asked.append((pair.first, pair.second))
        said.append(float(answers.random() < 1 / (1 + np.exp(worth[pair.second] - worth[pair.first]))))
        ends = np.array(asked)
        head = fit(Rows(phi[ends[:, 0]] - phi[ends[:, 1]], np.zeros(len(said)), np.array(said), ()), prior)
    return np.array(found)


def _start(taste: Array, stated: int) -> tuple[Posterior, Prior]:
    mean, variance = np.zeros(WIDTH), np.full(WIDTH, CONCEPT_VARIANCE)
    strongest = np.argsort(-np.abs(taste))[: abs(stated)]
    mean[strongest] = np.sign(stated) * np.sign(taste[strongest]) * principles.STRENGTH * principles.TYPICAL
    variance[strongest] = principles.VARIANCE
    prior = Prior(mean, np.diag(variance), "principles study")
    return Posterior(mean, prior.covariance, 0), prior
