"""Everything that is signed, as it is signed: none of it verifies as anything else. All pairs of kinds, and the bytes under each."""

import itertools
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from weal_protocol import cards, charters, envelope, expulsions, jury, notary, record, sealing, signing
from weal_protocol.cards import Member
from weal_protocol.deal import ratification, receipt
from weal_protocol.door import Door
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import ForgedError
from weal_protocol.expulsions import Expulsion
from weal_protocol.v1 import commons_pb2, directory_pb2, envelope_pb2, negotiation_pb2, release_pb2

from .test_public_keys import PEM

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
SEAL = X25519PrivateKey.from_private_bytes(b"s" * 32)


def _card() -> tuple[bytes, bytes]:
    member = Member(PUBLIC, PUBLIC, SEAL.public_key().public_bytes_raw(), PEM, "Ada", "light", 1)
    made = directory_pb2.SignedMemberCard.FromString(cards.issue(member, KEY))
    return made.card, made.signature


def _letter() -> tuple[bytes, bytes]:
    letter = Envelope(bytes(16), PUBLIC, PUBLIC, 1, START, 9, bytes(16), "invite", b"")
    made = envelope_pb2.SignedEnvelope.FromString(envelope.write(letter, KEY))
    return made.envelope, made.signature


def _record() -> tuple[bytes, bytes]:
    made = record.make("note", b"bread", author=KEY, salt=bytes(16), written_ms=1, note=bytes(16))
    kept = commons_pb2.Record.FromString(made.raw)
    return kept.header, kept.signature


def _expulsion() -> tuple[bytes, bytes]:
    made = expulsions.write(Expulsion(1, (PUBLIC,), PUBLIC, "Eve", "", 1), bytes(32), KEY)
    kept = directory_pb2.SignedExpulsion.FromString(made)
    return kept.expulsion, kept.signature


def _charter() -> tuple[bytes, bytes]:
    kept = directory_pb2.SignedCharter.FromString(charters.write(charters.begin("a"), "b", 1, KEY))
    return kept.charter, kept.signature


def _stamp() -> tuple[bytes, bytes]:
    ratify = negotiation_pb2.Ratify(terms_sha256=bytes(32), signature=bytes(64))
    return notary.message(ratify, 1), notary.stamp(KEY, ratify, 1).signature


def _verdict() -> tuple[bytes, bytes]:
    court = jury.Jury(bytes(32), frozenset({PUBLIC}), 1)
    vote = court.vote(KEY, "ab" * 32, "spam")
    return court.message("ab" * 32, "spam"), bytes.fromhex(vote.split(" ")[1])


def _plain(domain: str, message: bytes) -> Callable[[], tuple[bytes, bytes]]:
    return lambda: (message, signing.sign(KEY, domain, message))


# What each kind signs, made by the function that makes it where there is one. Those of `_plain` are signed at an edge, by these very bytes.
KINDS: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "member-card": _card,
    "envelope": _letter,
    "record": _record,
    "expulsion": _expulsion,
    "charter": _charter,
    "notary": _stamp,
    "verdict": _verdict,
    "manifest": _plain("manifest", release_pb2.Manifest(number=1, community=bytes(32)).SerializeToString()),
    "sign-in": _plain("sign-in", bytes(32) + bytes(32)),
    "same-person": _plain("same-person", b"a card"),
    "terms-agent": _plain("terms-agent", bytes(32)),
    "terms-human": _plain("terms-human", ratification(bytes(32), 1)),
    "receipt-human": _plain("receipt-human", receipt(bytes(32), True, 1)),
}


def test_every_domain_is_looked_at() -> None:
    assert set(KINDS) == signing.DOMAINS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_signature_of_one_kind_is_none_of_any_other(kind: str) -> None:
    message, signature = KINDS[kind]()
    signing.verify(PUBLIC, kind, message, signature)
    for other in sorted(signing.DOMAINS - {kind}):
        with pytest.raises(ForgedError):
            signing.verify(PUBLIC, other, message, signature)
        for moved in (message[1:], b"\0" + message, kind.encode() + b"\0" + message):  # nor by any shift of the bytes
            with pytest.raises(ForgedError):
                signing.verify(PUBLIC, other, moved, signature)


def test_the_bytes_under_two_kinds_never_begin_alike() -> None:
    for one, other in itertools.permutations(sorted(signing.DOMAINS), 2):
        assert not signing.prefixed(one, b"").startswith(signing.prefixed(other, b""))


def test_each_reader_verifies_its_own_kind() -> None:
    """A card, a letter, a record and an expulsion that are whole but for being signed as another kind are forged."""
    card, letter, header, expulsion = _card()[0], _letter()[0], _record()[0], _expulsion()[0]
    for other in sorted(signing.DOMAINS):
        made: dict[str, Callable[[bytes], object]] = {
            "member-card": lambda s: cards.read(
                directory_pb2.SignedMemberCard(card=card, signature=s).SerializeToString()
            ),
            "envelope": lambda s: envelope.read(
                envelope_pb2.SignedEnvelope(envelope=letter, signature=s).SerializeToString(), 0
            ),
            "record": lambda s: record.read(
                commons_pb2.Record(header=header, signature=s, salt=bytes(16), body=b"bread").SerializeToString()
            ),
            "expulsion": lambda s: expulsions.read(
                directory_pb2.SignedExpulsion(expulsion=expulsion, signature=s).SerializeToString(), PUBLIC, bytes(32)
            ),
        }
        for kind, read in made.items():
            signature = signing.sign(KEY, other, KINDS[kind]()[0])
            if kind == other:
                read(signature)
            else:
                with pytest.raises(ForgedError):
                    read(signature)


def test_a_sign_in_is_for_one_door() -> None:
    secret = b"s" * 32  # were one to learn the other's
    here, there = Door(b"h" * 32, 9, lambda: 0.0, secret=secret), Door(b"t" * 32, 9, lambda: 0.0, secret=secret)
    challenge = here.challenge(PUBLIC)
    signature = signing.sign(KEY, "sign-in", challenge + b"h" * 32)
    here.check(PUBLIC, challenge, signature)
    with pytest.raises(ForgedError):
        there.check(PUBLIC, challenge, signature)


def test_what_is_sealed_to_a_session_opens_in_no_other() -> None:
    public = SEAL.public_key().public_bytes_raw()
    one, other = b"1" * 16, b"2" * 16
    sealed = sealing.seal(b"hello", public, PUBLIC, one)
    assert sealing.unseal(sealed, SEAL, PUBLIC, one) == b"hello"
    for session in (other, b""):
        with pytest.raises(ForgedError):
            sealing.unseal(sealed, SEAL, PUBLIC, session)
    with pytest.raises(ForgedError):
        sealing.unseal(sealing.seal(b"hello", public, PUBLIC), SEAL, PUBLIC, one)
