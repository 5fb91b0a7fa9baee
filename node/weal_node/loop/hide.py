"""Hide: a head for rounds in which each single label is hidden, trained rarely, since every training costs."""

import asyncio
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from weal_node.errors import RefusedError
from weal_node.loop.learn import Belief
from weal_node.reward import private_head
from weal_node.reward.head import GRADES, YES
from weal_node.store import private_heads
from weal_node.store.database import Database
from weal_node.store.private_heads import PrivateHead
from weal_protocol.representation import SHARED

Array = npt.NDArray[np.float64]
# When to train anew must not depend on labels: every so many rounds of the community.
EVERY_ROUNDS = 10


async def hidden(
    database: Database, belief: Belief, number: int, cap: float, clock: Callable[[], int]
) -> tuple[Array, Array]:
    """Return mean and variance (SHARED,) of a head for this round; RefusedError where a first one would pass the cap.

    The variance is the population's: a person's own would tell how much they answered.
    """
    past = await database.read(private_heads.every)
    variance = np.diag(belief.ground.prior.covariance)[:SHARED].copy()
    if past and number - past[-1].at_round < EVERY_ROUNDS:
        return past[-1].weights, variance
    spent = [one.spent for one in past]
    cost = (private_head.SIGMA, private_head.SAMPLED, private_head.STEPS)
    after = await asyncio.to_thread(private_head.epsilon, [*spent, cost])
    if after > cap:
        if past:
            return past[-1].weights, variance
        raise RefusedError(f"one training would bring each label above this node's cap of {cap:g}")
    trained = await asyncio.to_thread(_train, belief)
    head = PrivateHead(number, trained.spent, after, trained.weights)
    await database.write(lambda connection: private_heads.add(connection, head, clock()))
    return head.weights, variance


def _train(belief: Belief) -> private_head.Trained:
    """Train on every yes, no and comparison whose states are there; grades between are left out."""
    on = belief.ground
    kept = [
        one
        for one in belief.labels
        if one.item in on.index and (not one.other or one.other in on.index) and GRADES.get(one.choice) != 3
    ]
    ends, offset = np.zeros((len(kept), 2, SHARED)), np.zeros(len(kept))
    for row, one in enumerate(kept):
        first = on.index[one.item]
        ends[row, 0], offset[row] = on.phi[first, :SHARED], on.bias[first]
        if one.other:
            other = on.index[one.other]
            ends[row, 1], offset[row] = on.phi[other, :SHARED], offset[row] - on.bias[other]
    yes = np.array([float(one.choice in YES) for one in kept])
    return private_head.train(ends, offset, yes, on.prior.mean[:SHARED].copy())
