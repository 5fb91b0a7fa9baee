"""Domains to bargain in, and those that are made up: of 3 to 400,000 outcomes and 2 to 9 parties (others: domain_files.py)."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from weal_node.negotiation.utility import sum_over

Array = npt.NDArray[np.float64]
NEAREST = 300  # outcomes tried, for the distance to what nothing dominates
DEPENDENCE = 0.5  # sd of what pairs of issues add, in sds of the additive part
SIZES = (  # of two parties' domains: few and many issues, few and many values, 3 to 400,000 outcomes
    (3,),
    (11,),
    (4, 4),
    (3, 4, 5),
    (5, 5, 5),
    (2, 2, 2, 2, 2, 2, 2),
    (4, 4, 4, 3),
    (5, 4, 4, 4),
    (10, 10, 5),
    (3, 3, 3, 3, 3, 3),
    (6, 5, 5, 5, 2),
    (8, 8, 8, 4),
    (4, 4, 4, 4, 4, 3),
    (5, 5, 5, 5, 5),
    (7, 6, 6, 5, 4),
    (10, 10, 10, 8),
    (8, 7, 6, 5, 4, 3),
    (20, 20, 40),
    (10, 10, 10, 10, 10),
    (20, 20, 10, 10, 10),
)
MANY: tuple[tuple[int, tuple[int, ...]], ...] = (
    (3, (4, 4, 4)),
    (9, (4, 4, 4, 4)),
    (5, (5, 5, 5, 5)),
    (3, (4, 3, 3, 3, 3, 3)),
    (9, (3, 3, 3, 3, 3, 3)),
    (3, (5, 5, 5, 5)),
    (5, (3, 3, 3, 3, 3, 3)),
    (9, (5, 5, 5, 5, 5)),
)


@dataclass(frozen=True)
class Domain:
    """utilities: (n, parties), in any unit and of any sign.  reserved: (parties,), what each has without a deal, in the same
    unit.  kind: "additive" or "dependent"."""

    name: str
    sizes: tuple[int, ...]
    utilities: Array
    reserved: Array
    kind: str = "additive"

    @property
    def parties(self) -> int:
        """How many have a utility."""
        return len(self.reserved)

    @cached_property
    def gains(self) -> Array:
        """Utilities over no deal, (n, parties)."""
        return self.utilities - self.reserved

    @cached_property
    def ranges(self) -> Array:
        """Each party's best utility less its worst (parties,); 1 for one to whom all outcomes are alike."""
        spans = np.ptp(self.utilities, 0)
        found: Array = np.where(spans > 0, spans, 1.0)
        return found

    @cached_property
    def fine(self) -> npt.NDArray[np.bool_]:
        """Which outcomes (n,) are better than no deal for everyone."""
        return np.asarray((self.gains > 0).all(1), np.bool_)

    @cached_property
    def best_product(self) -> float:
        """The largest product of gains, 0 where no outcome is better than no deal for everyone."""
        return float(np.maximum(self.gains, 0.0).prod(1).max())

    @property
    def feasible(self) -> bool:
        """Whether some outcome is better than no deal for everyone."""
        return bool(self.fine.any())

    @cached_property
    def frontier(self) -> npt.NDArray[np.float64]:
        """Utilities of the outcomes that nothing dominates, of two parties (k, 2)."""
        order = np.lexsort((-self.utilities[:, 1], -self.utilities[:, 0]))
        second = self.utilities[order, 1]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(second)[:-1]])
        found: Array = self.utilities[order[second > before]]
        return found

    def product(self, outcome: int | None) -> float:
        """Return the product of gains as a share of the largest one, 0 for no deal; NaN where no deal is feasible. It does not
        depend on anybody's unit."""
        if not self.feasible:
            return float("nan")
        most = self.gains[self.fine].max(
            0
        )  # a unit of each party's own, so that products of many neither vanish nor explode
        best = (self.gains[self.fine] / most).prod(1).max()
        return 0.0 if outcome is None else float((np.maximum(self.gains[outcome], 0.0) / most).prod() / best)

    def welfare(self, outcome: int | None) -> float:
        """Return the sum of everybody's gains over no deal, each in its range, as a share of the largest sum that any outcome
        without a loser has: 0 for no deal, and where no deal is feasible."""
        if outcome is None or not self.feasible:
            return 0.0
        sums = (self.gains / self.ranges).sum(1)
        return float(sums[outcome] / sums[self.fine].max())

    def pareto_distance(self, utilities: Array) -> float:
        """Return how far utilities (parties,) are from the nearest outcome that nothing dominates, in parties' ranges; NaN when
        that is not among the NEAREST of more than two parties."""
        if self.parties == 2:
            return float(np.sqrt((((self.frontier - utilities) / self.ranges) ** 2).sum(1)).min())
        distances = np.sqrt((((self.utilities - utilities) / self.ranges) ** 2).sum(1))
        for outcome in np.argsort(distances, kind="stable")[:NEAREST]:
            here = self.utilities[outcome]
            if not ((self.utilities >= here).all(1) & (self.utilities > here).any(1)).any():
                return float(distances[outcome])
        return float("nan")


def make(seed: int, count: int) -> tuple[Domain, ...]:
    """Return made-up domains. count: of two parties, additive and feasible; there are fewer of every other sort."""
    generator = np.random.default_rng(seed)
    few = [sizes for sizes in SIZES if len(sizes) > 1 and math.prod(sizes) <= 20_000]
    plan: list[tuple[str, int, int, tuple[int, ...], str, bool]] = []  # name, number, parties, sizes, kind, feasible
    plan += [("two", n, 2, SIZES[n % len(SIZES)], "additive", True) for n in range(count)]
    plan += [("dependent", n, 2, few[n % len(few)], "dependent", True) for n in range(max(count // 2, 1))]
    plan += [("hopeless", n, 2, few[3 * n % len(few)], "additive", False) for n in range(max(count // 4, 1))]
    plan += [("many", n, *MANY[n % len(MANY)], "additive", True) for n in range(max(3 * count // 5, 3))]
    plan += [("hopeless-many", n, *MANY[n % len(MANY)], "additive", False) for n in range(max(count // 6, 1))]
    return tuple(_one(f"{one[0]}-{one[1]}", generator, one[2], one[3], one[4], one[5]) for one in plan)


def _one(
    name: str, generator: np.random.Generator, parties: int, sizes: tuple[int, ...], kind: str, feasible: bool
) -> Domain:
    """Return a domain whose best deal exists, or does not, as asked for: reservations are drawn until it is so."""
    while True:
        utilities = np.stack(_opposed(generator, parties, sizes), 1)
        if kind == "dependent":
            utilities = np.stack([_dependent(generator, row, sizes) for row in utilities.T], 1)
        reserved = _reserved(generator, utilities, feasible)
        found = Domain(name, sizes, utilities, reserved, kind)
        share = (found.gains > 0).all(1).mean()
        if found.feasible is feasible and (not feasible or share <= 0.6 or math.prod(sizes) < 20):
            return found


def _opposed(generator: np.random.Generator, parties: int, sizes: tuple[int, ...]) -> list[Array]:
    """Return additive utilities in 0 to 1: on some issues tastes run against each other, on others they are their own."""
    rows = []
    shared = [generator.random(size) for size in sizes]
    opposed = generator.random(len(sizes)) < generator.uniform(0.2, 0.7)
    for party in range(parties):
        weights = generator.dirichlet(np.full(len(sizes), generator.choice([0.7, 2.0])))
        parts = []
        for issue, size in enumerate(sizes):
            own = generator.random(size)
            along = shared[issue] if party % 2 == 0 else 1.0 - shared[issue]
            values = 0.8 * along + 0.2 * own if opposed[issue] else own
            span = float(np.ptp(values)) or 1.0
            parts.append(weights[issue] * (values - values.min()) / span)
        rows.append(sum_over(parts))
    return rows


def _dependent(generator: np.random.Generator, row: Array, sizes: tuple[int, ...]) -> Array:
    """Return utilities with random interactions of every pair of issues, in 0 to 1."""
    box, extra = row.reshape(sizes), np.zeros(sizes)
    for one, other in itertools.combinations(range(len(sizes)), 2):
        shape = [1] * len(sizes)
        shape[one], shape[other] = sizes[one], sizes[other]
        extra = extra + generator.normal(size=shape)
    whole: Array = (box + extra / extra.std() * box.std() * DEPENDENCE).ravel()
    scaled: Array = (whole - whole.min()) / float(np.ptp(whole))
    return scaled


def _reserved(generator: np.random.Generator, utilities: Array, feasible: bool) -> Array:
    """Return what each party has without a deal: usually modest; where there shall be no deal, just out of joint reach."""
    if feasible:
        return np.asarray(generator.uniform(0.0, 0.5, utilities.shape[1]) * utilities.max(0))
    towards = generator.uniform(0.6, 1.0, utilities.shape[1])
    level = float((utilities / towards).min(1).max())
    return np.asarray(np.minimum(towards * level * generator.uniform(1.02, 1.15), 0.98 * utilities.max(0)))


def believed(domain: Domain, noise: float, generator: np.random.Generator) -> Array:
    """Return gains (n, parties) as models that err see them. noise: sd of a model's error in one outcome's
    utility, as a share of the range of that party's utilities."""
    if noise == 0:
        return domain.gains
    each = noise / math.sqrt(len(domain.sizes)) * domain.ranges
    errors: Sequence[Array] = [
        sum_over([generator.normal(0.0, each[party], size) for size in domain.sizes]) for party in range(domain.parties)
    ]
    return domain.gains + np.stack(errors, 1)
