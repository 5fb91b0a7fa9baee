"""How much the agent knows of its person, and what their own rules leave to ask."""

from weal_node.mind.mind import ASKABLE, Mind
from weal_node.reward import acquisition
from weal_node.reward.principles import vetoed, vetoes


def known(mind: Mind) -> float:
    """Return how much of the prior's uncertainty about this person is gone: 0 to 1, by variance over all concepts."""
    before = sum(part.sd**2 for part in mind.prior_concepts())
    after = sum(part.sd**2 for part in mind.concepts())
    return max(0.0, 1.0 - after / before) if before > 0 else 0.0


def understood(mind: Mind) -> float:
    """Return how much of what scores may be is known, 0 to 1: the posterior R2 over what can be asked about."""
    fitted = mind.fitted()
    ordinary = [row for row, item in enumerate(fitted.features.items) if item.kind in ASKABLE]
    return acquisition.explained(fitted.mean[ordinary], fitted.variance[ordinary])


def ruled_out(mind: Mind) -> int:
    """Return how many things can be asked about where the person's vetoes rule out every one of them; else 0."""
    standing = vetoes(mind.edits())
    askable = [item for item in mind.items() if item.kind in ASKABLE]
    return len(askable) if standing and all(vetoed(item, standing) for item in askable) else 0
