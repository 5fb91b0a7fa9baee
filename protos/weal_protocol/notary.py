"""The notary's word: when it had a human's ratification. Whoever knows its key can check it, later too."""

import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import signing
from weal_protocol.deal import LONGEST_TO_RATIFY_MS
from weal_protocol.errors import UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2


def message(ratify: negotiation_pb2.Ratify, logged_ms: int) -> bytes:
    """The bytes that the notary signs."""
    return ratify.terms_sha256 + hashlib.sha256(ratify.signature).digest() + logged_ms.to_bytes(8, "big")


def stamp(private: Ed25519PrivateKey, ratify: negotiation_pb2.Ratify, logged_ms: int) -> negotiation_pb2.Stamp:
    """Return a stamp under a ratification that came at this Unix time."""
    return negotiation_pb2.Stamp(
        logged_ms=logged_ms, signature=signing.sign(private, "notary", message(ratify, logged_ms))
    )


def has_closed(logged_ms: Iterable[int], now_ms: int) -> bool:
    """Whether the time to ratify the terms under which these were logged has passed, whatever the terms say: the longest there is."""
    return now_ms - min(logged_ms, default=now_ms) > LONGEST_TO_RATIFY_MS


def check(notary: bytes, ratify: negotiation_pb2.Ratify, expires_ms: int) -> None:
    """Raise ForgedError unless this notary had this ratification, UnlawfulMoveError unless that was in time."""
    if not ratify.HasField("stamp"):
        raise UnlawfulMoveError("a ratification was not logged by the community's notary")
    logged = ratify.stamp.logged_ms
    if not 0 < logged <= expires_ms:
        raise UnlawfulMoveError("a ratification was logged after the deal had expired")
    signing.verify(notary, "notary", message(ratify, logged), ratify.stamp.signature)
