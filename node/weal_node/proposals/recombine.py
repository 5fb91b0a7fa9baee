"""Recombination: what one wants, what another has, and what a third says must be kept to. None of them has all three."""

from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.proposals.evidence import Citation, Proposal, Vector

LEAST = 0.35  # cosine of goal and resource, and of the limit with either
MOST = 5
CONSIDERED = 200  # of each role


@dataclass(frozen=True, slots=True)
class RoleSentence:
    """A sentence in its role, with its unit vector."""

    cited: Citation
    vector: Vector


def find(
    goals: Sequence[RoleSentence], resources: Sequence[RoleSentence], limits: Sequence[RoleSentence]
) -> tuple[Proposal, ...]:
    """Return combinations of three people, this person with the goal or the resource; each sentence is used once."""
    found: list[tuple[float, RoleSentence, RoleSentence, RoleSentence]] = []
    for goal in goals[:CONSIDERED]:
        for resource in resources[:CONSIDERED]:
            near = float(goal.vector @ resource.vector)
            if (
                near < LEAST
                or goal.cited.author == resource.cited.author
                or (goal.cited.author and resource.cited.author)
            ):
                continue
            for limit in limits[:CONSIDERED]:
                bears = max(float(limit.vector @ goal.vector), float(limit.vector @ resource.vector))
                if bears >= LEAST and limit.cited.author not in (goal.cited.author, resource.cited.author):
                    found.append((min(near, bears) + 0.1 * near, goal, resource, limit))
    chosen: list[Proposal] = []
    used: set[str] = set()
    for score, *said in sorted(found, key=lambda row: (-row[0], *(one.cited.quote for one in row[1:]))):
        quotes = {one.cited.quote for one in said}
        if not quotes & used and len(chosen) < MOST:
            used |= quotes
            chosen.append(_proposal(said[0].cited, said[1].cited, said[2].cited, score))
    return tuple(chosen)


def _proposal(goal: Citation, resource: Citation, limit: Citation, score: float) -> Proposal:
    parts = ((goal, "want"), (resource, "have"), (limit, "say what must be kept to"))
    said = " ".join(f"{one.who[:1].upper()}{one.who[1:]}{_verb(one, what)}: “{one.quote}”" for one, what in parts)
    return Proposal("recombination", said, (goal, resource, limit), score)


def _verb(cited: Citation, what: str) -> str:
    first, _, rest = what.partition(" ")
    third = {"want": "wants", "have": "has", "say": "says"}[first]
    return f" {third if cited.author else first} {rest}".rstrip()
