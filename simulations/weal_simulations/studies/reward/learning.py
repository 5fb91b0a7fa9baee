"""How well are people predicted whom nobody has met, from k of their answers?

People are split 70 to 30, statements 85 to 15; the shared part is learnt from the first people on the first statements. Of each new person k answers are known, k = 0 to 20, and the others are
predicted: on statements that others voted on (`seen`) and on brand-new ones (`new`). `weal` is the product: a release of that shared part with what ten rounds say of kernels, the node's ground and the node's learning,
residual, drift and all. `weal, alone` is the same node with no release. `weal, active` chooses the k answers by the product's rule for single questions. The others are in baselines.py and peers.py, run beside it.
`weal - lr` and the like are differences to a peer, paired by person; `weal, alone - lr` those of a node alone.

A new person has at least 36 answers on the first statements and 4 on brand-new ones (fewer where the data has fewer). Measures are means over people, each averaged over the splits they are in; `ece` is over
all predictions of a split, its interval over splits. Without --data people are made up, and
what is promised, which is about three collections (promises.py), is not measured. Tuned on seeds 101 to 110, reported on seed 1.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_node.features.encoder import Encoder
from weal_node.features.projection import shipped
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.records import Answer, Choice, Item
from weal_node.reward import acquisition, model
from weal_node.reward.calibration import Guess, expected_calibration_error
from weal_node.reward.prediction import moderated
from weal_protocol.errors import WealError
from weal_protocol.representation import Representation, empty
from weal_simulations.bench.study import Progress, Row, Study, row
from weal_simulations.studies.federation import shared
from weal_simulations.studies.federation.kernel_rounds import told
from weal_simulations.studies.reward import baselines, peers, promises
from weal_simulations.worlds import choices, demo_town
from weal_simulations.worlds.choices import ChoicePerson, Choices

Array = npt.NDArray[np.float64]
QUESTION = "How well are unseen people predicted from k answers, against one reward for all, each alone, FedRep, LoRe, and all data in one place?"
OPTIONS = {
    "data": {"kind": "path", "help": "A Polis export, or a folder with items.csv and choices.csv"},
    "splits": {"kind": "int", "least": 1, "help": "How often people are split anew, 5 by default"},
}
PEOPLE = 1_000_000  # all there are
SPLITS = 5
KNOWN = (0, 1, 3, 5, 10, 20)
ACTIVE = (5, 10, 20)
COMPARED = {
    "weal": ("global", "local", "fedrep", "lore", "centralised", "lr", "gp", "mixture"),
    "weal, alone": ("local", "lr", "gp"),
}
ACTIVE_EVERY = 2  # every second new person has chosen questions too: each takes a model after each answer
TESTED, UNSEEN = 0.3, 0.15
FEWEST_SEEN, FEWEST_NEW = 36, 4
ASKED_FOR_KERNELS = 100  # of the others: enough for shares to stand within some hundredths
MEASURES = ("accuracy", "auc", "log_loss")
Said = tuple[Array, Array, Array]  # probability of yes, score, outcome
MethodAnswer = tuple[str, int, str, int, Said]  # method, k, regime, person


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A new person: what may be known of them in order, what is asked on seen statements, and on brand-new ones."""

    number: int
    known: ChoicePerson
    seen: ChoicePerson
    new: ChoicePerson


@dataclass(frozen=True, slots=True)
class Split:
    """others: whom the shared part is learnt from, on items of which `seen` (items,) is true. subjects: new people."""

    others: tuple[ChoicePerson, ...]
    seen: npt.NDArray[np.bool_]
    subjects: tuple[NewPerson, ...]


def run(seed: int, people: int, progress: Progress, data: Path | None = None, splits: int | None = None) -> Study:
    """Run all methods on the same splits."""
    progress(0.0, "reading")
    found = choices.read(data) if data else choices.of_opinions(demo_town.opinions(seed))
    vectors = Encoder.load().embed(list(found.texts))
    number = splits or SPLITS
    kept: dict[tuple[str, int, str], list[tuple[int, int, Said]]] = {}
    for one in range(number):
        split = divide(found, [seed, one], people)
        for step, (method, k, regime, subject, said) in enumerate(_methods(found, vectors, split, seed + one)):
            kept.setdefault((method, k, regime), []).append((one, subject, said))
            if step % 200 == 0:
                progress((one + min(0.95, step / (110 * len(split.subjects)))) / number, f"split {one + 1}: {method}")
    of = {key: by_person(said) for key, said in kept.items()}
    rows = [_row(*key, said, of[key]) for key, said in sorted(kept.items(), key=lambda pair: _place(pair[0]))]
    rows.extend(_differences(of))
    return Study("learning", seed, tuple(rows), promises.floors(rows, found.source))


def _place(key: tuple[str, int, str]) -> tuple[str, int, str]:
    method, k, regime = key
    return regime, k, method


def _differences(of: Mapping[tuple[str, int, str], dict[int, Array]]) -> Iterator[Row]:
    """Yield how much the product's measures are above each peer's, paired by person; one reward for all is the same after any answers."""
    for (method, k, regime), measures in sorted(of.items(), key=lambda pair: _place(pair[0])):
        for peer in COMPARED.get(method, ()):
            other = of.get((peer, 0 if peer == "global" else k, regime))
            if other is not None:
                away = np.array([measures[person] - other[person] for person in measures])
                named: dict[str, npt.ArrayLike] = dict(zip(MEASURES, away.T, strict=True))
                yield row(f"{method} - {peer}", {"k": k, "regime": regime}, named)


def divide(found: Choices, seed: Sequence[int], people: int) -> Split:
    """Split people and items; WealError where too few people said enough."""
    draw = np.random.default_rng([*seed, 4])
    unseen = np.zeros(len(found.ids), bool)
    unseen[draw.permutation(len(found.ids))[: round(UNSEEN * len(found.ids))]] = True
    marked = [(~unseen[one.item]) & ((one.other < 0) | ~unseen[one.other]) for one in found.people]
    able: list[int] = []
    for fewest_seen, fewest_new in ((FEWEST_SEEN, FEWEST_NEW), (30, 0), (24, 0)):
        able = [n for n, old in enumerate(marked) if old.sum() >= fewest_seen and (~old).sum() >= fewest_new]
        if len(able) >= 20:
            break
    else:
        raise WealError(f"{found.source}: only {len(able)} people made 24 choices or more", "Take a larger collection")
    tested = draw.choice(able, min(round(TESTED * len(able)), people), replace=False)
    subjects = tuple(_subject(int(n), found.people[n], marked[n], draw) for n in sorted(tested))
    rest = set(range(len(found.people))) - set(tested.tolist())
    others = [found.people[n].at(np.flatnonzero(marked[n])) for n in sorted(rest)]
    judged = np.zeros(len(found.ids))
    kept = tuple(one for one in others if len(one.yes) >= 5)
    for one in kept:
        judged += np.bincount(one.item, minlength=len(judged)) + np.bincount(
            one.other[one.other >= 0], minlength=len(judged)
        )
    return Split(kept, (judged > 0) & ~unseen, subjects)


def _subject(number: int, said: ChoicePerson, old: npt.NDArray[np.bool_], draw: np.random.Generator) -> NewPerson:
    order = draw.permutation(np.flatnonzero(old))
    asked = max(10, (len(order) - KNOWN[-1]) // 2) if len(order) > 30 else len(order) - KNOWN[-1]
    held = order[KNOWN[-1] : KNOWN[-1] + asked]
    known = np.concatenate([order[: KNOWN[-1]], order[KNOWN[-1] + asked :]])
    return NewPerson(number, said.at(known), said.at(held), said.at(np.flatnonzero(~old)))


def _methods(found: Choices, vectors: npt.NDArray[np.float32], split: Split, seed: int) -> Iterator[MethodAnswer]:
    """Yield (method, k, regime, subject, what was said) of every method."""
    components = shipped().apply(vectors)
    release = within(shared.learn(split.others, found.ids, seed), found, split)
    items = [Item(name, text) for name, text in zip(found.ids, found.texts, strict=True)]
    on = feature_space(
        items, vectors, told(feature_space(items, vectors, release), _logs(found, split, seed), len(split.others))
    )
    for subject in split.subjects:
        for k in KNOWN:
            fitted = learn(on, answers(found, subject.known.at(np.arange(min(k, len(subject.known.yes))))))
            yield from predicted("weal", k, subject, partial(believed, fitted))
    for subject in split.subjects[::ACTIVE_EVERY]:
        yield from _active(found, on, subject)
    lone = feature_space(on.items, vectors, empty())
    for subject in split.subjects:
        for k in KNOWN:
            fitted = learn(lone, answers(found, subject.known.at(np.arange(min(k, len(subject.known.yes))))))
            yield from predicted("weal, alone", k, subject, partial(believed, fitted))
    models: dict[str, baselines.Linear | baselines.Mixture | peers.Process | peers.LatentClasses] = {
        "global": baselines.one_for_all(split.others, split.seen, components),
        "local": baselines.alone(components),
        "fedrep": baselines.fedrep(split.others, split.seen, components, seed),
        "lore": baselines.lore(split.others, split.seen, components, seed),
        "centralised": baselines.centralised(split.others, split.seen, components, seed),
        "lr": peers.logistic_regression(vectors),
        "gp": peers.gaussian_process(vectors),
        "mixture": peers.mixture(split.others, split.seen, components, seed),
    }
    for method, one in models.items():
        for subject in split.subjects:
            for k in (0,) if method == "global" else KNOWN:
                some = subject.known.at(np.arange(k))
                yield from predicted(method, k, subject, partial(one.predict, some))


def _logs(found: Choices, split: Split, seed: int) -> list[list[Answer]]:
    """Return what some of the others answered, who stand for all in what is told of kernels."""
    chosen = np.random.default_rng([seed, 14]).permutation(len(split.others))[:ASKED_FOR_KERNELS]
    return [answers(found, split.others[number]) for number in chosen]


def within(release: Representation, found: Choices, split: Split) -> Representation:
    """Return the release without items that nobody of the others saw."""
    place = {name: row for row, name in enumerate(found.ids)}
    kept = [row for row, name in enumerate(release.items) if split.seen[place[name]]]
    return replace(
        release,
        items=tuple(release.items[row] for row in kept),
        bias=release.bias[kept],
        bias_sd=release.bias_sd[kept],
        axes=release.axes[kept],
        margin=None if release.margin is None else release.margin[kept],
    )


def answers(found: Choices, person: ChoicePerson) -> list[Answer]:
    """Return a person's choices as labels, in their order."""
    said = []
    for number, (item, other, yes) in enumerate(zip(person.item, person.other, person.yes, strict=True)):
        words = (Choice.FIRST, Choice.SECOND) if other >= 0 else (Choice.ACCEPT, Choice.REJECT)
        against = found.ids[other] if other >= 0 else ""
        said.append(Answer(f"{number:032x}", number, found.ids[item], against, words[0 if yes else 1], "teach"))
    return said


def believed(fitted: FittedModel, asked: ChoicePerson) -> tuple[Array, Array]:
    """Return mean and variance (n,) of the scores of what is asked, pairs as differences."""
    mean, paired = fitted.mean[asked.item], asked.other >= 0
    variance = fitted.variance[asked.item]
    if paired.any():
        named = np.unique(np.concatenate([asked.item, asked.other[paired]]))
        on = fitted.features
        spread = model.joint(fitted.model, on.phi[named], on.space.at(named))
        first, second = np.searchsorted(named, asked.item), np.searchsorted(named, np.maximum(asked.other, named[0]))
        both = spread[first, first] + spread[second, second] - 2 * spread[first, second]
        mean = mean - np.where(paired, fitted.mean[asked.other], 0.0)
        variance = np.where(paired, np.maximum(both, 0.0), variance)
    return mean, variance


def _active(found: Choices, on: FeatureSpace, subject: NewPerson) -> Iterator[MethodAnswer]:
    pool, chosen = list(range(len(subject.known.yes))), list[int]()
    fitted = learn(on, [])
    if (subject.known.other >= 0).any():
        return
    while len(chosen) < min(ACTIVE[-1], len(subject.known.yes)):
        rows = subject.known.item[pool]
        chosen.append(pool.pop(acquisition.single(fitted.mean[rows], fitted.variance[rows])))
        fitted = learn(on, answers(found, subject.known.at(np.array(chosen))))
        if len(chosen) in ACTIVE:
            yield from predicted("weal, active", len(chosen), subject, partial(believed, fitted))


def predicted(
    method: str, k: int, subject: NewPerson, predict: Callable[[ChoicePerson], tuple[Array, Array]]
) -> Iterator[MethodAnswer]:
    """Yield what a method says of a subject it knows k answers of, in every regime."""
    for regime, asked in (("seen", subject.seen), ("new", subject.new)):
        if len(asked.yes):
            mean, variance = predict(asked)
            yield method, k, regime, subject.number, (moderated(mean, variance), mean, asked.yes)


def by_person(said: Sequence[tuple[int, int, Said]]) -> dict[int, Array]:
    """Return accuracy, area under the curve and log-loss (3,) of each person, averaged over their splits."""
    found: dict[int, list[tuple[float, float, float]]] = {}
    for _, person, (p, score, yes) in said:
        found.setdefault(person, []).append(
            (float(((score > 0) == (yes > 0.5)).mean()), auc(score, yes), log_loss(p, yes))
        )
    with np.errstate(invalid="ignore"):
        return {person: _mean(np.array(one)) for person, one in found.items()}


def _row(method: str, k: int, regime: str, said: Sequence[tuple[int, int, Said]], measures: Mapping[int, Array]) -> Row:
    """Return one row: measures by person; calibration by split."""
    by_split: dict[int, list[Guess]] = {}
    for split, _, (p, _, yes) in said:
        by_split.setdefault(split, []).extend(Guess(float(a), bool(b)) for a, b in zip(p, yes, strict=True))
    means = np.array(list(measures.values()))
    named: dict[str, npt.ArrayLike] = dict(zip(MEASURES, means.T, strict=True))
    named["ece"] = [expected_calibration_error(one) for one in by_split.values()]
    return row(method, {"k": k, "regime": regime}, named)


def _mean(values: Array) -> Array:
    known = np.isfinite(values)
    found: Array = np.where(known.any(0), np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1), np.nan)
    return found


def auc(score: Array, yes: Array) -> float:
    """Return the chance that a yes has a higher score than a no (Hanley and McNeil 1982); NaN without both."""
    good, bad = score[yes > 0.5], score[yes <= 0.5]
    if not len(good) or not len(bad):
        return float("nan")
    return float((good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean())


def log_loss(p: Array, yes: Array) -> float:
    """Return the mean log-loss in nats."""
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return float(-(yes * np.log(p) + (1 - yes) * np.log(1 - p)).mean())
