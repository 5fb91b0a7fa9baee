"""What can members who lie do to everyone else's predictions, and which defence costs how much?

A made-up community runs ROUNDS rounds at the charter's own settings: contributions by the node's code, sums and noise by the strategy, fed with Flower messages, releases by the coordinator's code. A share
of members attacks whenever drawn: `replacement` sends fifty times the opposite of what honest members say; `prior` puts everything into the population's head; `backdoor` puts everything on one statement that most people
reject, `hidden` does so behind what most say; `voting` says yes to that statement, and `contrarian` the opposite of most to every one, in the only lawful way: no defence can tell that from an opinion, and no floor asks it to. Defences look at one contribution at a time (attackers.py): `product` is the strategy as it stands (federation/gate.py), `clip alone` what it was.

Honest people whom nobody met are predicted from k of their answers, by the node's learning on the release. `lost`: points of accuracy against the same people, rounds, defence and noise without attackers. `success`:
share of those predicted to reject the target without attackers who are now predicted to accept it. Noise is drawn by the seed, the same for all, so that only the attack differs; of the same size as the product's.
Tuned on seeds 101 to 110, reported on seed 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from weal_coordinator.federation.build import Sum, build
from weal_coordinator.federation.gate import gated, ungated
from weal_coordinator.federation.strategy import PrivateSum
from weal_node.features.encoder import Encoder
from weal_node.features.fit_projection import statements
from weal_node.features.projection import shipped
from weal_node.federation.contribution import Ask, OwnAnswers, statistics
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.mind.fitted_model import learn
from weal_node.records import Item
from weal_protocol.contribution import FACTORS, LIGHT, length
from weal_protocol.noise import GRID_BITS
from weal_protocol.representation import SHARED, Representation, empty
from weal_simulations.bench.study import Floor, Progress, Row, Study, row
from weal_simulations.studies.federation import batch
from weal_simulations.studies.federation.attackers import (
    ATTACKS,
    DEFENCES,
    TARGETED,
    UNTARGETED,
    Defence,
    Form,
    Known,
    public,
)
from weal_simulations.studies.federation.mechanisms import reply
from weal_simulations.studies.reward import learning
from weal_simulations.worlds import choices
from weal_simulations.worlds.choices import ChoicePerson, Choices
from weal_simulations.worlds.people import Population, make

Array = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
QUESTION = "What can members who lie do to everyone else, and which defence costs how much?"
PEOPLE = 600  # members
TESTED, PUBLIC = 100, 30  # honest people whom nobody met; people whose contributions are public, for the gate
STATEMENTS = 120
ROUNDS, RATE, SIGMA, CLIP, JUDGES = 8, 0.2, 1.0, 1.0, 10
SHARES = (0.1, 0.2)
KNOWN = 20
# What a defence is worth shows in the layout with fewer numbers; in the other one only what is in use, and what it replaced.
PLAN = (*((LIGHT, name) for name in DEFENCES), (FACTORS, "clip alone"), (FACTORS, "product"))
REJECTED = 0.7  # share of people predicted to reject the target without attackers, as near as a statement comes


@dataclass(frozen=True, slots=True)
class Community:
    """Members, people to be predicted, people whose contributions are public; and the statements they judge."""

    found: Choices
    states: tuple[Item, ...]
    vectors: npt.NDArray[np.float32]
    catalogue: tuple[str, ...]
    members: tuple[ChoicePerson, ...]
    tested: tuple[ChoicePerson, ...]
    public: tuple[ChoicePerson, ...]
    seed: int

    def feature_space(self, release: Representation) -> FeatureSpace:
        """Lay out the statements under a release."""
        return feature_space(self.states, self.vectors, release)


@dataclass(frozen=True, slots=True)
class PoisonRun:
    """One run: a layout, a defence, and who attacks. target: the place in the catalogue of the statement that attackers want to lift."""

    layout: str
    defence: str
    sigma: float
    attack: str = ""
    share: float = 0.0
    target: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of the people who are predicted: accuracy (people,), and whether they are predicted to accept each statement (people, items)."""

    accuracy: Array
    accepts: npt.NDArray[np.bool_]


def run(seed: int, people: int, progress: Progress, plan: Sequence[tuple[str, str]] = PLAN) -> Study:
    """Play every attack against these defences, each (layout, name): those with a target at all shares, the others at the largest."""
    here = community(seed, people)
    rows: list[Row] = []
    for number, (layout, name) in enumerate(plan):
        quiet = PoisonRun(layout, name, SIGMA)
        progress(number / len(plan), f"{layout}, {name}: nobody attacks")
        without = play(here, quiet)
        rows.append(_row(quiet, without, without))
        aim = target(without)
        scenes = [replace(quiet, attack=attack, share=share, target=aim) for attack in ATTACKS for share in SHARES]
        played = [scene for scene in scenes if scene.attack in TARGETED or scene.share == SHARES[-1]]
        for place, scene in enumerate(played, start=1):
            done = number + place / (1 + len(played))
            progress(done / len(plan), f"{layout}, {name}: {scene.attack}, {scene.share:.0%}")
            rows.append(_row(scene, play(here, scene), without))
    return Study("poison", seed, tuple(rows), tuple(floors(rows)))


def community(seed: int, people: int) -> Community:
    """Return so many members and everyone else, of synthetic people over the project's public statements."""
    chosen = statements()[:: max(1, len(statements()) // STATEMENTS)][:STATEMENTS]
    vectors = Encoder.load().embed(chosen)
    everyone = people + TESTED + PUBLIC
    opinions = make(chosen, shipped().apply(vectors), seed, Population(everyone))
    found = choices.of_opinions(opinions, fewest=1)
    place = {text: row for row, text in enumerate(chosen)}
    states = tuple(Item(name, text) for name, text in zip(found.ids, found.texts, strict=True))
    ends = np.cumsum([people, TESTED])
    members, tested, public = (found.people[a:b] for a, b in ((0, ends[0]), (ends[0], ends[1]), (ends[1], None)))
    order = vectors[[place[text] for text in found.texts]]
    return Community(found, states, order, tuple(sorted(found.ids)), members, tested, public, seed)


def target(without: Outcome) -> int:
    """Return the statement that about REJECTED of people are predicted to reject."""
    return int(np.argmin(np.abs((~without.accepts).mean(0) - REJECTED)))


def play(here: Community, scene: PoisonRun) -> Outcome:
    """Run the rounds of a scene, and predict honest people from the last release."""
    return predict(here, aggregate(here, scene))


def aggregate(here: Community, scene: PoisonRun) -> Representation:
    """Return the last release."""
    defence = DEFENCES[scene.defence]
    form = Form(scene.layout, len(here.catalogue), CLIP)
    coins = np.random.default_rng([here.seed, 4_001])
    order = np.random.default_rng([here.seed, 4_002]).permutation(len(here.members))
    attackers = set(order[: round(scene.share * len(here.members))].tolist())
    attack = ATTACKS.get(scene.attack)
    release, sums = empty(), list[Sum]()
    past = np.zeros(length(len(here.catalogue), scene.layout))
    for number in range(ROUNDS):
        on, ask = here.feature_space(release), Ask(scene.layout, here.catalogue, CLIP, release.number)
        drawn = np.flatnonzero(coins.random(len(here.members)) < RATE)
        sent = contributions(on, ask, here, [here.members[one] for one in drawn])
        if attack is not None:
            honest = np.mean(sent, axis=0)
            sent = [
                attack(Known(form, own, honest, scene.target)) if int(one) in attackers else own
                for one, own in zip(drawn, sent, strict=True)
            ]
        known = public(contributions(on, ask, here, here.public) if defence.root else [], past)
        admitted = [defence.admit(form, flat, known) for flat in sent]
        # What a gate leaves of an honest member is known from the public ones: dividing the noisy sum by it costs no privacy.
        left = defence.left(known)
        total = summed(form, admitted, defence, scene.sigma, [here.seed, number]) / left
        sigma = max(scene.sigma / left, 1e-9)
        sums.append(Sum(here.catalogue, len(here.members), total, RATE, sigma, CLIP, scene.layout))
        past += total
        release = build(sums, minimum_judges=JUDGES, number=number + 1)
    return release


def contributions(on: FeatureSpace, ask: Ask, here: Community, people: Sequence[ChoicePerson]) -> list[Array]:
    """Return what honest nodes send: heads side by side (`batch`), the rest by the node's own code."""
    prior, found = (on.prior.mean[:SHARED], on.prior.covariance[:SHARED, :SHARED]), dict[int, Array]()
    for group in batch.groups(people):
        means, variances = batch.heads(group, on.phi[:, :SHARED], on.bias, *prior)
        for number, mean, variance in zip(group.number.tolist(), means, variances, strict=True):
            own = OwnAnswers(on, _answers(here, people[number]), mean, variance)
            found[number] = statistics(own, ask, ask.layout)
    return [found[number] for number in range(len(people))]


def _answers(here: Community, person: ChoicePerson) -> list[tuple[str, int]]:
    return [(here.found.ids[item], 1 if yes > 0.5 else -1) for item, yes in zip(person.item, person.yes, strict=True)]


def summed(form: Form, flats: Sequence[Array], defence: Defence, sigma: float, seed: Sequence[int]) -> Array:
    """Return the strategy's noisy sum; noise of sigma * CLIP, whatever the strategy clips to."""
    nodes = {node: str(node) for node in range(1, len(flats) + 1)}
    strategy = PrivateSum(
        number=1, catalogue_sha256="", items=form.items, clip=defence.clips * CLIP, sigma=sigma, deadline_s=30.0, people=nodes,
        layout=form.layout, noise=partial(_seeded, [*seed, 4_003]),
        gate=gated if defence.product else ungated,
    )  # fmt: skip
    strategy.aggregate_train(1, [reply(flat, node) for node, flat in enumerate(flats, start=1)])
    return strategy.total


def _seeded(seed: Sequence[int], total: Steps, sigma: float, clip: float) -> Array:
    noise = np.random.default_rng(seed).normal(0.0, 1.0, len(total))
    return np.asarray(total * (clip / 2**GRID_BITS), np.float64) + sigma * CLIP * noise


def predict(here: Community, release: Representation) -> Outcome:
    """Return how well honest people whom nobody met are predicted from KNOWN answers, and what each is thought to accept."""
    on = here.feature_space(release)
    accuracy, accepts = np.zeros(len(here.tested)), np.zeros((len(here.tested), len(here.catalogue)), bool)
    columns = [on.index[item] for item in here.catalogue]
    for number, person in enumerate(here.tested):
        known, asked = person.at(np.arange(KNOWN)), person.at(np.arange(KNOWN, len(person.yes)))
        fitted = learn(on, learning.answers(here.found, known))
        accuracy[number] = ((fitted.mean[asked.item] > 0) == (asked.yes > 0.5)).mean()
        accepts[number] = fitted.mean[columns] > 0
    return Outcome(accuracy, accepts)


def _row(scene: PoisonRun, found: Outcome, without: Outcome) -> Row:
    keys: dict[str, float | int | str] = {
        "layout": scene.layout,
        "noise": scene.sigma,
        "attack": scene.attack or "nobody",
        "share": scene.share,
    }
    measures: dict[str, npt.ArrayLike] = {"accuracy": found.accuracy, "lost": 100 * (without.accuracy - found.accuracy)}
    if scene.attack in TARGETED:
        rejected = ~without.accepts[:, scene.target]
        measures["success"] = found.accepts[rejected, scene.target]
    return row(scene.defence, keys, measures)


def floors(rows: Sequence[Row]) -> list[Floor]:
    """Hold the product's strategy, under the charter's noise, against what was promised; the worst layout counts."""

    def worst(measure: str, attacks: Sequence[str], share: float) -> float:
        found = [
            float(one[measure])
            for one in rows
            if one["method"] == "product"
            and one["noise"] == SIGMA
            and one["attack"] in attacks
            and one["share"] == share
        ]
        return max(found, default=float("nan"))

    return [
        Floor(
            "poison: points of accuracy lost, 20% attack",
            worst("lost", (*UNTARGETED, *TARGETED), 0.2),
            2.0,
            at_least=False,
        ),
        Floor("poison: success of a backdoor, 10% attack", worst("success", ("backdoor",), 0.1), 0.05, at_least=False),
        Floor("poison: success of a backdoor, 20% attack", worst("success", ("backdoor",), 0.2), 0.1, at_least=False),
    ]
