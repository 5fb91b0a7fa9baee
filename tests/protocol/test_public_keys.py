"""Which 32 bytes are a key: no point of small order, no second spelling of one, nothing that is no point; at every place where one enters."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import cards, envelope, expulsions, invite, jury, sealing, signing
from weal_protocol.cards import Member
from weal_protocol.deal import receipt
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.expulsions import Expulsion
from weal_protocol.invite import Invite
from weal_protocol.public_keys import PRIME, check_ed25519, check_x25519
from weal_protocol.v1 import directory_pb2, envelope_pb2

# Chalkias, Garillot and Nikolaenko 2020, table 1: the eight points of small order, and their other spellings.
ED25519 = [
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
]
# RFC 7748, 6.1 and cr.yp.to/ecdh.html: order 1, 2, 4, 8, and spellings above the prime, with the bit that is masked too.
X25519 = [
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
        "4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
        "d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
]
NO_POINT = (2).to_bytes(32, "little")  # y = 2 has no x
AGENT, HUMAN, SEAL = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
FLEET = ec.generate_private_key(ec.SECP384R1()).public_key()
PEM = FLEET.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def raw(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


@pytest.mark.parametrize("key", [*ED25519, NO_POINT, b"", bytes(31), bytes(33)])
def test_no_such_key_signs(key: bytes) -> None:
    with pytest.raises(MalformedError, match="a juror's key is no key"):
        check_ed25519(key, "a juror's key")


@pytest.mark.parametrize("key", [*X25519, b"", bytes(31), b"\1" * 33])
def test_no_such_key_is_sealed_to(key: bytes) -> None:
    with pytest.raises(MalformedError, match="no key that anybody could hold"):
        check_x25519(key)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_that_was_made_from_any_secret_is_one_and_no_other_spelling_of_it_is(secret: bytes) -> None:
    signs = check_ed25519(raw(Ed25519PrivateKey.from_private_bytes(secret)))
    sealed = check_x25519(raw(X25519PrivateKey.from_private_bytes(secret)))
    low, top = int.from_bytes(sealed, "little"), 1 << 255
    with pytest.raises(MalformedError):
        check_x25519((low | top).to_bytes(32, "little"))
    if low < 19:
        with pytest.raises(MalformedError):
            check_x25519((low + PRIME).to_bytes(32, "little"))
    assert len(signs) == len(sealed) == 32


@pytest.mark.parametrize("key", ED25519)
def test_a_signature_that_anybody_can_make_under_such_a_key_holds_for_nothing(key: bytes) -> None:
    for point in (key, *ED25519[:4]):
        with pytest.raises(ForgedError):
            signing.verify(key, "record", b"whatever", point + bytes(32))


def card(**changes: bytes) -> bytes:
    return cards.issue(replace(Member(raw(AGENT), raw(HUMAN), raw(SEAL), PEM, "Ada", "light", 1), **changes), AGENT)  # type: ignore[arg-type]  # fields that are bytes


def letter(prekey: bytes) -> bytes:
    inner = envelope_pb2.Envelope(
        version=1,
        session=bytes(16),
        sender=raw(AGENT),
        recipient=raw(HUMAN),
        seq=1,
        prev_hash=START,
        deadline_ms=9,
        idempotency_key=bytes(16),
        kind="invite",
        prekey=prekey,
    ).SerializeToString()
    return envelope_pb2.SignedEnvelope(
        envelope=inner, signature=signing.sign(AGENT, "envelope", inner)
    ).SerializeToString()


def an_invite(coordinator: bytes) -> str:
    return Invite("commons", "127.0.0.1:1", "127.0.0.1:2", "ab" * 32, coordinator.hex(), "code").text


SIGNERS: dict[str, Callable[[bytes], object]] = {
    "card: agent": lambda key: cards.read(card(agent_key=key)),
    "card: person": lambda key: cards.read(card(ratification_key=key)),
    "invite: coordinator": lambda key: invite.parse(an_invite(key)),
    "charter: juror": lambda key: jury.of_charter(f'[jury]\nquorum = 1\njurors = ["{key.hex()}"]', bytes(32)),
    "letter: sender": lambda key: envelope.read(
        envelope.write(Envelope(bytes(16), key, raw(HUMAN), 1, START, 9, bytes(16), "invite", b""), AGENT), 0
    ),
    "expulsion: coordinator": lambda key: expulsions.read(
        expulsions.write(Expulsion(1, (raw(AGENT),), raw(HUMAN), "Eve", "", 1), bytes(32), AGENT), key, bytes(32)
    ),
    "receipt: person": lambda key: signing.verify(key, "receipt-human", receipt(bytes(32), True, 1), bytes(64)),
    "release: coordinator": lambda key: signing.verify(key, "manifest", b"", key + bytes(32)),
    "notary": lambda key: signing.verify(key, "notary", b"", key + bytes(32)),
}
SEALED: dict[str, Callable[[bytes], object]] = {
    "card: mail": lambda key: cards.read(card(seal_key=key)),
    "letter: key of the session": lambda key: envelope.read(letter(key), 0),
    "letter, as it is written": lambda key: envelope.write(
        Envelope(bytes(16), raw(AGENT), raw(HUMAN), 1, START, 9, bytes(16), "invite", b"", key), AGENT
    ),
    "whatever is sealed": lambda key: sealing.seal(b"hello", key, raw(AGENT)),
}


@pytest.mark.parametrize("place", SIGNERS)
def test_no_such_key_enters_as_a_signers(place: str) -> None:
    for key in (*ED25519, NO_POINT):
        with pytest.raises((MalformedError, ForgedError)) as refused:
            SIGNERS[place](key)
        if ":" in place and not place.startswith(("letter", "expulsion", "receipt", "release")):
            assert "no key that anybody could hold" in str(refused.value)


@pytest.mark.parametrize("place", SEALED)
def test_no_such_key_enters_to_be_sealed_to(place: str) -> None:
    for key in X25519:
        with pytest.raises(MalformedError, match="no key that anybody could hold"):
            SEALED[place](key)


def test_good_keys_enter_everywhere() -> None:
    cards.read(card())
    invite.parse(an_invite(raw(AGENT)))
    envelope.read(letter(raw(SEAL)), 0)


def test_a_key_for_rounds_has_one_spelling_and_a_pin_is_no_row_of_zeros() -> None:
    for other in (PEM + b"\n", b"Ada's\n" + PEM, PEM.replace(b"\n", b"\r\n")):
        with pytest.raises(MalformedError, match="key for rounds"):
            cards.read(card(fleet_key=other))
    with pytest.raises(MalformedError, match="names no certificate"):
        cards.read(card(address="127.0.0.1:1", certificate_sha256=bytes(32)))  # type: ignore[arg-type]  # an address is text
    given_ = invite.parse(an_invite(raw(AGENT)))
    with pytest.raises(MalformedError, match="names no certificate"):
        invite.parse(Invite(**(asdict(given_) | {"certificate_sha256": "0" * 64})).text)


def test_whoever_reads_a_card_reads_what_was_signed() -> None:
    assert directory_pb2.SignedMemberCard.FromString(card()).card
