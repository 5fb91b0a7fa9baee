"""How much of what the agent learns about a person does a stranger get who reads Mirror's sentences alone?

Of each new person k answers are known; the node learns from them and writes its sentences, at most fifteen, as the page does. A reader has these, and what everybody thinks: the community's margin
where there is a release, even odds where there is none. They guess the person's other answers. What the reader knows of a sentence is its words: what it names, read with the same encoder;
direction and strength, each grade the amount that its words mean. A text is judged by the sentences that it is near to (node/weal_node/mind/reading.py).
`share` is (reader - base) / (model - base), of all people together, with an interval over people; the same of log-loss gained. Statements are split 85 to 15: the
release and the page know nothing of the rest (`new`); on the others (`seen`) the model has what others said of each statement, which no sentence holds.

Tuned on seeds 101 and 102, reported on seed 1.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_node.features.encoder import Encoder
from weal_node.mind import reading
from weal_node.mind.feature_space import FeatureSpace, feature_space, from_centre
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.mind.sentences import Portrait, portrait
from weal_node.mind.subjects import Kind
from weal_node.records import Item
from weal_node.reward.prediction import moderated
from weal_node.reward.residual import of_length_one
from weal_protocol.errors import WealError
from weal_protocol.representation import Representation, empty
from weal_simulations.bench.study import Floor, Progress, Row, Study, bootstrap, measured, row
from weal_simulations.studies.federation import shared
from weal_simulations.studies.reward.learning import answers, believed, log_loss
from weal_simulations.worlds import choices, demo_town
from weal_simulations.worlds.choices import ChoicePerson, Choices

Array = npt.NDArray[np.float64]
QUESTION = "How well does a stranger who reads only Mirror's sentences guess a person, against the model?"
OPTIONS = {"data": {"kind": "path", "help": "A Polis export, or a folder with items.csv and choices.csv"}}
PEOPLE = 60
KNOWN = (20, 40)
UNSEEN = 0.15
FEWEST_SEEN, FEWEST_NEW = 12, 4  # answers asked of each person, beside those that are known
FEWEST_PEOPLE = 20
OTHERS = 500  # people whom the release is learnt from: enough for it to stand
SHARE = 0.7  # promised
# Variance, log-odds squared, by which a reader holds that a sentence may fail for a single thing: tuned as above, and for log-loss alone.
DOUBT = 1.0
COLUMNS = ("base", "reader", "model")


@dataclass(frozen=True, slots=True)
class Asked:
    """A new person: choices that may be known, in order; asked on statements that others voted on, and on brand-new ones."""

    known: ChoicePerson
    seen: ChoicePerson
    new: ChoicePerson


def run(seed: int, people: int, progress: Progress, data: Path | None = None) -> Study:
    """Run reader and model on the same people."""
    progress(0.0, "reading")
    found = choices.read(data) if data else choices.of_opinions(demo_town.opinions(seed))
    encoder = Encoder.load()
    vectors = encoder.embed(list(found.texts))
    words = Words(encoder)
    draw = np.random.default_rng([seed, 5])
    unseen = np.zeros(len(found.ids), bool)
    unseen[draw.permutation(len(found.ids))[: round(UNSEEN * len(found.ids))]] = True
    subjects, others = _divided(found, unseen, people, draw)
    release = shared.learn(others, found.ids, seed)
    rows, floors = list[Row](), list[Floor]()
    for number, (method, by) in enumerate((("beside a release", release), ("alone", empty()))):
        progress(0.3 + 0.35 * number, method)
        kept = _measured(found, vectors, unseen, by, subjects, words)
        for (k, regime), of_people in sorted(kept.items()):
            made = _row(method, k, regime, of_people, seed)
            rows.append(made)
            name = f"reader, {found.source}, {method}: share of accuracy gained at {k} answers, {regime}"
            floors.append(Floor(name, float(made["share"]), SHARE, at_least=True))
    return Study("reader", seed, tuple(rows), tuple(floors))


def _divided(
    found: Choices, unseen: npt.NDArray[np.bool_], people: int, draw: np.random.Generator
) -> tuple[list[Asked], list[ChoicePerson]]:
    """Return new people who answered enough, and the others on statements that are not brand-new."""
    able = _able(found, unseen)
    chosen = set(draw.choice(able, min(people, len(able)), replace=False).tolist())
    subjects = [_asked(found.people[number], unseen, draw) for number in sorted(chosen)]
    rest = draw.permutation([number for number in range(len(found.people)) if number not in chosen])
    others = list[ChoicePerson]()
    for number in rest.tolist():
        old = found.people[number].at(np.flatnonzero(~unseen[found.people[number].item]))
        if len(old.yes) >= 5 and len(others) < OTHERS:
            others.append(old)
    return subjects, others


def _able(found: Choices, unseen: npt.NDArray[np.bool_]) -> list[int]:
    """Return who answered enough to be asked; WealError where they are too few."""
    able = list[int]()
    for fewest_seen, fewest_new in ((KNOWN[-1] + FEWEST_SEEN, FEWEST_NEW), (KNOWN[-1] + 8, 1)):
        able = []
        for number, person in enumerate(found.people):
            if (~unseen[person.item]).sum() >= fewest_seen and unseen[person.item].sum() >= fewest_new:
                able.append(number)
        if len(able) >= FEWEST_PEOPLE:
            return able
    raise WealError(f"{found.source}: only {len(able)} people answered enough", "Take a larger collection")


def _asked(person: ChoicePerson, unseen: npt.NDArray[np.bool_], draw: np.random.Generator) -> Asked:
    order = draw.permutation(len(person.yes))
    new = unseen[person.item[order]]
    old = order[~new]
    return Asked(person.at(old[: KNOWN[-1]]), person.at(old[KNOWN[-1] :]), person.at(order[new]))


Kept = dict[tuple[int, str], list[list[float]]]


def _measured(
    found: Choices,
    vectors: npt.NDArray[np.float32],
    unseen: npt.NDArray[np.bool_],
    release: Representation,
    subjects: Sequence[Asked],
    words: "Words",
) -> Kept:
    """Return by (k, regime) for each person accuracy and log-loss of COLUMNS, and how many sentences and examples there were."""
    items = [Item(name, text) for name, text in zip(found.ids, found.texts, strict=True)]
    old = np.flatnonzero(~unseen)
    whole = feature_space(items, vectors, release)
    page = feature_space([items[place] for place in old], vectors[old], release)  # a page that never saw the others
    kept: Kept = {}
    for subject in subjects:
        for k in KNOWN:
            log = answers(found, subject.known.at(np.arange(k)))
            written, model = portrait(learn(page, log)), learn(whole, log)
            for regime, asked in (("seen", subject.seen), ("new", subject.new)):
                if len(asked.yes):
                    said = _guesses(written, model, vectors, asked, words)
                    kept.setdefault((k, regime), []).append([*said, *_counts(written)])
    return kept


def _guesses(
    written: Portrait,
    model: FittedModel,
    vectors: npt.NDArray[np.float32],
    asked: ChoicePerson,
    words: "Words",
) -> Iterator[float]:
    """Yield accuracy of each of COLUMNS, then log-loss of each."""
    known = model.features
    base = model.mean_before if known.representation.number else np.zeros(len(known.items))
    own = read_by(written, known, of_length_one(from_centre(vectors[asked.item])), words)
    certain = np.full(len(own), DOUBT)
    mean, variance = believed(model, asked)
    scores = (base[asked.item], base[asked.item] + own, mean)
    for score in scores:
        yield _accuracy(score, asked.yes)
    for score, spread in zip(scores, (np.zeros(len(own)), certain, variance), strict=True):
        yield log_loss(moderated(score, spread), asked.yes)


class Words:
    """What words mean to a reader; each is read once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Array] = {}

    def direction(self, words: str) -> Array:
        """Return where words lie (WIDTH,) from the centre of public text, of length one."""
        if words not in self._known:
            self._known[words] = of_length_one(from_centre(self._encoder.embed([words])))[0]
        return self._known[words]


def read_by(written: Portrait, known: FeatureSpace, texts: Array, words: Words) -> Array:
    """Return what a reader of the sentences makes of texts (n, WIDTH), directions of length one: (n,), log-odds above what is expected of anybody.

    known: where the text of an example stands in full; the page quotes its beginning."""
    read = reading.unread(len(texts))
    for sentence in written.sentences:
        amount = reading.AMOUNTS[sentence.strength] * (1 if sentence.liked else -1)
        if sentence.kind is Kind.GENERAL:
            read = read.after(amount, None)
            continue
        is_example = sentence.kind is Kind.EXAMPLE
        named = known.items[known.index[sentence.key]].text if is_example else sentence.about
        read = read.after(amount, reading.nearness(texts, words.direction(named)[None])[:, 0])
    return read.own()


def _counts(written: Portrait) -> tuple[float, float]:
    return float(len(written.sentences)), float(sum(one.kind is Kind.EXAMPLE for one in written.sentences))


def _accuracy(score: Array, yes: Array) -> float:
    """Return the share of right guesses; even odds are half right."""
    right = np.where(np.abs(score) < 1e-12, 0.5, (score > 0) == (yes > 0.5))
    return float(right.mean())


def _row(method: str, k: int, regime: str, of_people: Sequence[Sequence[float]], seed: int) -> Row:
    table = np.array(of_people)
    found = {f"accuracy {name}": table[:, place] for place, name in enumerate(COLUMNS)}
    found |= {f"log-loss {name}": table[:, 3 + place] for place, name in enumerate(COLUMNS)}
    found |= {"sentences": table[:, 6], "examples": table[:, 7]}
    made = row(method, {"k": k, "regime": regime}, dict(found))
    shares = {"share": bootstrap(table, _share(0), seed), "share of log-loss": bootstrap(table, _share(3), seed)}
    return {**made, **measured(shares)}


def _share(first: int) -> Callable[[Array], float]:
    """Return what computes (reader - base) / (model - base) of a table's columns from `first` on; infinite where the model gains nothing."""

    def share(table: Array) -> float:
        base, reader, model = table[:, first : first + 3].mean(0).tolist()
        return float((reader - base) / (model - base)) if model != base else float("inf")

    return share
