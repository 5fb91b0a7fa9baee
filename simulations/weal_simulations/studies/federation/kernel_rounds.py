"""What a community's rounds come to say of the residual's kernels: as nodes tell it and the coordinator builds it, without noise.

What a member's answers say of each kernel is the same in every round; what they are asked to weigh it with is the release before. So each log is asked once.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from weal_coordinator.federation.kernel_shares import estimated
from weal_node.mind.feature_space import FeatureSpace
from weal_node.records import Answer
from weal_node.reward import kernels
from weal_node.reward.head import rows
from weal_protocol.kernels import BESIDE_RELEASE, KERNELS
from weal_protocol.representation import Representation, Vector

ROUNDS = 10  # after the founding one, in which nobody has a release yet


def told(on: FeatureSpace, logs: Sequence[Sequence[Answer]], members: int, rounds: int = ROUNDS) -> Representation:
    """Return the release of this space with the shares of kernels that it has after these rounds.

    logs: of some members, oldest answer first, who stand for all of them."""
    said = np.array([_said(on, log) for log in logs]).reshape(-1, KERNELS)
    heard, shares = np.zeros(KERNELS), BESIDE_RELEASE
    for _ in range(rounds if len(said) else 0):
        raised = shares * np.exp(said - said.max(1, keepdims=True))
        heard = heard + members * (raised / raised.sum(1, keepdims=True)).mean(0)
        found = estimated(heard, 0.0)
        assert found is not None
        shares = found
    return replace(on.representation, kernel_shares=shares)


def _said(on: FeatureSpace, log: Sequence[Answer]) -> Vector:
    """Return the log evidence (KERNELS,) of a member's newest answers, as their node asks them."""
    heard = rows(log, on.index, on.phi, on.bias).newest(kernels.HEARD)
    start = heard.offset + heard.design @ on.prior.mean
    return kernels.evidence(heard, start, kernels.grams(heard, on.prior, on.space))
