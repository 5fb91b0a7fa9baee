"""Does the federation's strategy keep the epsilon that its accountant claims?

The real `PrivateSum` is fed Flower messages through `aggregate_train`, and its `total` is all that the attacker sees. Canary members are in by fair coins, each with an update along a coordinate of
its own. Three kinds, and every mechanism meets all of them: `oversized` sends fifty times the clip in every round; `alternating` does so in every second one and is looked for in the difference of rounds, which
finds noise that comes twice; `weighted` says besides that it counts for ten. `paired` repeats one round with and without a single canary, twelve hundred times each.

Decision, fixed before seed 1 was looked at: a mechanism is flagged by a seed when, for any kind of canary, the lower bound of epsilon by separation is above the claimed epsilon; the kinds
share LEVEL, the chance of flagging a mechanism that keeps its word, equally. The two bounds from right guesses do not lean on normal scores but are far from the truth with this many
canaries; they are shown at 95% each and decide nothing. `paired` is flagged by its own bound, at LEVEL. Mechanisms broken on purpose are in BROKEN; they differ from the correct one by what is
passed to it, or by a subclass here. The noise is the operating system's: the seed decides the coins alone, and figures move a little from run to run.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from flwr.app import Array, ArrayRecord, Message, Metadata, MetricRecord, RecordDict
from flwr.app.message import make_message

from weal_coordinator.federation.gate import ungated
from weal_coordinator.federation.strategy import ARRAY, RECORD, PrivateSum
from weal_protocol.accounting import epsilon
from weal_protocol.contribution import length
from weal_protocol.errors import WealError
from weal_protocol.noise import GRID_BITS, noisy
from weal_simulations.studies import bounds
from weal_simulations.study import Floor, Progress, Row, Study, row

Vector = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
Noise = Callable[[Steps, float, float], Vector]
PEOPLE, FEWEST = 2_000, 50  # canaries of one run
SEEDS = 12
ROUNDS = 4
CLIP, SIGMA, DELTA = 1.0, 1.0, 1e-5
LEVEL, SHOWN_LEVEL = 1e-4, 0.05
GUESSED = (0.1, 0.4, 1.0)  # shares of canaries about whom a guess is made; the best is taken and the level shared
KINDS = ("oversized", "alternating", "weighted")
OVERSIZE = 50.0
WEIGHT, EXAMPLES = 10, "num-examples"
PAIRS, COMPANY = 1_200, 9  # rounds of the paired audit, and how many others take part in each
CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Found:
    """What one run's canaries of one kind say of epsilon: the estimate, the lower bound that decides, and the two from right guesses."""

    estimate: float
    bound: float
    one_run: float
    one_run_gaussian: float


def exact(total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum without noise."""
    return np.asarray(total * (clip / 2**GRID_BITS), np.float64)


def scaled(share: float, total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum with a share of the noise that was accounted for."""
    return noisy(total, share * sigma, clip)


def repeated(total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum with noise from a generator that is seeded alike in every round."""
    return exact(total, sigma, clip) + np.random.default_rng(7).normal(0.0, sigma * clip, len(total))


class Weighted(PrivateSum):
    """Believes what a member says about how much it counts, as averages by examples do."""

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Sum by weight, then add the noise."""
        groups: dict[int, list[Message]] = {}
        for reply in replies:
            said = reply.content.metric_records.get(EXAMPLES)
            weight = WEIGHT if said is not None and said[EXAMPLES] == WEIGHT else 1
            groups.setdefault(weight, []).append(
                make_message(reply.metadata, RecordDict(dict(reply.content.array_records)))
            )
        total = np.zeros(length(self.items))
        for weight, group in groups.items():
            part = PrivateSum(**{**self.__dict__, "noise": exact})
            part.aggregate_train(server_round, group)
            total += weight * part.total
        self.total = self.noise((total * (2**GRID_BITS / self.clip)).astype(np.int64), self.sigma, self.clip)
        return None, None


def make(name: str, items: int, people: int) -> PrivateSum:
    """Return the mechanism of this name for one round of so many people: the product's, or one that is broken on purpose."""
    nodes = {node: str(node) for node in range(1, people + 1)}
    settings: dict[str, Any] = {
        "number": 1,
        "catalogue_sha256": "",
        "items": items,
        "clip": CLIP,
        "sigma": SIGMA,
        "deadline_s": 30.0,
        # The gate makes contributions shorter, each by itself: without it canaries stand at the clip, where they tell most.
        "gate": ungated,
    }
    if name == "weight x 10":
        return Weighted(**settings, people=nodes)
    correct = PrivateSum(**settings, people=nodes)
    if name == "no clip":  # one that is a thousand times too wide, with noise for the right one
        return replace(correct, clip=1e3 * CLIP, noise=partial(scaled, 1e-3))
    return replace(correct, noise=NOISES[name](people))


NOISES: dict[str, Callable[[int], Noise]] = {
    CORRECT: lambda people: noisy,
    "noise x .8": lambda people: partial(scaled, 0.8),
    "noise / 2": lambda people: partial(scaled, 0.5),
    "noise / sqrt n": lambda people: partial(scaled, people**-0.5),
    "reused noise seed": lambda people: repeated,
}
BROKEN = ("noise x .8", "noise / 2", "no clip", "weight x 10", "noise / sqrt n", "reused noise seed")


def run(seed: int, people: int, progress: Progress, seeds: int = SEEDS, pairs: int = PAIRS) -> Study:
    """Audit every mechanism with so many canaries, on so many seeds from this one on."""
    if people < FEWEST:
        raise WealError(f"{people} canaries say nothing", f"Take at least {FEWEST}, or leave --people out")
    claimed = epsilon(ROUNDS, 1.0, SIGMA, DELTA)
    rows: list[Row] = []
    flagged: dict[str, int] = {}
    for number, name in enumerate((CORRECT, *BROKEN)):
        found = []
        for one in range(seeds):
            progress((number + one / (seeds + 2)) / (1 + len(BROKEN)), name)
            found.append({kind: one_run(name, kind, people, seed + one) for kind in KINDS})
        flagged[name] = sum(any(each.bound > claimed for each in one.values()) for one in found)
        rows += [_row(name, kind, claimed, [one[kind] for one in found]) for kind in KINDS]
        rows.append(paired(name, pairs))
    passed = float(seeds - flagged[CORRECT])
    caught = float(sum(flagged[name] == seeds for name in BROKEN))
    bound = max(float(one["bound"]) for one in rows if (one["method"], one["canary"]) == (CORRECT, "paired"))
    floors = (
        Floor(f"audit: seeds of {seeds} on which the correct mechanism passes", passed, seeds, at_least=True),
        Floor(f"audit: broken mechanisms of {len(BROKEN)} flagged on every seed", caught, len(BROKEN), at_least=True),
        Floor("audit: paired lower bound of epsilon, correct", bound, epsilon(1, 1.0, SIGMA, DELTA), at_least=False),
    )
    return Study("audit", seed, tuple(rows), floors)


def _row(name: str, kind: str, claimed: float, found: Sequence[Found]) -> Row:
    measures: dict[str, npt.ArrayLike] = {
        "estimate": [one.estimate for one in found],
        "bound": [one.bound for one in found],
        "one_run": [one.one_run for one in found],
        "one_run_gaussian": [one.one_run_gaussian for one in found],
        "flagged": [one.bound > claimed for one in found],
    }
    return row(name, {"canary": kind, "claimed": claimed}, measures)


def one_run(name: str, kind: str, canaries: int, seed: int) -> Found:
    """Return what so many canaries of this kind say about a mechanism after ROUNDS rounds."""
    items = -(-max(canaries - length(0), 0) // 2)
    numbers = length(items)
    draw = np.random.default_rng([seed, KINDS.index(kind), 3_001])
    included = draw.random(canaries) < 0.5
    spots = draw.permutation(numbers)[:canaries]
    inside = np.flatnonzero(included)
    replies = [
        reply(_along(numbers, int(spots[one])), node, weighted=kind == "weighted")
        for node, one in enumerate(inside, start=1)
    ]
    score = np.zeros(numbers)
    for number in range(ROUNDS):
        present = kind != "alternating" or number % 2 == 0
        strategy = make(name, items, len(replies))
        strategy.aggregate_train(1, replies if present else [])
        score += strategy.total if present else -strategy.total
    return judged(score[spots], included)


def judged(scores: Vector, included: npt.NDArray[np.bool_]) -> Found:
    """Return estimate and bounds of epsilon from canaries' scores (m,)."""
    mu, lowest = bounds.separation(scores, included, LEVEL / len(KINDS))
    m, level = len(scores), SHOWN_LEVEL / len(GUESSED)
    guessed = [bounds.guesses(scores, included, share) for share in GUESSED]
    return Found(
        bounds.gaussian_epsilon(mu, DELTA),
        bounds.gaussian_epsilon(lowest, DELTA),
        max(bounds.one_run_epsilon(m, number, right, DELTA, level) for number, right in guessed),
        bounds.gaussian_epsilon(max(bounds.one_run_mu(m, number, right, level) for number, right in guessed), DELTA),
    )


def paired(name: str, pairs: int) -> Row:
    """Return the row of so many single rounds with and without one canary among others who are always there."""
    numbers = length(0)
    others = [reply(np.full(numbers, 1.0 / numbers), node) for node in range(2, 2 + COMPANY)]
    canary = reply(_along(numbers, 0), 1, weighted=name == "weight x 10")
    scores = np.zeros((2, pairs))
    for number in range(pairs):
        for place, replies in enumerate(([*others, canary], others)):
            strategy = make(name, 0, 1 + COMPANY)
            strategy.aggregate_train(1, replies)
            scores[place, number] = strategy.total[0]
    middle = COMPANY / numbers + CLIP / 2  # between the two means, if the clip holds
    claimed = epsilon(1, 1.0, SIGMA, DELTA)
    bound = bounds.gaussian_epsilon(bounds.paired_mu(scores[0], scores[1], middle, LEVEL), DELTA)
    spread = np.sqrt((scores[0].var() + scores[1].var()) / 2)
    estimate = bounds.gaussian_epsilon(float(scores[0].mean() - scores[1].mean()) / max(float(spread), 1e-12), DELTA)
    measures: dict[str, npt.ArrayLike] = {"estimate": [estimate], "bound": [bound], "flagged": [bound > claimed]}
    return row(name, {"canary": "paired", "claimed": claimed}, measures)


def reply(flat: Vector, node: int, *, weighted: bool = False) -> Message:
    """Return what a node answers, as the strategy receives it."""
    content = RecordDict({RECORD: ArrayRecord({ARRAY: Array(flat)})})
    if weighted:
        content[EXAMPLES] = MetricRecord({EXAMPLES: WEIGHT})
    about = Metadata(
        run_id=1,
        message_id=str(node),
        src_node_id=node,
        dst_node_id=1,
        reply_to_message_id=str(node),
        group_id="1",
        ttl=3_600.0,
        message_type="train",
        created_at=0.0,
    )
    return make_message(metadata=about, content=content)


def _along(numbers: int, spot: int) -> Vector:
    flat = np.zeros(numbers)
    flat[spot] = OVERSIZE * CLIP
    return flat
