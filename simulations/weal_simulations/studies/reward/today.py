"""Is what Today brings welcome, to people whose taste the encoder knows nothing of?

Each person likes and dislikes seven classes of things to do (worlds/acts.py), and has a taste of their own for every single one beside it, OWN of the classes' spread; both are drawn,
so nothing of them lies in the embeddings but that sentences of a class are about like things. Their vault holds 20, 50 or 110 such sentences. They answer twenty comparisons, chosen as
Teach chooses, and open the page once a day for a week; every card is answered and learnt from. Whom a sentence pleases is drawn once, with chance s(STEEPNESS u).

`weal` is the rule of Today as it stands; `likeliest` the same number of cards as it brought, without spreading and variation; `random` as many of those that were left.
`accepted`: of the cards of the week, a person each, NaN where nothing was brought: who is unlucky at first is brought less, and weighs as much.  `accepted_of_all`, `gain_of_all`: of everyone's cards together, intervals by
bootstrap over people; the floors are of these.  `base`: what a sentence of this vault drawn at random is accepted with; `gain`: the difference.  `rejected_of_20`: of the
first 20 cards.  `first_day`: accepted on the first day with a card.  `cards`: in the week.  `days`: on which there was one.  `said`: chance that was said of the cards, on average.  `alike`: mean cosine of two cards
of one person.  `silent`: people who were brought nothing all week, each told why.  Chosen on seeds 101 and 102, reported on seed 1.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from weal_node.features.encoder import Encoder
from weal_node.features.projection import relative
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.records import Answer, Choice, Item
from weal_node.reward import acquisition, model
from weal_node.reward.prediction import moderated
from weal_node.today.interruption import NO_QUIET, Moment
from weal_node.today.promise import PastCard, promise
from weal_node.today.spread import Ground, pick
from weal_protocol.items import item_id
from weal_protocol.representation import empty
from weal_simulations.bench.study import Floor, Progress, Row, Study, bootstrap, measured, row
from weal_simulations.worlds.acts import ACTS

Array = npt.NDArray[np.float64]
QUESTION = "Is what Today brings welcome, in a week after twenty answers?"
PEOPLE = 40
SIZES = (20, 50, 110)
ANSWERS, DAYS, FIRST = 20, 7, 20
STEEPNESS, OWN = 3.0, 0.6
NOON, DAY_MS = 12 * 60, 24 * 3_600 * 1_000
METHODS = ("weal", "likeliest", "random")
TEXTS = tuple(text for texts in ACTS.values() for text in texts)
CLASSES = np.repeat(np.arange(len(ACTS)), [len(texts) for texts in ACTS.values()])


@dataclass(slots=True)
class Person:
    """One person, what they hold and what they said. liking: (n,) in sd.  glad: (n,), whom each sentence pleases."""

    features: FeatureSpace
    liking: Array
    glad: npt.NDArray[np.bool_]
    log: list[Answer] = field(default_factory=list)

    def compare(self, draw: np.random.Generator) -> None:
        """Answer ANSWERS comparisons as Teach chooses them."""
        fitted = learn(self.features, ())
        for number in range(ANSWERS):
            first, other = self._asked(fitted, draw)
            wins = draw.random() < 1 / (1 + np.exp(-STEEPNESS * (self.liking[first] - self.liking[other])))
            choice = Choice.FIRST if wins else Choice.SECOND
            ends = self.features.items[first].id, self.features.items[other].id
            self.log.append(Answer(f"{number:032x}", number, *ends, choice, "teach"))
            fitted = learn(self.features, self.log, fitted)

    def _asked(self, fitted: FittedModel, draw: np.random.Generator) -> tuple[int, int]:
        """Return the two sentences that are compared next."""
        index, every = self.features.index, np.arange(len(self.liking))
        before = frozenset(frozenset((index[answer.item], index[answer.other])) for answer in self.log)
        covariance = model.joint(fitted.model, fitted.features.phi, fitted.features.space.at(every))
        asked = acquisition.Asked(len(self.log), before)
        chosen = acquisition.pair(np.eye(len(every)), fitted.mean, np.zeros(len(every)), covariance, asked, draw)
        return chosen.first, chosen.second

    def judge(self, place: int, at_ms: int) -> bool:
        """Answer a card."""
        glad = bool(self.glad[place])
        choice = Choice.ACCEPT if glad else Choice.REJECT
        self.log.append(
            Answer(f"{at_ms + place:032x}", at_ms, self.features.items[place].id, "", choice, "today"),
        )
        return glad


@dataclass(slots=True)
class Week:
    """What was brought. brought: (day, place, said, glad), in their order."""

    brought: list[tuple[int, int, float, bool]] = field(default_factory=list)

    def glad(self, first: int | None = None) -> float:
        """Return the share accepted of the first cards, of all by default; NaN without any."""
        answers = [glad for *_, glad in self.brought[:first]]
        return float(np.mean(answers)) if answers else float("nan")


def run(seed: int, people: int, progress: Progress) -> Study:
    """Live a week with each method in vaults of each size."""
    vectors = Encoder.load().embed(list(TEXTS))
    rows: list[Row] = []
    floors: list[Floor] = []
    for place, size in enumerate(SIZES):
        lives: dict[str, list[dict[str, float]]] = {method: [] for method in METHODS}
        for number in range(people):
            progress((place + number / people) / len(SIZES), f"{size} sentences")
            for method, measures in live(seed, number, size, vectors).items():
                lives[method].append(measures)
        found = {method: _measures(lived) for method, lived in lives.items()}
        for method, shares in found.items():
            pooled = {name: bootstrap(_cards(shares, name), _share, seed) for name in ("accepted", "gain")}
            cells = {f"{name}_of_all": interval for name, interval in pooled.items()}
            rows.append(row(method, {"size": size}, shares) | measured(cells))
        floors += _floors(size, found["weal"])
    return Study("today", seed, tuple(rows), tuple(floors))


def _measures(lived: list[dict[str, float]]) -> dict[str, Array]:
    return {name: np.array([life[name] for life in lived]) for name in lived[0]}


def _floors(size: int, measures: dict[str, Array]) -> tuple[Floor, ...]:
    if size != SIZES[-1]:
        cards = float(np.mean(measures["cards"] / np.maximum(measures["days"], 1)))
        return (Floor(f"today: cards on a day that has one, {size} sentences", cards, 1.0, at_least=False),)
    accepted, gain = _share(_cards(measures, "accepted")), _share(_cards(measures, "gain"))
    rejected = _share(_cards(measures, "rejected_of_20"))
    return (
        Floor(f"today: accepted, {size} sentences", accepted, 0.7, at_least=True),
        Floor("today: accepted above the base rate", gain, 0.2, at_least=True),
        Floor(f"today: rejected of the first {FIRST} unasked", rejected, 0.3, at_least=False),
    )


def _cards(measures: dict[str, Array], name: str) -> Array:
    """Return (people, 2): a share of each one's cards and how many these are; who was brought nothing counts nothing."""
    return np.column_stack([np.nan_to_num(measures[name]), measures["cards"]])


def _share(cards: Array) -> float:
    """Return the share of all people's cards together; NaN without any."""
    count = float(cards[:, 1].sum())
    return float(cards[:, 0] @ cards[:, 1]) / count if count else float("nan")


def live(seed: int, number: int, size: int, vectors: npt.NDArray[np.float32]) -> dict[str, dict[str, float]]:
    """Return what each method came to with one person."""
    draw = np.random.default_rng([seed, number, size])
    held = draw.choice(len(TEXTS), size, replace=False)
    items = [Item(item_id(TEXTS[row]), TEXTS[row], "idea") for row in held]
    taste = draw.standard_normal(len(ACTS))[CLASSES[held]] + OWN * draw.standard_normal(size)
    liking = taste / np.hypot(1.0, OWN)
    glad = draw.random(size) < 1 / (1 + np.exp(-STEEPNESS * liking))
    person = Person(feature_space(items, vectors[held], empty()), liking, glad)
    person.compare(draw)
    answered, lived = list(person.log), dict[str, Week]()
    for method in METHODS:
        person.log = list(answered)
        days = [sum(day == brought[0] for brought in lived["weal"].brought) for day in range(DAYS)] if lived else []
        lived[method] = week(method, person, days, np.random.default_rng([seed, number, size, 1]))
    base = float(glad.mean())
    return {method: _measured(found, base, relative(vectors[held])) for method, found in lived.items()}


def week(method: str, person: Person, as_many: list[int], draw: np.random.Generator) -> Week:
    """Return one week. as_many: cards of each day, for a method that does not decide that itself."""
    found, fitted = Week(), learn(person.features, person.log)
    for day in range(DAYS):
        shown = {place for _, place, *_ in found.brought}
        left = [place for place in range(len(person.liking)) if place not in shown]
        chances = moderated(fitted.mean[left], fitted.variance[left])
        if method == "weal":
            places = [left[place] for place in pick(_moment(found, chances, fitted), _ground(person, left, found), 0)]
        elif method == "likeliest":
            places = [left[int(place)] for place in np.argsort(-chances, kind="stable")[: as_many[day]]]
        else:
            places = [int(place) for place in draw.permutation(left)[: as_many[day]]]
        said = dict(zip(left, chances.tolist(), strict=True))
        for place in places:
            found.brought.append((day, place, said[place], person.judge(place, (day + 1) * DAY_MS)))
        fitted = learn(person.features, person.log, fitted)
    return found


def _moment(found: Week, chances: Array, fitted: FittedModel) -> Moment:
    past = [PastCard(said, glad) for _, _, said, glad in found.brought]
    since = fitted.drift.since
    change = None if since is None else len(fitted.answers) - since
    return Moment(
        promise(chances.tolist(), past), past, bool(past), len(fitted.answers), change, (), (), NOON, NO_QUIET
    )


def _ground(person: Person, left: list[int], found: Week) -> Ground:
    vectors = relative(person.features.vectors)
    accepted = [place for _, place, _, glad in found.brought if glad]
    shown = [place for _, place, _, glad in found.brought if not glad]
    return Ground(vectors[left], vectors[accepted], vectors[shown])


def _measured(found: Week, base: float, vectors: npt.NDArray[np.float32]) -> dict[str, float]:
    days = sorted({day for day, *_ in found.brought})
    first = [glad for day, _, _, glad in found.brought if day == days[0]]
    places = [place for _, place, *_ in found.brought]
    cosines = (vectors[places] @ vectors[places].T)[np.triu_indices(len(places), 1)]
    nothing = float("nan")
    return {
        "accepted": found.glad(),
        "base": base,
        "gain": found.glad() - base,
        "rejected_of_20": 1.0 - found.glad(FIRST),
        "first_day": float(np.mean(first)) if first else nothing,
        "cards": float(len(found.brought)),
        "days": float(len(days)),
        "said": float(np.mean([said for _, _, said, _ in found.brought])) if found.brought else nothing,
        "alike": float(cosines.mean()) if len(cosines) else nothing,
        "silent": float(not found.brought),
    }
