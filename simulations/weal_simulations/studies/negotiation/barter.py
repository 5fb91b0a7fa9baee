"""Are chains of help found, how fast, how near to the best that could be, and what do three-cycles add to swaps?

Members need and offer a few skills each (people members, and fewer); who could help whom has a surplus and a chance that both say yes. Cycles of up to three are
weighed by what the nodes reveal: nothing (all alike), the surplus, surplus and chance of each pair, or one of four steps a member; then the best plan is chosen (weal_protocol/barter.py).
`share`: value over the bound of the linear programme. `gain`: what is expected once people have answered, of the same for nodes that reveal all.
`after_veto`: share of the bound without every tenth proposed cycle, once those were refused, the others stand, and the rest was solved again.
Where there is nothing to be found, both shares are 1.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from weal_protocol import barter
from weal_protocol.barter import Link, MemberWish, Plan
from weal_simulations.bench.study import Floor, Progress, Row, Study, row

Array = npt.NDArray[np.float64]
QUESTION = "Are chains of help found, fast and nearly as good as could be?"
PEOPLE = 1_000
DEGREE = 16  # members that one member could help, about
TRIES = 3  # communities of every size
FEWEST = 4  # members of those that are smaller than the largest
LENGTHS = (2, 3)
REVEALED = ("nothing", "surplus", "surplus and chance", "one of four steps")
Chains = Sequence[Sequence[int]]


def run(seed: int, people: int, progress: Progress) -> Study:
    """Find chains in made-up communities of three sizes. people: members of the largest."""
    rows, largest = list[Row](), list[Mapping[str, float]]()
    sizes = sorted({size for size in (people // 10, people // 3) if size >= FEWEST} | {people})
    for number, size in enumerate(sizes):
        for longest in LENGTHS:
            found = [community(size, longest, [seed, number, attempt]) for attempt in range(TRIES)]
            progress((number + longest / 4) / len(sizes), f"{size} members, up to {longest}")
            rows.append(row("greedy, LP, search", {"members": size, "longest": longest}, _columns(found)))
            if size == people and longest == barter.LONGEST:
                largest = found
    for shown in REVEALED:
        gains = [revealing(max(people // 3, FEWEST), shown, [seed, 7, attempt]) for attempt in range(TRIES)]
        rows.append(row("weighed by", {"revealed": shown}, {"gain": np.array(gains)}))
    floors = (
        Floor(f"{people} members, CPU seconds", max(one["seconds"] for one in largest), 1.0, False),
        Floor(f"{people} members, share of the bound", min(one["share"] for one in largest), 0.97, True),
    )
    return Study("barter", seed, tuple(rows), floors)


def community(size: int, longest: int, seed: list[int]) -> Mapping[str, float]:
    """Find chains in one community; return what came of it. Times are CPU seconds from wishes to a plan."""
    generator = np.random.default_rng(seed)
    wishes = made_up(size, generator)
    weighed = {  # what nodes told before: no part of the time
        ends: (float(generator.uniform(0.2, 1.0)), float(generator.uniform(0.3, 1.0))) for ends in _pairs(wishes)
    }
    began = time.process_time()
    found = barter.rounds(told(barter.links(wishes), weighed, REVEALED[2]), longest)
    chains, values = [_members(chain) for chain in found], [barter.worth(chain) for chain in found]
    plan = barter.solve(chains, values, seconds=0.3)
    seconds = time.process_time() - began
    vetoed = plan.chosen[::10]
    again = barter.again(chains, values, [one for one in plan.chosen if one not in vetoed], vetoed, seconds=0.3)
    left = [one for one in range(len(chains)) if one not in vetoed]
    anew = barter.solve([chains[one] for one in left], [values[one] for one in left], seconds=0)
    return {
        "cycles": float(len(found)),
        "helped": float(sum(len(chains[one]) for one in plan.chosen)) / size,
        "value": plan.value,
        "share": _share(plan),
        "after_veto": again.value / anew.bound if anew.bound else 1.0,
        "seconds": seconds,
    }


def revealing(size: int, shown: str, seed: list[int]) -> float:
    """Return the expected surplus of a plan made from what is shown, of that of one made from everything."""
    generator = np.random.default_rng(seed)
    wishes = made_up(size, generator)
    weighed = {
        ends: (float(generator.uniform(0.2, 1.0)), float(generator.uniform(0.3, 1.0))) for ends in _pairs(wishes)
    }
    plain = barter.links(wishes)
    full = barter.rounds(told(plain, weighed, REVEALED[2]))
    seen = barter.rounds(stepwise(wishes, weighed) if shown == REVEALED[3] else told(plain, weighed, shown))
    chains, truth = [_members(chain) for chain in full], [barter.worth(chain) for chain in full]
    plan, best = barter.solve(chains, [barter.worth(chain) for chain in seen]), barter.solve(chains, truth)
    return sum(truth[one] for one in plan.chosen) / best.value if best.value else float("nan")


def made_up(size: int, generator: np.random.Generator) -> list[MemberWish]:
    """Return wishes of members who need two skills and offer two, of as many skills as give everybody DEGREE to help."""
    skills = max(8, size * 4 // DEGREE)
    found = []
    for member in range(size):
        needs, offers = (generator.choice(skills, 2, replace=False) for _ in range(2))
        words = [tuple(f"skill {skill}" for skill in some) for some in (needs, offers)]
        found.append(MemberWish(f"{member:064x}", f"{member:032x}", words[0], words[1]))
    return found


def told(found: Sequence[Link], weighed: Mapping[tuple[str, str], tuple[float, float]], shown: str) -> list[Link]:
    """Return links as the nodes tell of them: without anything, with their surplus, or with the chance of a yes too."""
    made = []
    for link in found:
        value, chance = weighed[link.giver.member, link.taker.member]
        value, chance = (value if shown != "nothing" else 1.0), (chance if shown == REVEALED[2] else barter.EVEN)
        made.append(Link(link.giver, link.taker, link.gift, value, chance))
    return made


def stepwise(wishes: Sequence[MemberWish], weighed: Mapping[tuple[str, str], tuple[float, float]]) -> Sequence[Link]:
    """Return links where each member's note tells one of four steps, as nodes do: of what its links are worth on average."""
    links: dict[str, list[float]] = {wish.member: [0.0] for wish in wishes}
    for ends, (value, chance) in weighed.items():
        for member in ends:
            links[member].append(value * chance)
    worth = {member: float(np.mean(found)) for member, found in links.items()}
    cuts = np.quantile(list(worth.values()), (0.25, 0.5, 0.75))
    return barter.links([replace(one, keen=1 + int(np.searchsorted(cuts, worth[one.member]))) for one in wishes])


def _pairs(wishes: Sequence[MemberWish]) -> list[tuple[str, str]]:
    return [(link.giver.member, link.taker.member) for link in barter.links(wishes)]


def _members(chain: Sequence[Link]) -> list[int]:
    return [int(link.giver.member, 16) for link in chain]


def _share(plan: Plan) -> float:
    return plan.value / plan.bound if plan.bound else 1.0


def _columns(found: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    return {name: np.array([one[name] for one in found]) for name in found[0]}
