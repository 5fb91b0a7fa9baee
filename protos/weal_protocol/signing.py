"""Signatures with a purpose: bytes signed for one use never verify for another (domain separation)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.public_keys import check_ed25519

DOMAINS = frozenset(
    {
        "envelope",
        "member-card",
        "record",
        "manifest",
        "sign-in",
        "terms-agent",
        "terms-human",
        "receipt-human",
        "notary",
        "same-person",
        "verdict",
        "expulsion",
        "charter",
    }
)


def prefixed(domain: str, message: bytes) -> bytes:
    """The bytes under a signature: the kind, then the message."""
    if domain not in DOMAINS:
        raise ValueError(f"{domain} is not a domain of signatures")
    return b"weal/1/" + domain.encode() + b"\0" + message


def sign(private: Ed25519PrivateKey, domain: str, message: bytes) -> bytes:
    """Return the Ed25519 signature (64 bytes, RFC 8032) over the domain and the message."""
    return private.sign(prefixed(domain, message))


def verify(public: bytes, domain: str, message: bytes, signature: bytes) -> None:
    """Raise ForgedError unless this key (32 bytes) signed this message for this domain."""
    try:
        check_ed25519(public)  # under one of small order a signature can be made that holds for any message
        Ed25519PublicKey.from_public_bytes(public).verify(signature, prefixed(domain, message))
    except (InvalidSignature, MalformedError, ValueError) as fault:
        raise ForgedError(f"a signature for {domain} does not fit") from fault
