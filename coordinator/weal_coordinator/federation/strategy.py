"""Our strategy: Poisson-sampled, clipped, summed, noised with a fixed denominator.

Sound where Flower's own wrappers are not: no weight or metric of a client is read, absent and refused
replies are zero, a reply is checked before it is decoded, one person counts once, and the noise is
calibrated to the clip alone. Dwork and Roth 2014 (Gaussian mechanism); McMahan et al. 2018 (user level).
"""

import io
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from flwr.app import ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from weal_coordinator.federation.gate import gated
from weal_protocol.contribution import LIGHT, clipped, length
from weal_protocol.noise import noisy, quantised

RECORD = "statistics"
ARRAY = "flat"


class RefusedReplyError(Exception):
    """A reply that counts as zero; the text is its named reason."""


def draw(population: Sequence[str], sampling_rate: float) -> tuple[str, ...]:
    """Flip one secret coin for every registered person (Poisson sampling); nothing else decides who takes part."""
    coins = secrets.SystemRandom()
    return tuple(person for person in population if coins.random() < sampling_rate)


@dataclass
class PrivateSum(Strategy):
    """One round. people: Flower's node id to the person's key, for those drawn. items: size of the catalogue. layout: of
    contributions, see weal_protocol.contribution.  local: nodes whose tier is `local`, see gate."""

    number: int
    catalogue_sha256: str
    items: int
    clip: float
    sigma: float
    deadline_s: float
    people: Mapping[int, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    used: int = 0
    total: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    asked: set[int] = field(default_factory=set)
    layout: str = LIGHT
    noise: Callable[[npt.NDArray[np.int64], float, float], npt.NDArray[np.float64]] = noisy
    local: frozenset[int] = frozenset()
    gate: Callable[..., npt.NDArray[np.float64]] = gated
    expelled: frozenset[str] = frozenset()  # agent keys in hex, known once all replies are in

    @property
    def length(self) -> int:
        """How many numbers a contribution has."""
        return length(self.items, self.layout)

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Return messages for those drawn who are attached and were not asked yet; may be called again and again."""
        attached = set(grid.get_node_ids()) & set(self.people)
        fresh = sorted(attached - self.asked)
        self.asked.update(fresh)
        said = ConfigRecord({"number": self.number, "catalogue": self.catalogue_sha256, "length": self.length})
        return [
            Message(
                RecordDict({"round": said}), node, MessageType.TRAIN, ttl=self.deadline_s, group_id=str(server_round)
            )
            for node in fresh
        ]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Sum what passes the checks, add the noise. `used`, `refused` and `total` hold the outcome."""
        steps = np.zeros(self.length, np.int64)
        counted: set[str] = set()
        for reply in replies:
            try:
                person = self._person(reply, counted)
                inside = clipped(self._flat(reply), self.clip)
                local = reply.metadata.src_node_id in self.local
                steps += quantised(self.gate(inside, self.items, self.layout, self.clip, local), self.clip)
            except RefusedReplyError as reason:
                self.refused[str(reason)] += 1
                continue
            except Exception as fault:  # noqa: BLE001 -- whatever is in a member's reply, it costs their reply only
                self.refused[f"cannot be read: {type(fault).__name__}"] += 1
                continue
            counted.add(person)
        self.used = len(counted)
        self.total = self.noise(steps, self.sigma, self.clip)
        return None, None

    def _person(self, reply: Message, counted: set[str]) -> str:
        if reply.has_error():
            raise RefusedReplyError(f"an error instead of statistics: {(reply.error.reason or 'no reason')[:160]}")
        person = self.people.get(reply.metadata.src_node_id)
        if person is None:
            raise RefusedReplyError("from someone who was not drawn")
        if person in self.expelled:
            raise RefusedReplyError("from somebody who was expelled")
        if person in counted:
            raise RefusedReplyError("a second reply of one person")
        return person

    def _flat(self, reply: Message) -> npt.NDArray[np.float64]:
        records = reply.content.array_records
        if set(records) != {RECORD} or set(records[RECORD]) != {ARRAY} or len(reply.content) != 1:
            raise RefusedReplyError("wrong keys")
        array = records[RECORD][ARRAY]
        return decoded(array.dtype, array.stype, array.data, self.length)

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Nothing is evaluated here: each node does, on its own labels."""
        return []

    def aggregate_evaluate(self, server_round: int, replies: Iterable[Message]) -> MetricRecord | None:
        """No metric of a node is read."""
        return None

    def summary(self) -> None:
        """Say nothing: a round's numbers are in the ledger."""


def decoded(dtype: str, stype: str, data: bytes, numbers: int) -> npt.NDArray[np.float64]:
    """Return a float64 vector of this length. The shape that Flower carries beside the bytes is not looked at, and the
    header before the numbers is compared, not parsed: nothing that a member wrote decides how much is read, or as what.
    """
    if dtype != "float64" or stype != "numpy.ndarray":
        raise RefusedReplyError("wrong type")
    header = npy_header(numbers)
    if len(data) != len(header) + 8 * numbers:
        raise RefusedReplyError("wrong size")
    if not data.startswith(header):
        raise RefusedReplyError("wrong shape")
    flat = np.frombuffer(data, "<f8", offset=len(header))
    if not np.isfinite(flat).all():
        raise RefusedReplyError("NaN or infinity")
    return flat


def npy_header(numbers: int) -> bytes:
    """Return what NumPy writes before a float64 vector of this length (format 1.0)."""
    stream = io.BytesIO()
    said = {"descr": "<f8", "fortran_order": False, "shape": (numbers,)}
    np.lib.format.write_array_header_1_0(stream, said)
    return stream.getvalue()
