"""How much the agent knows of its person, and what their own rules leave to ask."""

from collections.abc import Sequence

from weal_node.mind.mind import Mind, askable
from weal_node.records import ScorePart
from weal_node.reward.principles import vetoed, vetoes


def known(mind: Mind) -> float:
    """Return how much of the prior's uncertainty about this person is gone: 0 to 1, by variance over all concepts."""
    before, after = _variance(mind.prior_concepts()), _variance(mind.concepts())
    return max(0.0, 1.0 - after / before) if before > 0 else 0.0


def ruled_out(mind: Mind) -> int:
    """Return how many things can be asked about where the person's vetoes rule out every one of them; else 0."""
    rules, items = vetoes(mind.edits()), mind.items()
    rows = askable(mind.fitted())
    if not rules:
        return 0
    for row in rows:
        if not vetoed(items[row], rules):
            return 0
    return len(rows)


def _variance(concepts: Sequence[ScorePart]) -> float:
    return sum(concept.sd**2 for concept in concepts)
