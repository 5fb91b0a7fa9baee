"""Domains to bargain in: read from JSON files, or made up, of 3 to 400,000 outcomes and 2 to 9 parties.

A file holds {"name", "issues": [{"name", "values": [...]}], "ufuns": [{"name", "reserved", "bias", "contrib": [[per value of
issue 1], ...]}]}: a party's utility is its bias and the sum of its contributions.
"""

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_node.negotiation.utility import sum_over
from weal_protocol.errors import WealError

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
    """utilities: (n, parties).  reserved: (parties,).  kind: "additive" or "dependent"."""

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
    def best_product(self) -> float:
        """The largest product of gains, 0 where no outcome is better than no deal for everyone."""
        return float(np.maximum(self.gains, 0.0).prod(1).max())

    @property
    def feasible(self) -> bool:
        """Whether some outcome is better than no deal for everyone."""
        return self.best_product > 0

    @cached_property
    def frontier(self) -> npt.NDArray[np.float64]:
        """Utilities of the outcomes that nothing dominates, of two parties (k, 2)."""
        order = np.lexsort((-self.utilities[:, 1], -self.utilities[:, 0]))
        second = self.utilities[order, 1]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(second)[:-1]])
        found: Array = self.utilities[order[second > before]]
        return found

    def pareto_distance(self, utilities: Array) -> float:
        """Return how far utilities (parties,) are from the nearest outcome that nothing dominates; NaN when that is not among
        the NEAREST of more than two parties."""
        if self.parties == 2:
            return float(np.sqrt(((self.frontier - utilities) ** 2).sum(1)).min())
        distances = np.sqrt(((self.utilities - utilities) ** 2).sum(1))
        for outcome in np.argsort(distances, kind="stable")[:NEAREST]:
            here = self.utilities[outcome]
            if not ((self.utilities >= here).all(1) & (self.utilities > here).any(1)).any():
                return float(distances[outcome])
        return float("nan")


def read(folder: Path) -> tuple[Domain, ...]:
    """Return the domains of a folder, by name; WealError when one cannot be read."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(held, dict) or "ufuns" not in held:
                continue  # an index, or something else that lies there
            sizes = tuple(len(issue["values"]) for issue in held["issues"])
            rows = [
                float(one.get("bias") or 0.0) + sum_over([np.asarray(part, np.float64) for part in one["contrib"]])
                for one in held["ufuns"]
            ]
            reserved = np.array([float(one.get("reserved") or 0.0) for one in held["ufuns"]])
            if any(len(row) != math.prod(sizes) for row in rows):
                raise ValueError("contributions and issues have different sizes")
            found.append(Domain(str(held.get("name", file.stem)), sizes, np.stack(rows, 1), reserved))
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise WealError(
                f"{file.name} is not a domain: {fault}", "See the README for the form of the files"
            ) from fault
    if not found:
        raise WealError(f"there are no domains in {folder}", "Name a folder with JSON files")
    return tuple(found)


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
    utility, as a share of the best one's."""
    if noise == 0:
        return domain.gains
    each = noise / math.sqrt(len(domain.sizes)) * domain.utilities.max(0)
    errors: Sequence[Array] = [
        sum_over([generator.normal(0.0, each[party], size) for size in domain.sizes]) for party in range(domain.parties)
    ]
    return domain.gains + np.stack(errors, 1)
