"""Sealing: only the receiver can open it, and the relay learns little from its size.

HPKE base mode, single shot (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305). The receiver's agent key is
bound in as `info`, so a frame moved to another mailbox does not open. Who sent it stands inside, signed. The first letters of a
session are sealed to the receiver's long-lived key, all others to a key made for the session, with the session bound in too:
once that key is erased, nobody opens them again, whatever is stolen.
"""

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from weal_protocol.envelope import MAX_BYTES
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.public_keys import check_x25519

SMALLEST = 512
OVERHEAD = 48  # encapsulated key and tag
SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def seal(signed: bytes, recipient_seal_key: bytes, recipient_agent_key: bytes, session: bytes = b"") -> bytes:
    """Return the ciphertext of a signed envelope, padded to a power of two from 512 bytes up. session: 16 bytes where the
    key is one of that session.

    MalformedError when nothing can be sealed to the receiver's key, a point of low order (RFC 7748, section 6.1).
    """
    check_x25519(recipient_seal_key)
    size = SMALLEST
    while size < len(signed) + 4:
        size *= 2
    padded = struct.pack(">I", len(signed)) + signed + bytes(size - 4 - len(signed))
    try:
        return SUITE.encrypt(
            padded, X25519PublicKey.from_public_bytes(recipient_seal_key), info=context(recipient_agent_key, session)
        )
    except ValueError as fault:
        raise MalformedError("nothing can be sealed to this key") from fault


def unseal(ciphertext: bytes, private: X25519PrivateKey, own_agent_key: bytes, session: bytes = b"") -> bytes:
    """Return the signed envelope. MalformedError for a wrong size, ForgedError when it was not sealed to us."""
    if not SMALLEST + OVERHEAD <= len(ciphertext) <= 2 * MAX_BYTES + OVERHEAD:
        raise MalformedError("a sealed frame has the wrong size")
    try:
        padded = SUITE.decrypt(ciphertext, private, info=context(own_agent_key, session))
    except (InvalidTag, ValueError) as fault:
        raise ForgedError("a frame was not sealed to this node") from fault
    (size,) = struct.unpack(">I", padded[:4])
    if size > len(padded) - 4 or any(padded[4 + size :]):
        raise MalformedError("a sealed frame is padded wrongly")
    return bytes(padded[4 : 4 + size])


def context(agent_key: bytes, session: bytes = b"") -> bytes:
    """What a seal is bound to: whose it is, and of which session."""
    return b"weal/1/seal\0" + agent_key + session
