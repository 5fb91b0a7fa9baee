"""The notary's word: when it had a human's ratification. Whoever knows its key can check it, later too."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import signing
from weal_protocol.errors import UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2 as pb


def _message(terms_sha256: bytes, ratification: bytes, logged_ms: int) -> bytes:
    return terms_sha256 + hashlib.sha256(ratification).digest() + logged_ms.to_bytes(8, "big")


def stamp(private: Ed25519PrivateKey, terms_sha256: bytes, ratification: bytes, logged_ms: int) -> pb.Stamp:
    """Return a stamp under a ratification. terms_sha256: 32 bytes.  ratification: the human's signature.  Unix time."""
    signature = signing.sign(private, "notary", _message(terms_sha256, ratification, logged_ms))
    return pb.Stamp(logged_ms=logged_ms, signature=signature)


def check(notary: bytes, ratify: pb.Ratify, expires_ms: int) -> None:
    """Raise ForgedError unless this notary had this ratification, UnlawfulMoveError unless that was in time."""
    if not ratify.HasField("stamp"):
        raise UnlawfulMoveError("a ratification was not logged by the community's notary")
    logged = ratify.stamp.logged_ms
    if not 0 < logged <= expires_ms:
        raise UnlawfulMoveError("a ratification was logged after the deal had expired")
    message = _message(ratify.terms_sha256, ratify.signature, logged)
    signing.verify(notary, "notary", message, ratify.stamp.signature)
