"""Digests of sets of ids: the same for the same set in any order, different in the buckets that differ, and never believed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import buckets
from weal_protocol.errors import ForgedError, MalformedError

ids = st.binary(min_size=32, max_size=32)
sets = st.sets(ids, max_size=20)


@given(sets, st.randoms(use_true_random=False))
def test_the_order_in_which_records_came_says_nothing(some: set[bytes], rng: object) -> None:
    shuffled = sorted(some)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert buckets.digests(shuffled) == buckets.digests(some)


@given(sets, sets)
def test_exactly_the_buckets_that_differ_are_named(one: set[bytes], other: set[bytes]) -> None:
    named = buckets.differing(buckets.digests(one), buckets.digests(other))
    assert set(named) == {found[0] for found in one ^ other}
    assert (buckets.root(buckets.digests(one)) == buckets.root(buckets.digests(other))) == (one == other)


@given(st.sets(ids, min_size=1, max_size=5), ids)
def test_a_bucket_that_holds_more_less_or_others_is_forged(some: set[bytes], more: bytes) -> None:
    announced, number = buckets.digests(some), min(some)[0]
    inside = [one for one in some if one[0] == number]
    buckets.check(number, inside, announced)
    for wrong in (
        inside[1:],
        [*inside, bytes([number]) + hashlib.sha256(more).digest()[1:]],
        [*inside, bytes([number ^ 1]) + more[1:]],
    ):
        with pytest.raises(ForgedError, match="its digest said"):
            buckets.check(number, wrong, announced)


@pytest.mark.parametrize("wrong", [b"", b"x", bytes(256 * 32 + 1), bytes(255 * 32)])
def test_digests_of_a_wrong_size_are_malformed(wrong: bytes) -> None:
    with pytest.raises(MalformedError, match="256 times 32"):
        buckets.differing(buckets.digests([]), wrong)


def test_half_an_id_is_malformed() -> None:
    assert buckets.split(bytes(64)) == (bytes(32), bytes(32))
    with pytest.raises(MalformedError, match="32 bytes each"):
        buckets.split(bytes(40))
