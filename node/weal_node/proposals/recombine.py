"""Recombination: what one wants, what another has, and what a third says must be kept to. None of them has all three."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weal_node.proposals.evidence import Citation, Proposal, Vector

LEAST = 0.27  # cosine of goal and resource, and of the limit with either: three in ten of what is said are right, and at no other more (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")
MOST = 5
CONSIDERED = 200  # of each role


@dataclass(frozen=True, slots=True)
class RoleSentence:
    """A sentence in its role, with its unit vector."""

    cited: Citation
    vector: Vector


Combination = tuple[float, RoleSentence, RoleSentence, RoleSentence]  # score, goal, resource, limit


def find(
    goals: Sequence[RoleSentence], resources: Sequence[RoleSentence], limits: Sequence[RoleSentence]
) -> tuple[Proposal, ...]:
    """Return combinations of three people, this person with the goal or the resource; each sentence is used once."""
    combinations: list[Combination] = []
    for goal in goals[:CONSIDERED]:
        for resource in resources[:CONSIDERED]:
            if goal.cited.author == resource.cited.author or (goal.cited.author and resource.cited.author):
                continue
            combinations += _combined(goal, resource, limits[:CONSIDERED])
    combinations.sort(key=lambda row: (-row[0], *_quotes(row)))
    chosen: list[Proposal] = []
    used: set[str] = set()
    for combination in combinations:
        quotes = _quotes(combination)
        if used.isdisjoint(quotes) and len(chosen) < MOST:
            used.update(quotes)
            score, goal, resource, limit = combination
            chosen.append(_proposal(goal.cited, resource.cited, limit.cited, score))
    return tuple(chosen)


def _combined(goal: RoleSentence, resource: RoleSentence, limits: Sequence[RoleSentence]) -> Iterator[Combination]:
    """Yield this goal and resource, where they have to do with each other, with each limit of somebody else that bears on them."""
    near = float(goal.vector @ resource.vector)
    if near < LEAST:
        return
    for limit in limits:
        bears = max(float(limit.vector @ goal.vector), float(limit.vector @ resource.vector))
        if bears >= LEAST and limit.cited.author not in (goal.cited.author, resource.cited.author):
            yield min(near, bears) + 0.1 * near, goal, resource, limit


def _quotes(combination: Combination) -> tuple[str, str, str]:
    _, goal, resource, limit = combination
    return goal.cited.quote, resource.cited.quote, limit.cited.quote


def _proposal(goal: Citation, resource: Citation, limit: Citation, score: float) -> Proposal:
    parts = ((goal, "want"), (resource, "have"), (limit, "say what must be kept to"))
    clauses = (f"{_capital(cited.who)}{_verb(cited, what)}: “{cited.quote}”" for cited, what in parts)
    text = " ".join(clauses)
    return Proposal("recombination", text, (goal, resource, limit), score)


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def _verb(cited: Citation, what: str) -> str:
    verb, _, rest = what.partition(" ")
    third = {"want": "wants", "have": "has", "say": "says"}[verb]
    return f" {third if cited.author else verb} {rest}".rstrip()
