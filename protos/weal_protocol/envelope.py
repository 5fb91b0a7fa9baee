"""Envelopes: what one agent says to another, signed as sent, in order, once, and in time.

Verify the bytes that came; never serialise again to verify.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.errors import EarlyError, EquivocatedError, ExpiredError, MalformedError, ReplayedError
from weal_protocol.public_keys import check_x25519
from weal_protocol.v1 import envelope_pb2

VERSION = 1
MAX_BYTES = 64 * 1024
START = bytes(32)
KINDS = frozenset(
    {"invite", "decline", "reveal", "offer", "accept", "sign", "ratify", "cancel", "receipt", "outcome", "round"}
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """session, idempotency_key: 16 bytes.  sender, recipient: agent keys, 32 bytes.  seq: from 1.
    prev_hash: SHA-256 of the sender's last envelope in this session, `START` at first.  deadline_ms: Unix time.
    prekey: X25519, 32 bytes, to which the sender wants letters of this session sealed; b"" where they said so before."""

    session: bytes
    sender: bytes
    recipient: bytes
    seq: int
    prev_hash: bytes
    deadline_ms: int
    idempotency_key: bytes
    kind: str
    body: bytes
    prekey: bytes = b""


@dataclass(frozen=True, slots=True)
class HashChain:
    """How far one sender's envelopes to one receiver in one session have come."""

    seq: int = 0
    head: bytes = START

    def check(self, envelope: Envelope, digest: bytes) -> "HashChain":
        """Return the chain with this envelope on it; ReplayedError when it is not the next one, EarlyError when others
        are due before it, EquivocatedError when it is the next one on another past."""
        if envelope.seq <= self.seq:
            raise ReplayedError(f"envelope {envelope.seq} came again")
        if envelope.seq != self.seq + 1:
            raise EarlyError(f"envelope {envelope.seq} came where {self.seq + 1} was due")
        if envelope.prev_hash != self.head:
            raise EquivocatedError(f"envelope {envelope.seq} does not follow the one before it")
        return HashChain(envelope.seq, digest)


def write(envelope: Envelope, private: Ed25519PrivateKey) -> bytes:
    """Return the serialised SignedEnvelope."""
    _check(envelope)
    inner = envelope_pb2.Envelope(
        version=VERSION,
        session=envelope.session,
        sender=envelope.sender,
        recipient=envelope.recipient,
        seq=envelope.seq,
        prev_hash=envelope.prev_hash,
        deadline_ms=envelope.deadline_ms,
        idempotency_key=envelope.idempotency_key,
        kind=envelope.kind,
        body=envelope.body,
        prekey=envelope.prekey,
    ).SerializeToString(deterministic=True)
    signed = envelope_pb2.SignedEnvelope(
        envelope=inner, signature=signing.sign(private, "envelope", inner)
    ).SerializeToString()
    if len(signed) > MAX_BYTES:
        raise MalformedError(f"an envelope is larger than {MAX_BYTES // 1024} KiB")
    return signed


def read(data: bytes, now_ms: int) -> tuple[Envelope, bytes]:
    """Return a verified envelope and the SHA-256 of its signed bytes.

    Raises MalformedError (no envelope), ForgedError (signature), ExpiredError (deadline passed).
    """
    if len(data) > MAX_BYTES:
        raise MalformedError(f"an envelope is larger than {MAX_BYTES // 1024} KiB")
    try:
        signed = envelope_pb2.SignedEnvelope.FromString(data)
        inner = envelope_pb2.Envelope.FromString(signed.envelope)
    except DecodeError as fault:
        raise MalformedError("this is not an envelope") from fault
    if inner.version != VERSION:
        raise MalformedError(f"version {inner.version} of the envelope is unknown", "Upgrade Weal")
    envelope = Envelope(
        inner.session,
        inner.sender,
        inner.recipient,
        inner.seq,
        inner.prev_hash,
        inner.deadline_ms,
        inner.idempotency_key,
        inner.kind,
        inner.body,
        inner.prekey,
    )
    _check(envelope)
    signing.verify(envelope.sender, "envelope", signed.envelope, signed.signature)
    if envelope.deadline_ms < now_ms:
        raise ExpiredError("an envelope came after its deadline")
    return envelope, hashlib.sha256(signed.envelope).digest()


def session_of(data: bytes) -> bytes:
    """Return the session that signed bytes name, not yet verified; MalformedError where they are no envelope."""
    return bytes(_parsed(data).session)


def digest_of(data: bytes) -> bytes:
    """Return the SHA-256 that the next envelope of a chain carries; data: a signed envelope that was verified before."""
    return hashlib.sha256(envelope_pb2.SignedEnvelope.FromString(data).envelope).digest()


def _parsed(data: bytes) -> envelope_pb2.Envelope:
    try:
        return envelope_pb2.Envelope.FromString(envelope_pb2.SignedEnvelope.FromString(data).envelope)
    except DecodeError as fault:
        raise MalformedError("this is not an envelope") from fault


def _check(envelope: Envelope) -> None:
    sizes = (len(envelope.session), len(envelope.sender), len(envelope.recipient), len(envelope.prev_hash))
    if sizes != (16, 32, 32, 32) or len(envelope.idempotency_key) != 16 or len(envelope.prekey) not in (0, 32):
        raise MalformedError("a field of an envelope has the wrong size")
    if envelope.prekey:
        check_x25519(envelope.prekey, "the key of a session")
    if envelope.kind not in KINDS:
        raise MalformedError("an envelope is of an unknown kind")
    if envelope.seq < 1 or envelope.deadline_ms < 0:
        raise MalformedError("an envelope's number or deadline is out of range")
