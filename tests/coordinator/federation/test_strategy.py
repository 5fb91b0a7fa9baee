"""The strategy takes Flower's own messages: one person counts once and within the clip; what is odd counts zero, by name."""

import io
import pickle
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, MessageType, MetricRecord, RecordDict
from flwr.supercore.task_identity import TaskIdentity
from hypothesis import given
from hypothesis import strategies as st

from weal_coordinator.federation.gate import ungated
from weal_coordinator.federation.strategy import PrivateSum, RefusedReplyError, decoded, draw
from weal_protocol.contribution import length
from weal_protocol.noise import GRID_BITS

ITEMS, CLIP = 3, 2.0
NUMBERS = length(ITEMS)
PEOPLE = {11: "ada", 12: "bo", 13: "cem", 14: "ada"}  # one person at two nodes
Flat = npt.NDArray[Any]


@pytest.fixture(autouse=True, scope="module")
def in_a_run() -> Iterator[None]:
    """Flower makes messages inside a run only; this names one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_task_id", "_run_id", "_node_id"):
            patch.setattr(TaskIdentity, name, 1)
        yield


def no_noise(total: npt.NDArray[np.int64], sigma: float, clip: float) -> npt.NDArray[np.float64]:
    """Adds nothing: these tests ask what is summed; the noise has tests of its own."""
    return np.asarray(total * (clip / 2**GRID_BITS), np.float64)


def strategy() -> PrivateSum:  # without its gate, which has tests of its own
    return PrivateSum(1, "ab" * 32, ITEMS, CLIP, 1.0, 30, PEOPLE, noise=no_noise, gate=ungated)


def reply(content: RecordDict | Error, node: int = 11) -> Message:
    asked = Message(RecordDict(), node, MessageType.TRAIN, group_id="1")
    asked.metadata.__dict__["_message_id"] = f"message to {node}"
    return Message(content, reply_to=asked)


def said(array: Array, record: str = "statistics", name: str = "flat") -> RecordDict:
    return RecordDict({record: ArrayRecord({name: array})})


def statistics(flat: Flat, node: int = 11) -> Message:
    return reply(said(Array(np.ascontiguousarray(flat))), node)


def ones(scale: float = 0.1) -> npt.NDArray[np.float64]:
    return np.full(NUMBERS, scale)


def raw(
    data: bytes, dtype: str = "float64", stype: str = "numpy.ndarray", shape: tuple[int, ...] = (NUMBERS,)
) -> Array:
    return Array(dtype=dtype, shape=tuple(shape), stype=stype, data=data)


def npy(array: Flat, allow_pickle: bool = False, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version, allow_pickle=allow_pickle)
    return stream.getvalue()


def lying_npy(shape: tuple[int, ...]) -> bytes:
    good = npy(ones())
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return good[:10] + header.ljust(len(good) - 8 * NUMBERS - 11) + b"\n" + good[-8 * NUMBERS :]


def holed(value: float) -> npt.NDArray[np.float64]:
    flat = ones()
    flat[-1] = value
    return flat


class Bomb:
    """Says so when it is unpickled."""

    exploded = False

    def __reduce__(self) -> tuple[Callable[..., None], tuple[()]]:
        return explode, ()


def explode() -> None:
    Bomb.exploded = True


def pt_file() -> bytes:
    """What torch.save writes: a zip whose pickle runs when it is loaded."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Bomb()))
        archive.writestr("archive/version", "3\n")
    return stream.getvalue()


BOMBS = np.array([Bomb()] * NUMBERS, dtype=object)
TWO_RECORDS = RecordDict({"statistics": ArrayRecord({"flat": Array(ones())}), "more": ConfigRecord({"weight": 1e9})})
TWO_ARRAYS = RecordDict({"statistics": ArrayRecord({"flat": Array(ones()), "more": Array(ones())})})
ODD: dict[str, tuple[RecordDict, str]] = {
    "NaN": (said(Array(holed(np.nan))), "NaN or infinity"),
    "infinity": (said(Array(holed(-np.inf))), "NaN or infinity"),
    "float32": (said(Array(ones().astype(np.float32))), "wrong type"),
    "integers": (said(Array(np.ones(NUMBERS, np.int64))), "wrong type"),
    "integers that say float64": (said(raw(npy(np.ones(NUMBERS, np.int64)))), "wrong"),
    "big-endian": (said(raw(npy(ones().astype(">f8")))), "wrong"),
    "another serialisation": (said(raw(npy(ones()), stype="pickle")), "wrong type"),
    "too long": (said(Array(np.ones(NUMBERS + 1))), "wrong"),
    "too short": (said(Array(np.ones(NUMBERS - 1))), "wrong"),
    "a matrix": (said(Array(ones().reshape(2, -1))), "wrong"),
    "nothing": (said(raw(b"")), "wrong size"),
    "cut": (said(raw(npy(ones())[:-1])), "wrong size"),
    "no NumPy": (said(raw(b"x" * len(npy(ones())))), "wrong"),
    "a lying header": (said(raw(lying_npy((2**40,)))), "wrong"),
    "a header of fewer": (said(raw(lying_npy((1,)))), "wrong"),
    "another version": (said(raw(npy(ones(), version=(2, 0)))), "wrong"),
    "objects": (said(raw(npy(BOMBS, allow_pickle=True))), "wrong"),
    "a pickle": (said(raw(pickle.dumps(BOMBS).ljust(len(npy(ones())), b"\0"))), "wrong"),
    "a .pt file": (said(raw(pt_file())), "wrong"),
    "a .pt file of the right size": (said(raw(pt_file().ljust(len(npy(ones())), b"\0")[: len(npy(ones()))])), "wrong"),
    "a .pt file that says so": (said(raw(pt_file(), stype="torch.save")), "wrong type"),
    "a negative weight": (
        RecordDict({"statistics": ArrayRecord({"flat": Array(ones())}), "m": MetricRecord({"num-examples": -20.0})}),
        "wrong keys",
    ),
    "another record": (said(Array(ones()), record="weights"), "wrong keys"),
    "another array": (said(Array(ones()), name="w"), "wrong keys"),
    "two records": (TWO_RECORDS, "wrong keys"),
    "two arrays": (TWO_ARRAYS, "wrong keys"),
    "empty": (RecordDict(), "wrong keys"),
    "metrics": (RecordDict({"statistics": MetricRecord({"flat": 1.0})}), "wrong keys"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_reply_counts_zero_and_is_named(kind: str) -> None:
    content, reason = ODD[kind]
    one = strategy()
    one.aggregate_train(1, [statistics(ones(), 12), reply(content, 11), statistics(ones(), 13)])
    assert one.used == 2
    assert sum(one.refused.values()) == 1
    assert reason in next(iter(one.refused))
    np.testing.assert_allclose(one.total, 2 * ones(), atol=1e-8)
    assert not Bomb.exploded


def test_a_lying_shape_beside_the_bytes_decides_nothing() -> None:
    one = strategy()
    one.aggregate_train(1, [reply(said(raw(npy(ones()), shape=(10**9, 10**9))))])
    np.testing.assert_allclose(one.total, one.used * ones(), atol=1e-8)


def test_one_person_counts_once() -> None:
    one = strategy()
    one.aggregate_train(1, [statistics(ones(), 11), statistics(ones(), 11), statistics(ones(), 14)])
    assert one.used == 1
    assert one.refused == {"a second reply of one person": 2}
    np.testing.assert_allclose(one.total, ones(), atol=1e-8)


def test_a_refused_reply_does_not_use_up_the_persons_turn() -> None:
    one = strategy()
    one.aggregate_train(1, [statistics(holed(np.nan), 11), statistics(ones(), 11)])
    assert one.used == 1


def test_who_was_not_drawn_and_who_answers_with_an_error_count_zero() -> None:
    one = strategy()
    one.aggregate_train(1, [statistics(ones(), 99), reply(Error(code=1, reason="the node is paused"), 12)])
    assert one.used == 0
    assert one.refused["from someone who was not drawn"] == 1
    assert any("error instead of statistics" in reason for reason in one.refused)
    assert not one.total.any()


def test_no_replies_make_a_round_of_nothing() -> None:
    one = strategy()
    assert one.aggregate_train(1, []) == (None, None)
    assert one.used == 0
    assert one.total.shape == (NUMBERS,)


flats = st.lists(st.floats(-1e150, 1e150), min_size=NUMBERS, max_size=NUMBERS).map(np.array)


@given(flats)
def test_one_reply_moves_the_sum_by_at_most_the_clip(flat: npt.NDArray[np.float64]) -> None:
    without, with_it = strategy(), strategy()
    others = [statistics(ones(), 12), statistics(-ones(0.3), 13)]
    without.aggregate_train(1, others)
    with_it.aggregate_train(1, [*others, statistics(flat, 11)])
    assert with_it.used == without.used + 1
    assert np.linalg.norm(with_it.total - without.total) <= CLIP * (1 + 1e-9)


def test_a_huge_reply_is_cut_to_the_clip_and_an_honest_one_is_not() -> None:
    huge, honest = strategy(), strategy()
    huge.aggregate_train(1, [statistics(ones(1e30))])
    assert np.linalg.norm(huge.total) == pytest.approx(CLIP, rel=1e-6)
    honest.aggregate_train(1, [statistics(ones(0.01))])
    np.testing.assert_allclose(honest.total, ones(0.01), atol=1e-8)


def test_noise_is_added_to_every_number_unless_told_otherwise() -> None:
    one = PrivateSum(1, "ab" * 32, ITEMS, CLIP, 1.0, 30, PEOPLE)
    one.aggregate_train(1, [])
    assert np.count_nonzero(one.total) == NUMBERS


class Attached:
    """The part of Flower's Grid that is asked who is there."""

    def __init__(self) -> None:
        self.nodes = [11, 99]

    def get_node_ids(self) -> list[int]:
        return self.nodes


def test_only_those_drawn_are_asked_each_once_as_they_attach() -> None:
    one, grid = strategy(), Attached()

    def asked() -> list[Message]:
        return list(one.configure_train(1, ArrayRecord(), ConfigRecord(), grid))  # type: ignore[arg-type]  # see Attached

    first = asked()
    assert [message.metadata.dst_node_id for message in first] == [11]
    (record,) = first[0].content.config_records.values()
    assert dict(record) == {"number": 1, "catalogue": "ab" * 32, "length": NUMBERS}
    assert asked() == []
    grid.nodes = [11, 12, 13]
    assert [message.metadata.dst_node_id for message in asked()] == [12, 13]


def test_coins_decide_who_is_drawn() -> None:
    people = [str(n) for n in range(2_000)]
    assert draw(people, 1.0) == tuple(people)
    assert draw([], 0.5) == ()
    drawn = draw(people, 0.25)
    assert set(drawn) < set(people)
    assert 350 < len(drawn) < 650  # 500 expected, standard deviation 19: beyond 7 of them
    assert drawn != draw(people, 0.25)


@given(st.binary(max_size=400), st.sampled_from(["float64", "object", ""]))
def test_any_bytes_are_a_vector_or_a_named_refusal(data: bytes, dtype: str) -> None:
    with pytest.raises(RefusedReplyError):
        decoded(dtype, "numpy.ndarray", data, 60)
