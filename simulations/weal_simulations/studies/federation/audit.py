"""Does the federation's strategy keep the epsilon that its accountant claims?

The real `PrivateSum` is fed Flower messages through `aggregate_train`, and its `total` is all that the attacker sees. Canary members are in by fair coins, each with an update in a direction of its own. Three kinds:
`oversized` sends fifty times the clip in every round; `alternating` does so in every second one and is looked for in the difference of rounds, which finds noise that comes twice; `weighted` says besides that it
counts for ten. The correct mechanism meets all of them, a broken one the kind made for it alone. `paired` repeats one round with and without a single canary, for the correct one twelve hundred times each.

All of it twice. Gate off: a canary stands on one number, at the clip, where it tells most; noise is the product's. Gate on, as the product runs: the gate lets no number count for more than one answer, so a canary answers 36
statements of its own, the longest contribution that passes (.96 of the clip). That takes 36 times as many numbers, so only `paired` has the product's noise there, the rest NumPy's of the same size.

Decision, fixed before seed 1 was looked at: a mechanism is flagged by a seed when, for any kind of canary, the lower bound of epsilon by separation is above the claimed epsilon; the kinds
share LEVEL, the chance of flagging a mechanism that keeps its word, equally. The two bounds from right guesses do not lean on normal scores but are far from the truth with this many
canaries; they are shown at 95% each and decide nothing. `paired` is flagged by its own bound, at LEVEL, and decides nothing about broken ones. Those that are broken by far get a fifth of the canaries. Mechanisms broken on purpose are in BROKEN (see mechanisms). The noise is the operating system's: the seed
decides the coins alone, and figures move a little from run to run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_protocol.accounting import epsilon
from weal_protocol.contribution import FULL_ANSWERS, LIGHT, clipped, length
from weal_protocol.errors import WealError
from weal_protocol.noise import noisy
from weal_simulations.bench.study import Floor, Progress, Row, Study, row
from weal_simulations.studies.federation import bounds
from weal_simulations.studies.federation.mechanisms import CLIP, CORRECT, GATES, OFF, ON, SIGMA, make, reply, swift

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
QUESTION = "Does the federation keep the epsilon that its accountant claims?"
PEOPLE, FEWEST = 2_500, 50  # canaries of one run
TOGETHER = {OFF: 250, ON: 50}  # canaries of one sum
SUBTLE, FIFTH = (CORRECT, "noise x .8"), 5  # what takes all canaries to tell apart; of the others a fifth
SEEDS = 12
ROUNDS = 4
DELTA = 1e-5
LEVEL, SHOWN_LEVEL = 1e-4, 0.05
GUESSED = (0.1, 0.4, 1.0)  # shares of canaries about whom a guess is made; the best is taken and the level shared
KINDS = ("oversized", "alternating", "weighted")
OVERSIZE = 50.0
PAIRS, COMPANY = 1_200, 9  # rounds of the paired audit of the correct mechanism, and how many others take part in each
BROKEN = {  # by the kind of canary made for each
    "noise x .8": "oversized",
    "noise / 2": "oversized",
    "no clip": "oversized",
    "weight x 10": "weighted",
    "noise / sqrt n": "oversized",
    "reused noise seed": "alternating",
}
WIDTH = {OFF: 1, ON: FULL_ANSWERS}  # numbers that a canary stands on


@dataclass(frozen=True, slots=True)
class Found:
    """What one run's canaries of one kind say of epsilon: the estimate, the lower bound that decides, and the two from right guesses."""

    estimate: float
    bound: float
    one_run: float
    one_run_gaussian: float


def run(seed: int, people: int, progress: Progress, seeds: int = SEEDS, pairs: int = PAIRS) -> Study:
    """Audit every mechanism with so many canaries, on so many seeds from this one on."""
    if people < FEWEST:
        raise WealError(f"{people} canaries say nothing", f"Take at least {FEWEST}, or leave --people out")
    plan = [(gate, name) for gate in (OFF, ON) for name in (CORRECT, *BROKEN)]
    rows: list[Row] = []
    flagged: dict[tuple[str, str], int] = {}
    progress(0.0, "what is claimed")
    most = claimed()
    for number, (gate, name) in enumerate(plan):
        found = []
        canaries = people if name in SUBTLE else max(people // FIFTH, FEWEST)
        for one in range(seeds):
            progress((number + one / (seeds + 2)) / len(plan), f"gate {gate}: {name}")
            found.append({kind: one_run(name, kind, canaries, seed + one, gate) for kind in kinds(name)})
        flagged[gate, name] = sum(any(each.bound > most for each in one.values()) for one in found)
        rows += [_row(name, gate, kind, canaries, [one[kind] for one in found]) for kind in kinds(name)]
        rows.append(paired(name, pairs if name == CORRECT else pairs // FIFTH, gate))
    return Study("audit", seed, tuple(rows), tuple(_floors(rows, flagged, seeds)))


def claimed(rounds: int = ROUNDS) -> float:
    """Return what the accountant says of so many rounds."""
    return epsilon(rounds, 1.0, SIGMA, DELTA)


def kinds(name: str) -> tuple[str, ...]:
    """Return the kinds of canaries that a mechanism meets."""
    return KINDS if name == CORRECT else (BROKEN[name],)


def _floors(rows: Sequence[Row], flagged: dict[tuple[str, str], int], seeds: int) -> list[Floor]:
    found = []
    for gate in (OFF, ON):
        passed = float(seeds - flagged[gate, CORRECT])
        caught = float(sum(flagged[gate, name] == seeds for name in BROKEN))
        said = f"audit, gate {gate}"
        among = [one for one in rows if (one["method"], one["gate"], one["canary"]) == (CORRECT, gate, "paired")]
        found += [
            Floor(f"{said}: seeds of {seeds} on which the correct mechanism passes", passed, seeds, at_least=True),
            Floor(
                f"{said}: broken mechanisms of {len(BROKEN)} flagged on every seed", caught, len(BROKEN), at_least=True
            ),
            Floor(
                f"{said}: paired lower bound of epsilon, correct",
                float(among[0]["bound"]),
                claimed(1),
                at_least=False,
            ),
        ]
    return found


def _row(name: str, gate: str, kind: str, canaries: int, found: Sequence[Found]) -> Row:
    measures: dict[str, npt.ArrayLike] = {
        "estimate": [one.estimate for one in found],
        "bound": [one.bound for one in found],
        "one_run": [one.one_run for one in found],
        "one_run_gaussian": [one.one_run_gaussian for one in found],
        "flagged": [one.bound > claimed() for one in found],
    }
    return row(name, {"gate": gate, "canary": kind, "canaries": canaries, "claimed": claimed()}, measures)


def one_run(name: str, kind: str, canaries: int, seed: int, gate: str = OFF) -> Found:
    """Return what so many canaries of this kind say about a mechanism after ROUNDS rounds."""
    draw = np.random.default_rng([seed, KINDS.index(kind), 3_001])
    included = draw.random(canaries) < 0.5
    together = TOGETHER[gate]
    sums = [
        _scores(name, kind, included[start : start + together], gate, draw) for start in range(0, canaries, together)
    ]
    return judged(np.concatenate(sums), included)


def _scores(name: str, kind: str, included: npt.NDArray[np.bool_], gate: str, draw: np.random.Generator) -> Vector:
    """Return how much of each canary (m,) is seen in the sums that all of them take part in."""
    wide = len(included) * WIDTH[gate]
    # On one number each, heads may be stood on too; with the gate on, answers alone.
    items = -(-max(wide - (length(0) if gate == OFF else 0), 0) // 2)
    numbers = length(items)
    spots = draw.permutation(numbers if gate == OFF else 2 * items)[:wide].reshape(len(included), WIDTH[gate])
    replies = [
        reply(_along(numbers, spots[one]), node, weighted=kind == "weighted")
        for node, one in enumerate(np.flatnonzero(included), start=1)
    ]
    score = np.zeros(numbers)
    for number in range(ROUNDS):
        present = kind != "alternating" or number % 2 == 0
        strategy = make(name, items, len(replies), gate=gate, noise=noisy if gate == OFF else swift)
        strategy.aggregate_train(1, replies if present else [])
        score += strategy.total if present else -strategy.total
    return _seen(score, spots)


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


def paired(name: str, pairs: int, gate: str = OFF) -> Row:
    """Return the row of so many single rounds with and without one canary among others who are always there."""
    items = 0 if gate == OFF else WIDTH[gate]
    numbers, spots = length(items), np.arange(WIDTH[gate])
    usual, odd = np.full(numbers, 1.0 / numbers), _along(numbers, spots)
    others = [reply(usual, node) for node in range(2, 2 + COMPANY)]
    canary = reply(odd, 1, weighted=name == "weight x 10")
    scores = np.zeros((2, pairs))
    for number in range(pairs):
        for place, replies in enumerate(([*others, canary], others)):
            strategy = make(name, items, 1 + COMPANY, gate=gate)
            strategy.aggregate_train(1, replies)
            scores[place, number] = _seen(strategy.total, spots)
    passed = [float(_seen(GATES[gate](clipped(one, CLIP), items, LIGHT, CLIP), spots)) for one in (usual, odd)]
    middle = COMPANY * passed[0] + passed[1] / 2  # between the two means, if clip and gate hold
    most = claimed(1)
    bound = bounds.gaussian_epsilon(bounds.paired_mu(scores[0], scores[1], middle, LEVEL), DELTA)
    spread = np.sqrt((scores[0].var() + scores[1].var()) / 2)
    estimate = bounds.gaussian_epsilon(float(scores[0].mean() - scores[1].mean()) / max(float(spread), 1e-12), DELTA)
    measures: dict[str, npt.ArrayLike] = {"estimate": [estimate], "bound": [bound], "flagged": [bound > most]}
    return row(name, {"gate": gate, "canary": "paired", "claimed": most}, measures)


def _along(numbers: int, spots: Places) -> Vector:
    """Return fifty clips in the direction of these numbers."""
    flat = np.zeros(numbers)
    flat[spots] = OVERSIZE * CLIP / len(spots) ** 0.5
    return flat


def _seen(total: Vector, spots: Places) -> Vector:
    """Return how far a sum goes in the direction of these numbers (..., w)."""
    found: Vector = total[spots].sum(-1) / spots.shape[-1] ** 0.5
    return found
