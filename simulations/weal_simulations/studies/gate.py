"""The gate before speaking: does waiting until the person is understood spare them bad suggestions, and what does it cost?

Forty days of four opportunities each; at each, the agent's best of five fresh states may be shown, at a cost of .6 when the person is busy and .15 at a pause (even odds). A
person with a sparse taste over 16 features accepts with probability s(2 (u - 1)), so about one ordinary state in six is worth showing. `net`: 1 for each accepted, -.25 for
each rejected, less the cost. Half the opportunities come with a question in a session that the person started, chosen as Teach does; every answer is learnt from.
All methods meet the same opportunities and the same luck, and differ in when they speak: `weal` by the product's gate; `known ground` as that, and
never about what is unlike every labelled state, as Today does; `no warm-up` by its threshold, budget and hours alone; `mean` as that, by the probability at the mean instead of the
moderated one; `no gate` whenever budget and hours allow; `foresight` by the true probability.

`early_rejected`: how many were rejected in the first 40 opportunities, a count per person (design, reward: ".2 of 40").  `rejected_of_40`: the share
rejected of the first 40 that were spoken.  `ece`: of all probabilities spoken, over everyone. Tuned on seeds 101 to 110, reported on seed 1.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from weal_node.gate import interruption
from weal_node.gate.calibration import Guess, expected_calibration_error
from weal_node.gate.interruption import Moment, Quiet, silence, threshold
from weal_node.loop.judge import SINGLE_EVERY
from weal_node.reward import teach
from weal_node.reward.choose import support
from weal_node.reward.head import Rows
from weal_node.reward.judge import moderated, scores
from weal_node.reward.posterior import Posterior, fit
from weal_node.reward.prior import Prior
from weal_simulations.study import Floor, Progress, Study, row

Array = npt.NDArray[np.float64]
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
class Life:
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

    def guesses(self) -> list[Guess]:
        """Return what was said of each suggestion and what came of it."""
        return [Guess(probability, glad) for _, probability, glad in self.spoken]


@dataclass(slots=True)
class Learner:
    """The agent's side: the rows learnt from, and the product's posterior of them."""

    design: list[Array] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    labelled: list[Array] = field(default_factory=list)
    audits: list[Guess] = field(default_factory=list)
    asked: int = 0
    posterior: Posterior = field(default_factory=lambda: Posterior(PRIOR.mean, PRIOR.covariance, 0))

    def learn(self, design: Array, said: bool, *states: Array) -> None:
        """Take one answer in. design: (D,).  states: what it was about, (D,) each."""
        self.design.append(design)
        self.said.append(float(said))
        self.labelled.extend(states)
        answers = np.array(self.said)
        self.posterior = fit(Rows(np.array(self.design), np.zeros(len(answers)), answers, ()), PRIOR)

    def judged(self, phi: Array) -> tuple[Array, Array]:
        """Return mean and variance (n,) of states or differences phi (n, D)."""
        return scores(self.posterior, phi, np.zeros(len(phi)))


def run(seed: int, people: int, progress: Progress) -> Study:
    """Let every gate live with the same people."""
    lives: dict[str, list[Life]] = {}
    for place, method in enumerate(METHODS):
        lives[method] = []
        for person in range(people):
            progress((place + person / people) / len(METHODS), method)
            lives[method].append(live(seed, person, method))
    rows, ece = [], {}
    for method, found in lives.items():
        ece[method] = expected_calibration_error([guess for life in found for guess in life.guesses()])
        measures: dict[str, npt.ArrayLike] = {
            "net": [life.net for life in found],
            "spoken": [len(life.spoken) for life in found],
            "early_rejected": [life.early_rejected() for life in found],
            "rejected_of_40": [life.rejected_of_first() for life in found],
            "ece": [ece[method]],
        }
        rows.append(row(method, {"opportunities": OPPORTUNITIES}, measures))
    early = float(np.mean([life.early_rejected() for life in lives["weal"]]))
    net = {method: float(np.sum([life.net for life in lives[method]])) for method in ("weal", "no warm-up")}
    kept = net["weal"] / net["no warm-up"] if net["no warm-up"] > 0 else float("nan")
    floors = (
        Floor(f"gate: rejected in the first {EARLY} opportunities", early, 0.2, at_least=False),
        Floor("gate: calibration error of what is spoken", ece["weal"], 0.03, at_least=False),
        Floor("gate: net value, of gating without warm-up", kept, 0.7, at_least=True),
    )
    return Study("gate", seed, tuple(rows), floors)


def live(seed: int, person: int, method: str) -> Life:
    """Return one person's forty days."""
    draw = np.random.default_rng([seed, person])  # what happens, the same for every method
    asking = np.random.default_rng([seed, person, 1])  # what Teach draws
    taste = np.zeros(WIDTH)
    taste[draw.choice(WIDTH, LIKED, replace=False)] = draw.standard_normal(LIKED)
    true = STEEPNESS * np.r_[taste / np.linalg.norm(taste), -WORTH_SHOWING]
    ordinary, agent, life = _states(draw, ORDINARY), Learner(), Life()
    today: list[bool | None] = []
    for number in range(OPPORTUNITIES):
        hour = HOURS[number % len(HOURS)]
        today = [] if hour == HOURS[0] else today
        candidates, askable = _states(draw, CANDIDATES), _states(draw, ASKABLE)
        cost = interruption.BUSY if draw.random() < 0.5 else interruption.PAUSE
        luck, session_luck = draw.random(2)
        by = true if method == "foresight" else agent.posterior.mean
        shown = candidates[int(np.argmax(candidates @ by))]
        glad, said = bool(luck < _logistic(shown @ true)), _probability(method, agent, shown, true)
        if speaks(method, agent, ordinary, shown, said, cost, hour, today):
            life.net += (interruption.GAIN if glad else -interruption.LOSS) - cost
            life.spoken.append((number, said, glad))
            today.append(glad)
            agent.learn(shown, glad, shown)
        if number % 2 == 0:
            teach_once(agent, askable, true, float(session_luck), asking)
    return life


def speaks(
    method: str, agent: Learner, ordinary: Array, shown: Array, said: float, cost: float, hour: int, today: list[bool | None]
) -> bool:
    """Return whether this method shows a state now. today: outcomes of what it showed today."""
    warms_up = method in {"weal", "known ground"}
    understood = teach.explained(*agent.judged(ordinary)) if warms_up else 1.0
    labels = len(agent.said) if warms_up else interruption.FEWEST_LABELS
    audits = agent.audits if warms_up else []
    if silence(Moment(understood, labels, None, audits, today, hour * 60, QUIET, cost)):
        return False
    if method == "known ground":
        met = np.array(agent.labelled)[:, :WIDTH]
        if not support(met).inside(shown[None, :WIDTH])[0]:
            return False
    return method == "no gate" or said > threshold(cost)


def teach_once(agent: Learner, states: Array, true: Array, luck: float, draw: np.random.Generator) -> None:
    """Ask one question as Teach does, and learn from the answer. luck: uniform on [0, 1), decides the answer."""
    mean, variance = agent.judged(states)
    audit = agent.asked % teach.AUDIT_EVERY == teach.AUDIT_EVERY - 1
    if agent.asked % SINGLE_EVERY == SINGLE_EVERY - 1 and not audit:
        one = states[teach.single(mean, variance)]
        agent.learn(one, bool(luck < _logistic(one @ true)), one)
    else:
        posterior = agent.posterior
        pair = teach.pair(states, np.zeros(len(states)), posterior.mean, posterior.covariance, agent.asked, draw)
        first, second = states[pair.first], states[pair.second]
        away = first - second
        answer = bool(luck < _logistic(away @ true))
        if pair.why == "audit":
            agent.audits.append(Guess(float(moderated(*agent.judged(away[None]))[0]), answer))
        agent.learn(away, answer, first, second)
    agent.asked += 1


def _probability(method: str, agent: Learner, shown: Array, true: Array) -> float:
    if method == "foresight":
        return _logistic(shown @ true)
    mean, variance = agent.judged(shown[None])
    return float(moderated(mean, np.zeros(1) if method == "mean" else variance)[0])


def _states(draw: np.random.Generator, count: int) -> Array:
    """Return fresh states (n, WIDTH + 1), a constant last."""
    return np.hstack([draw.standard_normal((count, WIDTH)), np.ones((count, 1))])


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))
