"""The gate before speaking: does waiting until the person is understood spare them bad suggestions, and what does it cost?

Forty days of four opportunities each; at each, the likeliest of five fresh states may be shown, at a cost of .6 when the person is busy and .15 at a pause (even odds). A
person with a sparse taste over 16 features accepts with probability s(2 (u - 1)), so about one ordinary state in six is worth showing. `net`: 1 for each accepted, -.25 for
each rejected, less the cost. At every second opportunity the person starts a session and answers one question, chosen as Teach does; every answer is learnt from.
All methods meet the same opportunities with the same luck, and differ in when they speak: `weal` as Today does, by the gate, on any ground; `known ground` as that,
and only about what is like what the person judged; `no warm-up` by the gate's threshold, budget and hours alone; `mean` as that, by the probability at the mean instead of the moderated one; `no gate` whenever
budget and hours allow; `foresight` by the true probability.

`early_rejected`: how many were rejected in the first 40 opportunities, a count per person (design, reward: ".2 of 40").  `rejected_of_40`: the share
rejected of the first 40 that were spoken, which no gate brings below foresight's: speaking is worth its cost from p = .32 at a pause.  `ece`: of all probabilities spoken,
over everyone. `kept`: net as a share of that without warm-up. Nothing was tuned; looked at on seeds 101 to 103, reported on seed 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from weal_node.mind.questions import SINGLE_EVERY
from weal_node.reward import acquisition
from weal_node.reward.calibration import Guess, expected_calibration_error
from weal_node.reward.choose import support
from weal_node.reward.head import Rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prediction import moderated, scores
from weal_node.reward.prior import Prior
from weal_node.today import interruption
from weal_node.today.interruption import Moment, Quiet, silence, threshold
from weal_simulations.bench.study import Floor, Progress, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "Is the agent silent until it understands, and worth it when it speaks?"
PEOPLE = 100
WIDTH, LIKED = 16, 3
DAYS = 40
HOURS = (8, 12, 16, 20)  # of a day's opportunities
OPPORTUNITIES = DAYS * len(HOURS)
EARLY = 40
CANDIDATES, ORDINARY, ASKABLE = 5, 200, 40
STEEPNESS, WORTH_SHOWING = 2.0, 1.0
QUIET = Quiet(22 * 60, 7 * 60)
# The head is in log-odds: the taste times STEEPNESS over each feature, and what is worth showing in the constant.
PRIOR = Prior(
    np.r_[np.zeros(WIDTH), -1.0], np.diag(np.r_[np.full(WIDTH, STEEPNESS**2 / WIDTH), 4.0]), "study of the gate"
)
METHODS = ("weal", "known ground", "no warm-up", "mean", "no gate", "foresight")


@dataclass(slots=True)
class SpokenLife:
    """What happened to one person. spoken: (opportunity, probability, accepted) of each suggestion.  net: gain minus costs."""

    net: float = 0.0
    spoken: list[tuple[int, float, bool]] = field(default_factory=list)

    def early_rejected(self) -> float:
        """Return how many were rejected in the first EARLY opportunities."""
        return float(sum(not glad for number, _, glad in self.spoken if number < EARLY))

    def rejected_of_first(self) -> float:
        """Return the share rejected of the first EARLY suggestions, NaN where there was none."""
        first = [not glad for _, _, glad in self.spoken[:EARLY]]
        return float(np.mean(first)) if first else float("nan")


@dataclass(slots=True)
class Learner:
    """The agent's side: the rows learnt from, and the product's posterior of them."""

    design: list[Array] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    answered: list[Array] = field(default_factory=list)
    audits: list[Guess] = field(default_factory=list)
    asked: int = 0
    posterior: Posterior = field(default_factory=lambda: Posterior(PRIOR.mean, PRIOR.covariance, 0))

    def learn(self, design: Array, said: bool, *states: Array) -> None:
        """Take one answer in. design: (D,).  states: what it was about, (D,) each."""
        self.design.append(design)
        self.said.append(float(said))
        self.answered.extend(states)
        answers = np.array(self.said)
        self.posterior = fit(Rows(np.array(self.design), np.zeros(len(answers)), answers, ()), PRIOR)

    def judged(self, phi: Array) -> tuple[Array, Array]:
        """Return mean and variance (n,) of states or differences phi (n, D)."""
        return scores(self.posterior, phi, np.zeros(len(phi)))


def run(seed: int, people: int, progress: Progress) -> Study:
    """Let every gate live with the same people."""
    lives: dict[str, list[SpokenLife]] = {}
    for place, method in enumerate(METHODS):
        lives[method] = []
        for person in range(people):
            progress((place + person / people) / len(METHODS), method)
            lives[method].append(live(seed, person, method))
    rows, ece, kept = [], {}, {}
    net = {method: float(np.sum([life.net for life in found])) for method, found in lives.items()}
    for method, found in lives.items():
        ece[method] = expected_calibration_error([Guess(said, glad) for life in found for _, said, glad in life.spoken])
        kept[method] = net[method] / net["no warm-up"] if net["no warm-up"] > 0 else float("nan")
        measures: dict[str, npt.ArrayLike] = {
            "net": [life.net for life in found],
            "kept": [kept[method]],
            "spoken": [len(life.spoken) for life in found],
            "early_rejected": [life.early_rejected() for life in found],
            "rejected_of_40": [life.rejected_of_first() for life in found],
            "ece": [ece[method]],
        }
        rows.append(row(method, {"opportunities": OPPORTUNITIES}, measures))
    early = float(np.mean([life.early_rejected() for life in lives["weal"]]))
    floors = (
        Floor(f"gate: rejected in the first {EARLY} opportunities", early, 0.2, at_least=False),
        Floor("gate: calibration error of what is spoken", ece["weal"], 0.03, at_least=False),
        Floor("gate: net value, of gating without warm-up", kept["weal"], 0.7, at_least=True),
    )
    return Study("gate", seed, tuple(rows), floors)


def live(seed: int, person: int, method: str) -> SpokenLife:
    """Return one person's forty days."""
    draw = np.random.default_rng([seed, person])  # what happens, the same for every method
    asking = np.random.default_rng([seed, person, 1])  # what Teach draws
    taste = np.zeros(WIDTH)
    taste[draw.choice(WIDTH, LIKED, replace=False)] = draw.standard_normal(LIKED)
    true = STEEPNESS * np.r_[taste / np.linalg.norm(taste), -WORTH_SHOWING]
    ordinary, agent, life = _states(draw, ORDINARY), Learner(), SpokenLife()
    today: list[bool | None] = []
    for number in range(OPPORTUNITIES):
        hour = HOURS[number % len(HOURS)]
        today = [] if hour == HOURS[0] else today
        candidates, askable = _states(draw, CANDIDATES), _states(draw, ASKABLE)
        cost = interruption.BUSY if draw.random() < 0.5 else interruption.PAUSE
        luck, session_luck = draw.random(2)
        picked = pick(method, agent, candidates, true)
        if picked is not None and speaks(method, agent, ordinary, picked[1], cost, hour, today):
            shown = candidates[picked[0]]
            glad = bool(luck < _logistic(float(shown @ true)))
            life.net += (interruption.GAIN if glad else -interruption.LOSS) - cost
            life.spoken.append((number, picked[1], glad))
            today.append(glad)
            agent.learn(shown, glad, shown)
        if number % 2 == 0:
            teach_once(agent, askable, true, float(session_luck), asking)
    return life


def pick(method: str, agent: Learner, candidates: Array, true: Array) -> tuple[int, float] | None:
    """Return the row of the state that this method would show, and how likely it says that one is welcome; None on no known ground."""
    mean, variance = agent.judged(candidates)
    if method == "mean":
        variance = np.zeros(len(mean))
    elif method == "foresight":
        mean, variance = candidates @ true, np.zeros(len(candidates))
    said = moderated(mean, variance)
    rows = np.arange(len(candidates))
    if method == "known ground":
        met = np.array(agent.answered).reshape(-1, WIDTH + 1)[:, :WIDTH]
        rows = np.flatnonzero(support(met).inside(candidates[:, :WIDTH]))
    if not len(rows):
        return None
    best = int(rows[np.argmax(said[rows])])
    return best, float(said[best])


def speaks(
    method: str, agent: Learner, ordinary: Array, said: float, cost: float, hour: int, today: Sequence[bool | None]
) -> bool:
    """Return whether this method shows something now. said: how likely it is welcome.  today: outcomes of what was shown today."""
    warms_up = method in {"weal", "known ground"}
    understood = acquisition.explained(*agent.judged(ordinary)) if warms_up else 1.0
    labels = len(agent.said) if warms_up else interruption.FEWEST_LABELS
    audits = agent.audits if warms_up else ()
    if silence(Moment(understood, labels, None, audits, today, hour * 60, QUIET, cost)):
        return False
    return method == "no gate" or said > threshold(cost)


def teach_once(agent: Learner, states: Array, true: Array, luck: float, draw: np.random.Generator) -> None:
    """Ask one question as Teach does, and learn from the answer. luck: uniform on [0, 1), decides the answer."""
    mean, variance = agent.judged(states)
    audit = acquisition.turn(agent.asked) == "audit"
    if agent.asked % SINGLE_EVERY == SINGLE_EVERY - 1 and not audit:
        one = states[acquisition.single(mean, variance)]
        agent.learn(one, bool(luck < _logistic(float(one @ true))), one)
    else:
        posterior = agent.posterior
        pair = acquisition.pair(
            states, np.zeros(len(states)), posterior.mean, posterior.covariance, acquisition.Asked(agent.asked), draw
        )
        first, second = states[pair.first], states[pair.second]
        away = first - second
        answer = bool(luck < _logistic(float(away @ true)))
        if pair.why == "audit":
            agent.audits.append(Guess(float(moderated(*agent.judged(away[None]))[0]), answer))
        agent.learn(away, answer, first, second)
    agent.asked += 1


def _states(draw: np.random.Generator, count: int) -> Array:
    """Return fresh states (n, WIDTH + 1), a constant last."""
    return np.hstack([draw.standard_normal((count, WIDTH)), np.ones((count, 1))])


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))
