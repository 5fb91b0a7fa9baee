"""A head for rounds in which each single label is hidden, trained rarely, since every training costs.

Nothing here may depend on labels but through the noise of the training. So it does not stand on the release that the node uses, which
a trial on labels chose, nor on the person's own edits, but on the release that the round names: the same for every member.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_node.errors import RefusedError
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.records import Answer
from weal_node.reward import private_head
from weal_node.reward.head import GRADES, YES
from weal_node.reward.prior import from_representation
from weal_node.store import private_heads, releases, restores
from weal_node.store.database import Database
from weal_node.store.private_heads import PrivateHead
from weal_protocol import release
from weal_protocol.representation import SHARED, Representation, empty

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrainingTerms:
    """What a round asks of a training. number: of the round.  base: of the release that it names, 0 for none.  cap: this node's,
    of epsilon for each label."""

    number: int
    base: int
    cap: float


async def hidden(
    database: Database, on: FeatureSpace, answers: Sequence[Answer], terms: TrainingTerms, clock: Callable[[], int]
) -> tuple[Array, Array]:
    """Return mean and variance (SHARED,) of a head for this round; RefusedError where a first one would pass the cap.

    on: for its states and their vectors alone. The variance is the population's: a person's own would tell how much they answered.
    """
    number, cap = terms.number, terms.cap
    past = await database.read(private_heads.every)
    public = await named(database, terms.base)
    variance = np.diag(from_representation(public).covariance)[:SHARED].copy()
    if past and number - past[-1].at_round < private_head.EVERY_ROUNDS:
        return past[-1].weights, variance
    lost = -(-await database.read(restores.counted) // private_head.EVERY_ROUNDS)  # at most one training in so many
    spent = [head.spent for head in past] + [private_head.COST] * lost
    after = await asyncio.to_thread(private_head.epsilon, [*spent, private_head.COST])
    if after > cap:
        if past:
            return past[-1].weights, variance
        raise RefusedError(f"one training would bring each label above this node's cap of {cap:g}")
    trained = await asyncio.to_thread(_train, on, public, answers)
    head = PrivateHead(number, trained.spent, after, trained.weights)
    await database.write(lambda connection: private_heads.add(connection, head, clock()))
    return head.weights, variance


async def named(database: Database, base: int) -> Representation:
    """Return the release that a round names, used here or not: all that came are kept. Without it, what a node begins with."""
    release_row = await database.read(lambda connection: releases.get(connection, base))
    return release.representation(release_row[1]) if release_row else empty()


def _train(states: FeatureSpace, public: Representation, answers: Sequence[Answer]) -> private_head.Trained:
    """Train on every yes, no and comparison whose states are there; grades between are left out."""
    on = feature_space(states.items, states.vectors, public)
    usable = [answer for answer in answers if _is_usable(answer, on)]
    ends, offset, yes = np.zeros((len(usable), 2, SHARED)), np.zeros(len(usable)), np.zeros(len(usable))
    for row, answer in enumerate(usable):
        first, yes[row] = on.index[answer.item], answer.choice in YES
        ends[row, 0], offset[row] = on.phi[first, :SHARED], on.bias[first]
        if answer.other:
            second = on.index[answer.other]
            ends[row, 1], offset[row] = on.phi[second, :SHARED], offset[row] - on.bias[second]
    return private_head.train(ends, offset, yes, on.prior.mean[:SHARED].copy())


def _is_usable(answer: Answer, on: FeatureSpace) -> bool:
    """Whether an answer is plain, and about states that are there."""
    there = answer.item in on.index and (not answer.other or answer.other in on.index)
    return there and GRADES.get(answer.choice) != 3
