"""Are proposals both welcome and new?

A person has considered only some of what there is: the states near a few things they know. What they would be glad of elsewhere they cannot say until they see it. After k answers to questions that the
product asked, each method shows SHOWN of the states that the person never answered about. A discovery is a shown state that the person accepts and that was outside what they had considered.
`random` shows any; `similar` what is nearest to what they accepted; `mean` what scores highest; `weal` what Today would: the likeliest by the moderated probability above the gate's
threshold; it may show fewer. `known ground` is that, among what is like what the person answered about. `discoveries` and `accepted` are shares of what was shown; `found` counts discoveries. Nothing is promised of this. Seed 1 is reported; nothing
here was tuned.
"""

import numpy as np
import numpy.typing as npt

from weal_node.reward import acquisition
from weal_node.reward.choose import support
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prediction import moderated, scores
from weal_node.reward.prior import Prior
from weal_node.today.interruption import PAUSE, threshold
from weal_simulations.bench.study import Progress, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "Are proposals both welcome and new?"
PEOPLE = 200
WIDTH, STATES, KNOWN_SHARE, SHOWN = 12, 400, 0.25, 10
KNOWN = (5, 10, 20, 40)
STEEPNESS = 2.0
BAR = 0.5  # utility, in sd over all states, from which one is glad of something
METHODS = ("random", "similar", "mean", "weal", "known ground")


def run(seed: int, people: int, progress: Progress) -> Study:
    """Let every method show its best to the same people."""
    found = []
    for person in range(people):
        progress(person / people, "showing")
        found.append(live(seed, person))
    rows = []
    for k in KNOWN:
        for method in METHODS:
            shown, accepted, new = np.array([one[method, k] for one in found]).T
            share = np.maximum(shown, 1)
            measures = {
                "discoveries": np.where(shown > 0, new / share, np.nan),
                "accepted": np.where(shown > 0, accepted / share, np.nan),
                "found": new,
                "shown": shown,
            }
            rows.append(row(method, {"k": k}, measures))
    return Study("discovery", seed, tuple(rows), ())


def live(seed: int, person: int) -> dict[tuple[str, int], tuple[int, int, int]]:
    """Return for each method and number of answers how many were shown, accepted, and discoveries."""
    draw = np.random.default_rng([seed, person])
    phi = draw.standard_normal((STATES, WIDTH))
    taste = np.zeros(WIDTH)
    taste[draw.choice(WIDTH, 4, replace=False)] = draw.standard_normal(4)
    worth = phi @ taste
    worth = (worth - worth.mean()) / worth.std()
    centres = phi[draw.choice(STATES, 3, replace=False)]
    nearest = np.min(((phi[:, None] - centres) ** 2).sum(2), axis=1)
    considered = nearest <= np.quantile(nearest, KNOWN_SHARE)
    glad = draw.random(STATES) < 1 / (1 + np.exp(-STEEPNESS * (worth - BAR)))
    found: dict[tuple[str, int], tuple[int, int, int]] = {}
    x = np.hstack([phi, np.ones((STATES, 1))])
    prior = Prior(np.zeros(WIDTH + 1), np.diag([*[STEEPNESS**2 / WIDTH] * WIDTH, 1.0]), "discovery study")
    head, answered = Posterior(prior.mean, prior.covariance, 0), list[int]()
    for k in range(1, KNOWN[-1] + 1):
        answered.append(_asked(x, head, answered, draw))
        head = fit(Rows(x[answered], np.zeros(k), glad[answered].astype(float), ()), prior)
        if k in KNOWN:
            for method in METHODS:
                shown = show(method, x, head, np.array(answered), glad, draw)
                accepted = glad[shown]
                found[method, k] = len(shown), int(accepted.sum()), int((accepted & ~considered[shown]).sum())
    return found


def _asked(x: Array, head: Posterior, answered: list[int], draw: np.random.Generator) -> int:
    """Return the next state to ask about: the least certain, and any where it is an audit's turn."""
    rest = np.setdiff1d(np.arange(STATES), answered)
    if acquisition.turn(len(answered)) == "audit":
        return int(draw.choice(rest))
    some = draw.choice(rest, 100, replace=False)
    mean, variance = scores(head, x[some], np.zeros(len(some)))
    return int(some[acquisition.single(mean, variance)])


def show(
    method: str,
    x: Array,
    head: Posterior,
    answered: npt.NDArray[np.int64],
    glad: npt.NDArray[np.bool_],
    draw: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return the states that a method shows, of those never asked about."""
    rest = np.setdiff1d(np.arange(STATES), answered)
    if method == "random":
        return draw.choice(rest, SHOWN, replace=False)
    if method == "similar":
        liked = answered[glad[answered]]
        near = x[rest] @ x[liked].T if len(liked) else np.zeros((len(rest), 1))
        return rest[np.argsort(-near.max(1), kind="stable")[:SHOWN]]
    mean, variance = scores(head, x[rest], np.zeros(len(rest)))
    if method == "mean":
        return rest[np.argsort(-mean, kind="stable")[:SHOWN]]
    likely = moderated(mean, variance)
    allowed = likely > threshold(PAUSE)
    if method == "known ground":
        allowed &= support(x[answered, :-1]).inside(x[rest, :-1])
    order = np.argsort(-likely, kind="stable")
    return rest[order[allowed[order]][:SHOWN]]
