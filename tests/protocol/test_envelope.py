"""Envelopes: what was written is read; what is replayed, forged, late, oversize or nonsense is refused by name."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import signing
from weal_protocol.envelope import KINDS, MAX_BYTES, START, Envelope, HashChain, read, write
from weal_protocol.errors import (
    EquivocatedError,
    ExpiredError,
    ForgedError,
    MalformedError,
    PeerError,
    ReplayedError,
)
from weal_protocol.v1 import envelope_pb2

KEY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
SENDER = KEY.public_key().public_bytes_raw()
LATEST = 2**63 - 1


def letter(seq: int = 1, prev_hash: bytes = START, deadline_ms: int = 1_000, body: bytes = b"hello") -> Envelope:
    return Envelope(b"s" * 16, SENDER, b"r" * 32, seq, prev_hash, deadline_ms, b"i" * 16, "invite", body)


envelopes = st.builds(
    Envelope,
    session=st.binary(min_size=16, max_size=16),
    sender=st.just(SENDER),
    recipient=st.binary(min_size=32, max_size=32),
    seq=st.integers(1, 2**64 - 1),
    prev_hash=st.binary(min_size=32, max_size=32),
    deadline_ms=st.integers(0, LATEST),
    idempotency_key=st.binary(min_size=16, max_size=16),
    kind=st.sampled_from(sorted(KINDS)),
    body=st.binary(max_size=2_000),
)


@given(envelopes)
def test_what_was_written_is_read(sent: Envelope) -> None:
    came, digest = read(write(sent, KEY), now_ms=sent.deadline_ms)
    assert came == sent
    assert len(digest) == 32


@given(st.binary(max_size=3_000))
def test_any_bytes_are_an_envelope_or_a_named_fault(data: bytes) -> None:
    with pytest.raises(PeerError):
        read(data, 0)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_one_flipped_bit_is_a_named_fault_or_changes_nothing(place: int, bit: int) -> None:
    good = bytearray(write(letter(), KEY))
    good[place % len(good)] ^= 1 << bit
    with pytest.raises(PeerError):
        read(bytes(good), 0)


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_any_fields_are_an_envelope_or_a_named_fault(inner: bytes, signature: bytes) -> None:
    with pytest.raises(PeerError):
        read(envelope_pb2.SignedEnvelope(envelope=inner, signature=signature).SerializeToString(), 0)


def signed(inner: envelope_pb2.Envelope, domain: str = "envelope") -> bytes:
    raw = inner.SerializeToString()
    return envelope_pb2.SignedEnvelope(envelope=raw, signature=signing.sign(KEY, domain, raw)).SerializeToString()


def inner_of(sent: Envelope) -> envelope_pb2.Envelope:
    return envelope_pb2.Envelope.FromString(envelope_pb2.SignedEnvelope.FromString(write(sent, KEY)).envelope)


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("version", 2, "version 2"),
        ("session", b"short", "wrong size"),
        ("recipient", b"", "wrong size"),
        ("prev_hash", b"x" * 33, "wrong size"),
        ("idempotency_key", b"", "wrong size"),
        ("kind", "gossip", "unknown kind"),
        ("kind", "", "unknown kind"),
        ("seq", 0, "out of range"),
        ("deadline_ms", -1, "out of range"),
    ],
)
def test_a_well_signed_envelope_of_wrong_form_is_malformed(field: str, value: object, what: str) -> None:
    inner = inner_of(letter())
    setattr(inner, field, value)
    with pytest.raises(MalformedError, match=what):
        read(signed(inner), 0)


def test_a_signature_for_another_purpose_is_forged() -> None:
    with pytest.raises(ForgedError):
        read(signed(inner_of(letter()), "record"), 0)


def test_another_sender_is_forged() -> None:
    with pytest.raises(ForgedError):
        read(write(replace(letter(), sender=b"q" * 32), KEY), 0)


def test_too_late_is_expired_and_the_last_moment_is_not() -> None:
    sent = write(letter(deadline_ms=1_000), KEY)
    assert read(sent, 1_000)[0].deadline_ms == 1_000
    with pytest.raises(ExpiredError):
        read(sent, 1_001)


def test_a_forged_envelope_is_never_called_late() -> None:
    sent = bytearray(write(letter(deadline_ms=0), KEY))
    sent[-1] ^= 1
    with pytest.raises(ForgedError):
        read(bytes(sent), 1)


def test_too_large_is_refused_on_both_sides() -> None:
    with pytest.raises(MalformedError, match="64 KiB"):
        write(letter(body=bytes(MAX_BYTES)), KEY)
    with pytest.raises(MalformedError, match="64 KiB"):
        read(bytes(MAX_BYTES + 1), 0)


def test_an_envelope_of_an_unknown_kind_is_not_even_written() -> None:
    with pytest.raises(MalformedError, match="unknown kind"):
        write(replace(letter(), kind="gossip"), KEY)


def chain_of(count: int) -> list[tuple[Envelope, bytes]]:
    made: list[tuple[Envelope, bytes]] = []
    for seq in range(1, count + 1):
        before = made[-1][1] if made else START
        made.append(read(write(letter(seq, before, body=bytes([seq])), KEY), 0))
    return made


@given(st.lists(st.integers(0, 4), max_size=12))
def test_only_the_next_envelope_extends_a_chain(order: list[int]) -> None:
    made, chain = chain_of(5), HashChain()
    for index in order:
        due = chain.seq
        if index == due:
            chain = chain.check(*made[index])
            assert chain.seq == due + 1
        else:
            with pytest.raises(ReplayedError):
                chain.check(*made[index])


def test_replay_gap_and_another_past_are_told_apart() -> None:
    made = chain_of(3)
    chain = HashChain().check(*made[0])
    with pytest.raises(ReplayedError, match="came again"):
        chain.check(*made[0])
    with pytest.raises(ReplayedError, match="where 2 was due"):
        chain.check(*made[2])
    with pytest.raises(EquivocatedError, match="does not follow"):
        chain.check(letter(2, b"z" * 32), b"d" * 32)
