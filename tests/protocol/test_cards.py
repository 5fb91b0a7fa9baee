"""Member cards: verified by their own key; whatever is no card is refused by name."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import cards
from weal_protocol.cards import Member
from weal_protocol.errors import ForgedError, MalformedError, PeerError
from weal_protocol.v1 import directory_pb2

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def pem(curve: ec.EllipticCurve) -> bytes:
    return (
        ec.derive_private_key(7, curve)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


ADA = Member(
    KEY.public_key().public_bytes_raw(), b"h" * 32, b"s" * 32, pem(ec.SECP384R1()), "Ada", "light", 1_700_000_000_000
)
names = st.text(min_size=1, max_size=20).filter(str.isprintable)


@given(names, st.sampled_from(cards.TIERS), st.integers(0, 2**63 - 1))
def test_what_was_issued_is_read(name: str, tier: str, issued_ms: int) -> None:
    member = replace(ADA, name=name, tier=tier, issued_ms=issued_ms)
    assert cards.read(cards.issue(member, KEY)) == member


@given(st.binary(max_size=3_000))
def test_any_bytes_are_a_named_fault(data: bytes) -> None:
    with pytest.raises(PeerError):
        cards.read(data)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"agent_key": b"x" * 31}, "32 bytes"),
        ({"ratification_key": b""}, "32 bytes"),
        ({"seal_key": b"x" * 33}, "32 bytes"),
        ({"name": ""}, "80 bytes"),
        ({"name": "x" * 81}, "80 bytes"),
        ({"name": "ü" * 41}, "80 bytes"),
        ({"name": "Ada\nBo"}, "plain text"),
        ({"name": "Ada\u202eBo"}, "plain text"),  # turns the writing direction round
        ({"tier": "full"}, "tier"),
        ({"fleet_key": b""}, "rounds"),
        ({"fleet_key": b"not a key"}, "rounds"),
        ({"fleet_key": pem(ec.SECP256R1())}, "rounds"),
        ({"fleet_key": b"x" * 3_000}, "too large"),
    ],
)
def test_a_card_of_wrong_form_is_malformed(change: dict[str, object], what: str) -> None:
    with pytest.raises(MalformedError, match=what):
        cards.read(cards.issue(replace(ADA, **change), KEY))  # type: ignore[arg-type]  # each value fits its field


def test_a_card_signed_by_someone_else_is_forged() -> None:
    with pytest.raises(ForgedError):
        cards.read(cards.issue(ADA, Ed25519PrivateKey.generate()))


def test_a_coordinator_cannot_change_a_card_unseen() -> None:
    signed = directory_pb2.SignedMemberCard.FromString(cards.issue(ADA, KEY))
    card = directory_pb2.MemberCard.FromString(signed.card)
    card.seal_key = b"e" * 32
    signed.card = card.SerializeToString()
    with pytest.raises(ForgedError):
        cards.read(signed.SerializeToString())


@pytest.mark.parametrize("address", ["ada.example:8660", "192.0.2.7:1", "[2001:db8::1]:65535"])
def test_a_card_may_say_where_its_node_answers(address: str) -> None:
    member = replace(ADA, address=address, certificate_sha256=b"c" * 32)
    assert cards.read(cards.issue(member, KEY)) == member


@pytest.mark.parametrize(
    ("address", "digest"),
    [
        ("ada.example", b"c" * 32),
        ("ada.example:0", b"c" * 32),
        ("ada.example:65536", b"c" * 32),
        ("http://ada.example:1", b"c" * 32),
        ("ada example:1", b"c" * 32),
        ("ada.example:1", b""),
        ("ada.example:1", b"c" * 31),
        ("", b"c" * 32),
    ],
)
def test_an_address_without_its_certificate_or_of_wrong_form_is_refused(address: str, digest: bytes) -> None:
    with pytest.raises(MalformedError, match="address"):
        cards.read(cards.issue(replace(ADA, address=address, certificate_sha256=digest), KEY))
