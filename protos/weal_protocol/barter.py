"""Chains of help: who could help whom, cycles of up to three, and which of them to propose so that most is gained.

The coordinator and any member compute alike from what everybody has made public. A cycle is only a proposal: each is then
an ordinary deal between its members, who may say no; then the rest is solved again without it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix

from weal_protocol.items import normalised

LONGEST = 3
GAP = 1e-3  # relative, at which the exact solver may stop
EVEN = 0.5  # chance that someone says yes, where nobody has said anything
KEEN = {  # surplus and chance of a yes, by what was told; close to silence, since a member's step says little of one link (LOG.md)
    0: (1.0, EVEN),
    1: (0.7, 0.4),
    2: (0.9, 0.47),
    3: (1.1, 0.53),
    4: (1.3, 0.6),
}


@dataclass(frozen=True, slots=True)
class MemberWish:
    """What one member's note asks for and offers. member: hex agent key.  note: hex note id.  keen: what its member's node chose to
    tell of how much it would gain, in steps from 1 to 4; 0: nothing."""

    member: str
    note: str
    needs: tuple[str, ...]
    offers: tuple[str, ...]
    keen: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """One member could help another. gift: in the giver's words.  value: surplus, in whatever the nodes chose to tell, 1 when
    they told nothing.  chance: that both say yes."""

    giver: MemberWish
    taker: MemberWish
    gift: str
    value: float = 1.0
    chance: float = EVEN


@dataclass(frozen=True, slots=True)
class Plan:
    """chosen: numbers of cycles, no member twice.  value: their sum.  bound: no plan is worth more.  by: who found it."""

    chosen: tuple[int, ...]
    value: float
    bound: float
    by: str


def links(wishes: Sequence[MemberWish], alike: Callable[[str], Iterable[str]] | None = None) -> tuple[Link, ...]:
    """Return who could help whom, one link for each pair of members and direction. alike: the needs, as they are written, that
    speak of the same thing as an offer; the same words do anyway. Of several, the first by note: the order in which wishes
    came says nothing."""
    wishes = sorted(wishes, key=lambda one: (one.member, one.note))
    wanted: dict[str, list[int]] = {}
    for number, wish in enumerate(wishes):
        for need in wish.needs:
            wanted.setdefault(normalised(need), []).append(number)
    found: dict[tuple[str, str], Link] = {}
    for giver in wishes:
        for offer in giver.offers:
            words = {normalised(need) for need in (offer, *(alike(offer) if alike else ()))}
            for number in sorted({number for word in words for number in wanted.get(word, ())}):
                taker = wishes[number]
                if taker.member != giver.member:
                    found.setdefault((giver.member, taker.member), link(giver, taker, offer))
    return tuple(found[ends] for ends in sorted(found))


def link(giver: MemberWish, taker: MemberWish, gift: str) -> Link:
    """Return a link, weighed by what both told: in a cycle, where each gives once and takes once, every member's surplus is
    added once and the chance of everyone's yes multiplied once."""
    (one, first), (other, second) = KEEN[giver.keen], KEEN[taker.keen]
    return Link(giver, taker, gift, (one + other) / 2, (first * second) ** 0.5)


def cycles(edges: Mapping[int, Iterable[int]], longest: int = LONGEST) -> tuple[tuple[int, ...], ...]:
    """Return all cycles of two to `longest` different nodes, each from its smallest node on. edges: node to those it helps."""
    helps = {node: sorted(set(to)) for node, to in edges.items()}
    found: list[tuple[int, ...]] = []
    for start in sorted(helps):
        paths: list[tuple[int, ...]] = [(start,)]
        while paths:
            path = paths.pop()
            for to in helps.get(path[-1], ()):
                if to == start and len(path) > 1:
                    found.append(path)
                elif to > start and len(path) < longest and to not in path:
                    paths.append((*path, to))
    return tuple(found)


def rounds(found: Sequence[Link], longest: int = LONGEST) -> tuple[tuple[Link, ...], ...]:
    """Return the cycles among links: of each, who helps whom, in order."""
    names = sorted({end.member for link in found for end in (link.giver, link.taker)})
    place = {name: number for number, name in enumerate(names)}
    by_ends = {(place[link.giver.member], place[link.taker.member]): link for link in found}
    edges: dict[int, list[int]] = {}
    for giver, taker in by_ends:
        edges.setdefault(giver, []).append(taker)
    return tuple(
        tuple(by_ends[giver, taker] for giver, taker in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        for cycle in cycles(edges, longest)
    )


def worth(cycle: Sequence[Link]) -> float:
    """Return a cycle's surplus times the chance that nobody says no."""
    return sum(link.value for link in cycle) * float(np.prod([link.chance for link in cycle]))


def solve(members: Sequence[Sequence[int]], values: Sequence[float], seconds: float = 1.0) -> Plan:
    """Return the best plan that greedy, a rounded LP and an exact search within `seconds` find: the exact one, cut short, can
    find less than greedy. members: of each cycle.  values: of each."""
    if not members:
        return Plan((), 0.0, 0.0, "greedy")
    worths = np.asarray(values, np.float64)
    rows = np.concatenate([np.asarray(one, np.int64) for one in members])
    columns = np.repeat(np.arange(len(members)), [len(one) for one in members])
    names, rows = np.unique(rows, return_inverse=True)
    once = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(names), len(members)))
    relaxed = linprog(-worths, A_ub=once, b_ub=np.ones(len(names)), bounds=(0, 1), method="highs")
    sizes = np.array([len(one) for one in members])
    plans = {"greedy": pick(members, np.lexsort((-worths, -worths / sizes)))}
    bound = float("inf")
    if relaxed.x is not None:
        bound = float(-relaxed.fun)
        plans["lp"] = pick(members, np.lexsort((-worths, -np.round(relaxed.x, 6))))
    best = max(plans, key=lambda name: float(worths[list(plans[name])].sum()))
    if seconds > 0 and float(worths[list(plans[best])].sum()) < bound * (1 - GAP):
        options = {"time_limit": seconds, "mip_rel_gap": GAP}
        limits = LinearConstraint(once, -np.inf, 1.0)
        exact = milp(
            -worths, constraints=limits, integrality=np.ones(len(members)), bounds=Bounds(0, 1), options=options
        )
        if exact.x is not None:
            plans["milp"] = tuple(int(number) for number in np.flatnonzero(exact.x > 0.5))
            best = max(plans, key=lambda name: float(worths[list(plans[name])].sum()))
    return Plan(tuple(sorted(plans[best])), float(worths[list(plans[best])].sum()), bound, best)


def again(
    members: Sequence[Sequence[int]],
    values: Sequence[float],
    agreed: Iterable[int],
    vetoed: Iterable[int],
    seconds: float = 1.0,
) -> Plan:
    """Return a plan after someone said no: agreed cycles stand with their members, vetoed ones are out."""
    kept, out = set(agreed), set(vetoed)
    busy = {member for number in kept for member in members[number]}
    free = [number for number in range(len(members)) if number not in kept | out and busy.isdisjoint(members[number])]
    rest = solve([members[number] for number in free], [values[number] for number in free], seconds)
    standing = sum(values[number] for number in kept)
    chosen = tuple(sorted((*kept, *(free[number] for number in rest.chosen))))
    return Plan(chosen, standing + rest.value, standing + rest.bound, rest.by)


def pick(members: Sequence[Sequence[int]], order: npt.NDArray[np.int64]) -> tuple[int, ...]:
    """Return cycles taken in this order wherever all their members are still free."""
    used: set[int] = set()
    chosen = []
    for number in order:
        if used.isdisjoint(members[number]):
            used.update(members[number])
            chosen.append(int(number))
    return tuple(chosen)
