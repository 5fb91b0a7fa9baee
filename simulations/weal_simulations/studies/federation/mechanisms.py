"""The federation's strategy, as it is and broken on purpose in six ways; and a member's reply to it, as Flower delivers it.

Broken ones differ from the correct one by what is passed to it, or by a subclass here.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from flwr.app import Array, ArrayRecord, Message, Metadata, MetricRecord, RecordDict
from flwr.app.message import make_message

from weal_coordinator.federation.gate import gated, ungated
from weal_coordinator.federation.strategy import ARRAY, RECORD, PrivateSum
from weal_protocol.contribution import length
from weal_protocol.noise import GRID_BITS, noisy

Vector = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
Noise = Callable[[Steps, float, float], Vector]
CLIP, SIGMA = 1.0, 1.0
WEIGHT, EXAMPLES = 10, "num-examples"
CORRECT = "correct"
OFF, ON = "off", "on"
GATES = {OFF: ungated, ON: gated}


def exact(total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum without noise."""
    return np.asarray(total * (clip / 2**GRID_BITS), np.float64)


def swift(total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum with NumPy's noise, seeded by the operating system: of the size of `noisy`, some hundred times sooner."""
    return exact(total, sigma, clip) + np.random.default_rng().normal(0.0, sigma * clip, len(total))


def scaled(share: float, noise: Noise, total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum with a share of the noise that was accounted for."""
    return noise(total, share * sigma, clip)


def repeated(total: Steps, sigma: float, clip: float) -> Vector:
    """Return the sum with noise from a generator that is seeded alike in every round."""
    return exact(total, sigma, clip) + np.random.default_rng(7).normal(0.0, sigma * clip, len(total))


class Weighted(PrivateSum):
    """Believes what a member says about how much it counts, as averages by examples do."""

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Sum by weight, then add the noise."""
        groups: dict[int, list[Message]] = {}
        for reply in replies:
            said = reply.content.metric_records.get(EXAMPLES)
            weight = WEIGHT if said is not None and said[EXAMPLES] == WEIGHT else 1
            groups.setdefault(weight, []).append(
                make_message(reply.metadata, RecordDict(dict(reply.content.array_records)))
            )
        total = np.zeros(length(self.items))
        for weight, group in groups.items():
            part = PrivateSum(**{**self.__dict__, "noise": exact})
            part.aggregate_train(server_round, group)
            total += weight * part.total
        self.total = self.noise((total * (2**GRID_BITS / self.clip)).astype(np.int64), self.sigma, self.clip)
        return None, None


def make(name: str, items: int, people: int, *, gate: str = OFF, noise: Noise = noisy) -> PrivateSum:
    """Return the mechanism of this name for one round of so many people: the product's, or one that is broken on purpose.

    noise: what a sum is given where nothing is wrong with the noise, or too little of.
    """
    nodes = {node: str(node) for node in range(1, people + 1)}
    settings: dict[str, Any] = {
        "number": 1,
        "catalogue_sha256": "",
        "items": items,
        "clip": CLIP,
        "sigma": SIGMA,
        "deadline_s": 30.0,
        "gate": GATES[gate],
        "noise": noise,
    }
    if name == "weight x 10":
        return Weighted(**settings, people=nodes)
    correct = PrivateSum(**settings, people=nodes)
    if name == "no clip":  # one that is a thousand times too wide, with noise for the right one
        return replace(correct, clip=1e3 * CLIP, noise=partial(scaled, 1e-3, noise))
    if name == "reused noise seed":
        return replace(correct, noise=repeated)
    if name == CORRECT:
        return correct
    return replace(correct, noise=partial(scaled, SHARES[name](people), noise))


SHARES: dict[str, Callable[[int], float]] = {
    "noise x .8": lambda people: 0.8,
    "noise / 2": lambda people: 0.5,
    "noise / sqrt n": lambda people: float(max(people, 1)) ** -0.5,
}


def reply(flat: Vector, node: int, *, weighted: bool = False) -> Message:
    """Return what a node answers, as the strategy receives it."""
    content = RecordDict({RECORD: ArrayRecord({ARRAY: Array(flat)})})
    if weighted:
        content[EXAMPLES] = MetricRecord({EXAMPLES: WEIGHT})
    about = Metadata(
        run_id=1,
        message_id=str(node),
        src_node_id=node,
        dst_node_id=1,
        reply_to_message_id=str(node),
        group_id="1",
        ttl=3_600.0,
        message_type="train",
        created_at=0.0,
    )
    return make_message(metadata=about, content=content)
