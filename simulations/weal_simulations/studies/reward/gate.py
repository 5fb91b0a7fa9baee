"""The gate before speaking: is what it lets through welcome from the first, and what does waiting cost?

Forty days of four opportunities each; at each, the likeliest of a hundred fresh states may be shown, at a cost of .6 when the person is busy and .15 at a pause (even odds). A
person with a sparse taste over 16 features accepts with probability s(2 (u - 1)), so about one ordinary state in six is worth showing. `net`: 1 for each accepted, -1 for
each rejected, less the cost. At every second opportunity the person starts a session and answers one question, chosen as Teach does; every answer is learnt from.
All methods meet the same opportunities with the same luck, and differ in when they speak: `weal` as Today does, by what its ideas promise and how past cards fared, on any ground; `known ground` as that,
and only about what is like what the person judged; `no warm-up` by the gate's threshold, budget and hours alone; `mean` as that, by the probability at the mean instead of the moderated one; `no gate` whenever
budget and hours allow; `foresight` by the true probability.

`rejected_of_20`: the share rejected of the first 20 that were spoken unasked.  `early_rejected`: how many were rejected in the first 40 opportunities, a count per person.  `ece`: of all probabilities spoken,
over everyone. `kept`: net as a share of that without warm-up.  `gaps`: longest run of days without a word, after the first. Looked at on seeds 101 and 102, reported on seed 1.
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
from weal_node.today.interruption import Moment, Quiet, bar, silence, threshold
from weal_node.today.promise import PastCard, Promise, promise
from weal_simulations.bench.study import Floor, Progress, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "Is what the gate lets through welcome from the first, and worth it?"
PEOPLE = 100
WIDTH, LIKED = 16, 3
DAYS = 40
HOURS = (8, 12, 16, 20)  # of a day's opportunities
OPPORTUNITIES = DAYS * len(HOURS)
EARLY, FIRST = 40, 20
CANDIDATES, ASKABLE = 100, 40
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

    def past(self) -> list[PastCard]:
        """Return what came of all that was shown."""
        return [PastCard(said, glad) for _, said, glad in self.spoken]

    def early_rejected(self) -> float:
        """Return how many were rejected in the first EARLY opportunities."""
        return float(sum(not glad for number, _, glad in self.spoken if number < EARLY))

    def rejected_of_first(self) -> float:
        """Return the share rejected of the first FIRST suggestions, NaN where there was none."""
        first = [not glad for _, _, glad in self.spoken[:FIRST]]
        return float(np.mean(first)) if first else float("nan")

    def longest_gap(self) -> float:
        """Return the most days in a row without a word, from the first on; NaN where nothing was ever said."""
        days = [number // len(HOURS) for number, *_ in self.spoken]
        return float(np.max(np.diff([*days, DAYS]))) if days else float("nan")


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
            "gaps": [life.longest_gap() for life in found],
            "rejected_of_20": [life.rejected_of_first() for life in found],
            "ece": [ece[method]],
        }
        rows.append(row(method, {"opportunities": OPPORTUNITIES}, measures))
    rejected = float(np.nanmean([life.rejected_of_first() for life in lives["weal"]]))
    floors = (
        Floor(f"gate: rejected of the first {FIRST} unasked", rejected, 0.3, at_least=False),
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
    agent, life = Learner(), SpokenLife()
    today: list[bool | None] = []
    for number in range(OPPORTUNITIES):
        hour = HOURS[number % len(HOURS)]
        today = [] if hour == HOURS[0] else today
        candidates, askable = _states(draw, CANDIDATES), _states(draw, ASKABLE)
        cost = interruption.BUSY if draw.random() < 0.5 else interruption.PAUSE
        luck, session_luck = draw.random(2)
        shown, said = pick(method, agent, candidates, true)
        if said.size and speaks(method, agent, said, Opportunity(cost, hour, today, life.past())):
            best = int(np.argmax(said))
            glad = bool(luck < _logistic(float(shown[best] @ true)))
            life.net += (interruption.GAIN if glad else -interruption.LOSS) - cost
            life.spoken.append((number, float(said[best]), glad))
            today.append(glad)
            agent.learn(shown[best], glad, shown[best])
        if number % 2 == 0:
            teach_once(agent, askable, true, float(session_luck), asking)
    return life


def pick(method: str, agent: Learner, candidates: Array, true: Array) -> tuple[Array, Array]:
    """Return the states (n, WIDTH + 1) that this method may show, and how likely it says that each is welcome (n,); none on no known ground."""
    mean, variance = agent.judged(candidates)
    if method == "mean":
        variance = np.zeros(len(mean))
    elif method == "foresight":
        mean, variance = candidates @ true, np.zeros(len(candidates))
    said = moderated(mean, variance)
    if method == "known ground":
        met = np.array(agent.answered).reshape(-1, WIDTH + 1)[:, :WIDTH]
        rows = np.flatnonzero(support(met).inside(candidates[:, :WIDTH]))
        return candidates[rows], said[rows]
    return candidates, said


@dataclass(frozen=True, slots=True)
class Opportunity:
    """cost: of a word now.  hour: of the day.  today: outcomes of what was shown today.  past: what came of all that was shown."""

    cost: float
    hour: int
    today: Sequence[bool | None]
    past: Sequence[PastCard]


def speaks(method: str, agent: Learner, said: Array, now: Opportunity) -> bool:
    """Return whether this method shows the likeliest now. said: how likely each candidate is welcome (n,)."""
    warms_up = method in {"weal", "known ground"}
    promised = promise(said.tolist(), now.past) if warms_up else Promise((1.0,) * CANDIDATES, 1.0, 1.0)
    answers = len(agent.said) if warms_up else interruption.FEWEST_LABELS
    past, audits = (now.past, agent.audits) if warms_up else ((), ())
    moment = Moment(promised, past, bool(past), answers, None, audits, now.today, now.hour * 60, QUIET, now.cost)
    if silence(moment):
        return False
    if warms_up:
        return max(promised.chances) > bar(moment, now.cost, len(now.today))
    return method == "no gate" or float(said.max()) > threshold(now.cost)


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
