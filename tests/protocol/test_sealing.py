"""Sealing: opens for the receiver alone, and says little by its size."""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol.envelope import MAX_BYTES
from weal_protocol.errors import ForgedError, MalformedError, PeerError
from weal_protocol.sealing import OVERHEAD, SMALLEST, SUITE, context, seal, unseal

PRIVATE = X25519PrivateKey.from_private_bytes(b"p" * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
AGENT = b"a" * 32


@given(st.binary(max_size=3_000))
def test_what_was_sealed_is_opened(signed: bytes) -> None:
    assert unseal(seal(signed, PUBLIC, AGENT), PRIVATE, AGENT) == signed


@given(st.integers(0, MAX_BYTES))
def test_sizes_are_powers_of_two_from_512_up(size: int) -> None:
    padded = len(seal(bytes(size), PUBLIC, AGENT)) - OVERHEAD
    assert padded >= max(SMALLEST, size)
    assert padded & (padded - 1) == 0
    assert padded == SMALLEST or padded < 2 * (size + 4)


def test_the_largest_envelope_fits() -> None:
    assert len(unseal(seal(bytes(MAX_BYTES), PUBLIC, AGENT), PRIVATE, AGENT)) == MAX_BYTES


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_named_fault(data: bytes) -> None:
    with pytest.raises(PeerError):
        unseal(data, PRIVATE, AGENT)


@pytest.mark.parametrize("encapsulated", [bytes(32), b"\1" + bytes(31)])
def test_a_point_of_low_order_is_a_named_fault(encapsulated: bytes) -> None:
    with pytest.raises(ForgedError):
        unseal(encapsulated + bytes(SMALLEST + 16), PRIVATE, AGENT)
    with pytest.raises(MalformedError):
        seal(b"hello", encapsulated, AGENT)


def test_a_frame_in_another_mailbox_does_not_open() -> None:
    sealed = seal(b"hello", PUBLIC, AGENT)
    with pytest.raises(ForgedError):
        unseal(sealed, PRIVATE, b"b" * 32)
    with pytest.raises(ForgedError):
        unseal(sealed, X25519PrivateKey.generate(), AGENT)


def test_a_frame_of_one_session_opens_in_no_other_though_the_keys_are_the_same() -> None:
    sealed = seal(b"hello", PUBLIC, AGENT, b"s" * 16)
    assert unseal(sealed, PRIVATE, AGENT, b"s" * 16) == b"hello"
    for session in (b"t" * 16, b""):
        with pytest.raises(ForgedError):
            unseal(sealed, PRIVATE, AGENT, session)


def test_too_small_and_too_large_are_refused_before_opening() -> None:
    for size in (0, SMALLEST + OVERHEAD - 1, 2 * MAX_BYTES + OVERHEAD + 1):
        with pytest.raises(MalformedError):
            unseal(bytes(size), PRIVATE, AGENT)


@pytest.mark.parametrize(
    "padded",
    [
        struct.pack(">I", 509) + bytes(508),  # says more than there is
        struct.pack(">I", 2**32 - 1) + bytes(508),
        struct.pack(">I", 3) + b"abc" + b"x" + bytes(504),  # something hides in the padding
    ],
)
def test_lying_padding_is_refused(padded: bytes) -> None:
    sealed = SUITE.encrypt(padded, PRIVATE.public_key(), info=context(AGENT))
    with pytest.raises(MalformedError, match="padded"):
        unseal(sealed, PRIVATE, AGENT)


def test_the_same_letter_never_looks_the_same() -> None:
    assert seal(b"hello", PUBLIC, AGENT) != seal(b"hello", PUBLIC, AGENT)
