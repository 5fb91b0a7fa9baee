"""Several byte strings in one, and back; what is cut is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_coordinator.federation.parcel import pack, unpack


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_is_packed_comes_back(parts: list[bytes]) -> None:
    assert unpack(pack(parts)) == parts


@given(st.binary(max_size=60))
def test_any_bytes_are_parts_or_a_value_error(parcel: bytes) -> None:
    try:
        parts = unpack(parcel)
    except ValueError:
        return
    assert pack(parts) == parcel


def test_a_parcel_that_is_cut_is_named() -> None:
    whole = pack([b"abc", b"d"])
    for end in (2, 6, len(whole) - 1):
        with pytest.raises(ValueError, match="cut"):
            unpack(whole[:end])
