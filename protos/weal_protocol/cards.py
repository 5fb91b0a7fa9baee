"""Member cards: who someone is on the wire, signed by their own agent key."""

import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.errors import MalformedError
from weal_protocol.public_keys import check_ed25519, check_x25519
from weal_protocol.v1 import directory_pb2

MAX_CARD_BYTES = 2_048
MAX_NAME_BYTES = 80
ADDRESS = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([1-9][0-9]{0,4})")  # host:port
TIERS = (
    "none",
    "light",
    "factors",
    "label-private",
    "local",
)  # what a member gives to aggregation, see the node's contribute


@dataclass(frozen=True, slots=True)
class Member:
    """A verified card: raw public keys (fleet_key is PEM), a name, a tier, and when it was issued.

    address: host:port of this member's own node, "" where only the coordinator reaches it; with the SHA-256 of the
    certificate shown there.
    """

    agent_key: bytes
    ratification_key: bytes
    seal_key: bytes
    fleet_key: bytes
    name: str
    tier: str
    issued_ms: int
    address: str = ""
    certificate_sha256: bytes = b""


def issue(member: Member, private: Ed25519PrivateKey) -> bytes:
    """Return the serialised SignedMemberCard."""
    card = directory_pb2.MemberCard(
        agent_key=member.agent_key,
        ratification_key=member.ratification_key,
        seal_key=member.seal_key,
        fleet_key=member.fleet_key,
        name=member.name,
        tier=member.tier,
        issued_ms=member.issued_ms,
        address=member.address,
        certificate_sha256=member.certificate_sha256,
    ).SerializeToString(deterministic=True)
    return directory_pb2.SignedMemberCard(
        card=card, signature=signing.sign(private, "member-card", card)
    ).SerializeToString()


def read(data: bytes) -> Member:
    """Verify and return a card. MalformedError for what is no card, ForgedError for a wrong signature."""
    if len(data) > MAX_CARD_BYTES:
        raise MalformedError("a member card is too large")
    try:
        signed = directory_pb2.SignedMemberCard.FromString(data)
        card = directory_pb2.MemberCard.FromString(signed.card)
    except DecodeError as fault:
        raise MalformedError("this is not a member card") from fault
    if {len(card.agent_key), len(card.ratification_key), len(card.seal_key)} != {32}:
        raise MalformedError("a key on a member card is not 32 bytes long")
    check_ed25519(card.agent_key, "the agent's key on a member card")
    check_ed25519(card.ratification_key, "the person's key on a member card")
    check_x25519(card.seal_key, "the key for mail on a member card")
    if not 0 < len(card.name.encode()) <= MAX_NAME_BYTES or not card.name.isprintable():
        raise MalformedError(f"a member's name must be 1 to {MAX_NAME_BYTES} bytes of plain text")
    if card.tier not in TIERS:
        raise MalformedError(f"tier must be one of {', '.join(TIERS)}")
    _check_address(card.address, card.certificate_sha256)
    _check_fleet_key(card.fleet_key)
    signing.verify(card.agent_key, "member-card", signed.card, signed.signature)
    return _member(card)


def _member(card: directory_pb2.MemberCard) -> Member:
    return Member(
        card.agent_key,
        card.ratification_key,
        card.seal_key,
        card.fleet_key,
        card.name,
        card.tier,
        card.issued_ms,
        card.address,
        card.certificate_sha256,
    )


def known(data: bytes) -> Member:
    """Return a card that was verified when it came: as cheap as `fleet_key_of`, and by the rules of that day."""
    card = directory_pb2.MemberCard.FromString(directory_pb2.SignedMemberCard.FromString(data).card)
    return _member(card)


def key_of(data: bytes) -> str:
    """Return the hex agent key that a card claims, unverified; MalformedError for what is no card at all."""
    try:
        return (
            directory_pb2.MemberCard.FromString(directory_pb2.SignedMemberCard.FromString(data).card)
            .agent_key[:32]
            .hex()
        )
    except DecodeError as fault:
        raise MalformedError("this is not a member card") from fault


def fleet_key_of(data: bytes) -> bytes:
    """Return the key for rounds on a card that was verified when it came; much cheaper than `read`."""
    return directory_pb2.MemberCard.FromString(directory_pb2.SignedMemberCard.FromString(data).card).fleet_key


def person_of(data: bytes) -> bytes:
    """Return the human's key, who is the person whatever the device, on a card that was verified when it came; as cheap as `fleet_key_of`."""
    return directory_pb2.MemberCard.FromString(directory_pb2.SignedMemberCard.FromString(data).card).ratification_key


def _check_address(address: str, certificate_sha256: bytes) -> None:
    """An address and its certificate come together: without the certificate anyone could answer there."""
    found = ADDRESS.fullmatch(address)
    if address and (found is None or int(found[2]) > 65_535):
        raise MalformedError("the address on a member card is not host:port")
    if len(certificate_sha256) != (32 if address else 0):
        raise MalformedError("an address on a member card needs the SHA-256 of its certificate, and nothing else does")
    if address and not any(certificate_sha256):
        raise MalformedError("the address on a member card names no certificate")


def _check_fleet_key(pem: bytes) -> None:
    """Refuse what a SuperLink could not register: it takes P-384 keys alone."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise MalformedError("the key for rounds cannot be read") from fault
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise MalformedError("the key for rounds is not on P-384")
    if pem != key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo):  # else one key would have many names
        raise MalformedError("the key for rounds is not written as it should be")
