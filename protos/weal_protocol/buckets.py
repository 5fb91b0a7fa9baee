"""Comparing two sets of record ids with little said: 256 buckets by an id's first byte, one digest a bucket.

A digest is the SHA-256 of a bucket's ids in order, so that, unlike a sum or an XOR, nobody can make two sets look alike.
Whether a record was taken back is no part of it: that follows from the tombstone, which is a record itself.
"""

import hashlib
from collections.abc import Iterable

from weal_protocol.errors import ForgedError, MalformedError

COUNT = 256
ID = 32  # bytes
DIGEST = 32  # bytes


def digests(ids: Iterable[bytes]) -> bytes:
    """Return the digests of all buckets, 256 x 32 bytes, of ids in any order, each of 32 bytes and given once."""
    buckets: list[list[bytes]] = [[] for _ in range(COUNT)]
    for one in ids:
        buckets[one[0]].append(one)
    return b"".join(_digest(bucket) for bucket in buckets)


def root(all_digests: bytes) -> bytes:
    """Return one digest over all buckets, 32 bytes."""
    return hashlib.sha256(all_digests).digest()


def differing(own: bytes, theirs: bytes) -> bytes:
    """Return the numbers of the buckets that differ, one byte each. MalformedError where theirs has the wrong size."""
    if len(theirs) != COUNT * DIGEST:
        raise MalformedError("digests of records must be 256 times 32 bytes")
    return bytes(number for number in range(COUNT) if _of(own, number) != _of(theirs, number))


def split(ids: bytes) -> tuple[bytes, ...]:
    """Return ids that were written one after another. MalformedError for half an id."""
    if len(ids) % ID:
        raise MalformedError("record ids must be 32 bytes each")
    return tuple(ids[start : start + ID] for start in range(0, len(ids), ID))


def check(number: int, ids: Iterable[bytes], announced: bytes) -> None:
    """Raise ForgedError unless these ids are all of this bucket, and what the announced digests (256 x 32 bytes) said."""
    held = list(ids)
    if any(one[0] != number for one in held) or _digest(held) != _of(announced, number):
        raise ForgedError("a bucket of records does not hold what its digest said")


def _digest(ids: list[bytes]) -> bytes:
    return hashlib.sha256(b"".join(sorted(ids))).digest()


def _of(all_digests: bytes, number: int) -> bytes:
    return all_digests[number * DIGEST : (number + 1) * DIGEST]
