"""Answers to a pull, as coordinator and node give them alike: from (id, position) pairs and a way to look records up."""

from collections.abc import Callable, Iterable, Sequence

from weal_protocol import buckets
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import sync_pb2

MAX_IDS = 256  # a request for records
ANSWER_BYTES = 3 * 1024 * 1024

# Returns (serialised Record, id of the tombstone that took it back or "") by hex id; unknown ones are left out.
Lookup = Callable[[Sequence[str]], dict[str, tuple[bytes, str]]]


def author(raw: bytes) -> str:
    """Return the hex key that a request is limited to, "" for none. MalformedError for what is no key."""
    if len(raw) not in (0, 32):
        raise MalformedError("an author's key is 32 bytes long")
    return raw.hex()


def digests(placed: Sequence[tuple[bytes, int]], root: bytes) -> sync_pb2.GetDigestsResponse:
    """Answer GetDigests over (id, position) in order of position; nothing but the position where the root is the same."""
    found = buckets.digests(one for one, _ in placed)
    position = placed[-1][1] if placed else 0
    return sync_pb2.GetDigestsResponse(digests=b"" if buckets.root(found) == root else found, position=position)


def listed(placed: Iterable[tuple[bytes, int]], numbers: bytes) -> sync_pb2.ListIdsResponse:
    """Answer ListIds: whole buckets, in the order asked for, as many as fit one message and at least one."""
    if len(numbers) > buckets.COUNT or len(set(numbers)) != len(numbers):
        raise MalformedError("each bucket is asked for once")
    found: dict[int, list[tuple[bytes, int]]] = {number: [] for number in numbers}
    for one, position in placed:
        if one[0] in found:
            found[one[0]].append((one, position))
    answer, size = sync_pb2.ListIdsResponse(), 0
    for number, inside in found.items():
        size += len(inside) * (buckets.ID + 6) + 16
        if size > ANSWER_BYTES and answer.buckets:
            break
        answer.buckets.add(
            number=number, ids=b"".join(one for one, _ in inside), positions=[position for _, position in inside]
        )
    return answer


def asked(ids: bytes) -> tuple[str, ...]:
    """Return the hex ids of a GetRecords. MalformedError for half an id, or too many."""
    found = tuple(dict.fromkeys(one.hex() for one in buckets.split(ids)))
    if len(found) > MAX_IDS:
        raise MalformedError(f"at most {MAX_IDS} records at a time")
    return found


def given(ids: Sequence[str], look_up: Lookup) -> sync_pb2.GetRecordsResponse:
    """Answer GetRecords: in the order asked for, one taken back with its tombstone after it, as many as fit one message."""
    found, answer, size = look_up(ids), sync_pb2.GetRecordsResponse(), 0
    for one in ids:
        if one not in found:
            continue
        raw, tombstone = found[one]
        with_it = [raw, *(taker for taker, _ in look_up([tombstone]).values())] if tombstone else [raw]
        size += sum(map(len, with_it))
        if size > ANSWER_BYTES and answer.records:
            break
        answer.records.extend(with_it)
    answer.missing = b"".join(bytes.fromhex(one) for one in ids if one not in found)
    return answer
