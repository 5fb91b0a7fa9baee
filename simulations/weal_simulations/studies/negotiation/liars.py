"""What does lying gain over honesty, and what is left to whoever is lied to, with and without a floor of one's own?

A liar negotiates through the same sessions and commitments, with gains that it has bent: `hard` takes only what is nearly its best, and calls that all
alike; `reserve` claims to have more without a deal; `sharpen` belittles all but its best; `both` claims and belittles. Their sizes are drawn by the seed, so that
the family is searched anew each time. `knows all` moves second with everyone's gains in hand: what commitments are for.
Each pair meets again and again over domains drawn at random; the honest side's floor is the product's: it follows the side's own gains, as shares of
its own best, against what it could expect by itself (negotiation/ledger.py, baseline.py). What is reported knows more than any side does: gains are shares
of the most a side could get from an outcome that the other does not lose by. The premium is what the best lie gains over honesty.
Tuned on seeds 101 to 110, reported on seed 1.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.negotiation import ledger, mechanism, utility
from weal_node.negotiation.baseline import Baseline, baseline
from weal_simulations.bench.study import Floor, Progress, Row, Study, row
from weal_simulations.engines import in_memory
from weal_simulations.worlds import domains
from weal_simulations.worlds.domains import Domain

Array = npt.NDArray[np.float64]
QUESTION = "What does lying gain, and what does it cost whoever is lied to?"
PEOPLE = 24  # domains: what can be expected is right over many, not for each
LARGEST = 3_500  # outcomes of a domain
LIES_EACH = 3  # sizes drawn for every kind of lie
MEETINGS, PAIRS = 60, 40  # of one pair; pairs
SHARES = (1.0, 0.5)  # of meetings at which the liar lies
KINDS = ("hard", "reserve", "sharpen", "both")
HONEST = ("honest", 0.0)
Lie = tuple[str, float]
Expected = dict[tuple[int, int], Baseline | None]  # by domain and side


@dataclass(frozen=True, slots=True)
class Meeting:
    """One bargain. own: what the honest side's ledger sees, None where there was no deal.  honest, liar: gains as reported.
    product: share of the best.  floor: of the honest side, as a share of its best gain."""

    own: float | None
    honest: float
    liar: float
    product: float
    floor: float


Met = dict[tuple[int, int, int, Lie], Meeting]  # domain, honest side, step of its floor, lie


@dataclass(frozen=True, slots=True)
class Mean:
    """What many meetings of one kind brought on average, by pair (pairs,)."""

    honest: Array
    liar: Array
    product: Array
    floor: Array


def run(seed: int, people: int, progress: Progress) -> Study:
    """Play every domain, side, floor and lie once, then let pairs meet. people: how many domains."""
    generator = np.random.default_rng([seed, 9])
    found = [
        one for one in domains.make(seed, 3 * people) if one.feasible and one.parties == 2 and one.kind == "additive"
    ]
    found = [one for one in found if 20 < len(one.utilities) <= LARGEST][:people]
    lies = [HONEST, *family(generator)]
    met, expected = Met(), Expected()
    for number, domain in enumerate(found):
        progress(0.9 * number / len(found), domain.name)
        for side in (0, 1):
            of = in_memory.space_of(domain.sizes, 2)
            expected[number, side] = baseline(domain.gains[:, side], of, side)
            for step in range(len(ledger.STEPS)):
                floor = ledger.reservation_at(step, expected[number, side])
                for lie in lies:
                    met[number, side, step, lie] = meeting(domain, side, floor, lie, seed)
    rows: list[Row] = []
    tables: dict[tuple[bool, Lie, float], Mean] = {}
    for guarded in (False, True):
        for lie in lies:
            for share in SHARES if lie != HONEST else (1.0,):
                mean = tables[guarded, lie, share] = meet(met, expected, lie, share, guarded, seed)
                keys: dict[str, float | int | str] = {
                    "lie": f"{lie[0]} {lie[1]:.2f}" if lie != HONEST else "none",
                    "share": share,
                }
                rows.append(
                    row("floor" if guarded else "no floor", keys, _measures(mean, tables[guarded, HONEST, 1.0]))
                )
    everything = np.array([all_known(domain, side) for domain in found for side in (0, 1)])
    plain = tables[False, HONEST, 1.0]
    knows = {
        "honest": everything[:, 0],
        "liar": everything[:, 1],
        "premium": everything[:, 1] - float(plain.liar.mean()),
    }
    rows.append(row("knows all, moves second", {"lie": "best answer", "share": 1.0}, knows))
    return Study("liars", seed, tuple(rows), tuple(floors_of(tables)))


def family(generator: np.random.Generator) -> list[Lie]:
    """Return lies of every kind, of sizes spread over their range and drawn anew."""
    ranges = {"hard": (0.45, 0.95), "reserve": (0.2, 0.9), "sharpen": (1.5, 8.0), "both": (0.2, 0.7)}
    found = []
    for kind in KINDS:
        low, high = ranges[kind]
        cuts = np.linspace(low, high, LIES_EACH + 1)
        found += [(kind, float(generator.uniform(*cut))) for cut in itertools.pairwise(cuts)]
    return found


def bent(gains: Array, lie: Lie) -> Array:
    """Return the gains (n,) that a liar negotiates with instead of its own."""
    kind, size = lie
    share: Array = gains / gains.max()
    left: Array = (share - size) / max(1.0 - size, 1e-9)
    told = {
        "hard": np.where(share >= size, 1.0 + 1e-3 * share, -1.0),
        "reserve": left,
        "sharpen": np.where(share > 0, np.abs(share) ** size, share),
        "both": np.where(left > 0, np.abs(left) ** 2, left),
    }
    return told.get(kind, gains)


def meeting(domain: Domain, side: int, floor: float, lie: Lie, seed: int) -> Meeting:
    """Return how an honest side with this floor, and a liar, fare."""
    told = domain.gains.copy()
    told[:, 1 - side] = bent(told[:, 1 - side], lie)
    people = [in_memory.own(party, told[:, party], seed, floor if party == side else 0.0) for party in (0, 1)]
    by = mechanism.suited(2, True, utility.additive(told[:, 0], domain.sizes))
    outcome = in_memory.bargain(domain.sizes, people, in_memory.by_truth(told), by, seed).outcome
    honest, liar = shares(domain, outcome, side)
    if outcome is None:
        return Meeting(None, honest, liar, 0.0, floor)
    own = float(domain.gains[outcome, side] / domain.gains[:, side].max())
    product = float(np.maximum(domain.gains[outcome], 0).prod()) / domain.best_product
    return Meeting(own, honest, liar, product, floor)


def shares(domain: Domain, outcome: int | None, side: int) -> tuple[float, float]:
    """Return both sides' gains, of the most that the other would not lose by."""
    if outcome is None:
        return 0.0, 0.0
    best = [domain.gains[domain.gains[:, 1 - party] > 0, party].max() for party in (0, 1)]
    gains = domain.gains[outcome] / best
    return float(gains[side]), float(gains[1 - side])


def all_known(domain: Domain, side: int) -> tuple[float, float]:
    """Return both gains where the liar knows the honest side's and answers second: its best that the other accepts."""
    fine = np.where(domain.gains[:, side] > 0, domain.gains[:, 1 - side], -math.inf)
    return shares(domain, int(fine.argmax()), side)


def meet(met: Met, expected: Expected, lie: Lie, share: float, guarded: bool, seed: int) -> Mean:
    """Let pairs meet again and again. guarded: whether the honest side has a floor that follows its gains."""
    means, sides = [], list(expected)
    for pair in range(PAIRS):
        generator, past, sums = np.random.default_rng([seed, pair]), list[ledger.PastBargain](), np.zeros(4)
        for _ in range(MEETINGS):
            side = sides[int(generator.integers(len(sides)))]
            step = ledger.step(past) if guarded else 0
            one = met[*side, step, lie if generator.random() < share else HONEST]
            past.append(ledger.PastBargain(one.own, expected[side], one.floor, side))
            sums += (one.honest, one.liar, one.product, one.floor)
        means.append(sums / MEETINGS)
    return Mean(*np.array(means).T)


def floors_of(tables: dict[tuple[bool, Lie, float], Mean]) -> list[Floor]:
    """Hold the lie that pays best, what it leaves, and what the floor costs the honest, against what was promised."""
    honest = tables[True, HONEST, 1.0]
    best: Callable[[tuple[bool, Lie, float]], float] = lambda key: float((tables[key].liar - honest.liar).mean())  # noqa: E731 -- a key
    worst = max((key for key in tables if key[0] and key[1] != HONEST), key=best)
    cost = float((tables[False, HONEST, 1.0].product - honest.product).mean())
    return [
        Floor("premium of the best lie", best(worst), 0.03, False),
        Floor("what it leaves to the honest side", float(tables[worst].honest.mean()), 0.70, True),
        Floor("what the floor costs honest pairs, share of the best product", cost, 0.01, False),
    ]


def _measures(mean: Mean, honest: Mean) -> dict[str, Array]:
    return {
        "honest": mean.honest,
        "liar": mean.liar,
        "premium": mean.liar - honest.liar,
        "product": mean.product,
        "floor": mean.floor,
    }
