"""Expulsions: who is no member any more by the community's word, for every member to read and to check.

Each is signed by the coordinator, dated and numbered, and names the hash of the one before, so that none can be left out or changed
later unseen. Today whoever runs the community decides; `decision` is the place of the logged decision that one carries out.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.cards import MAX_NAME_BYTES
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import directory_pb2

FIRST = bytes(32)  # what the first names as the one before it
PAGE = 256  # sent at once
LONGEST = 300  # characters of a reason
MOST_DEVICES = 64
MAX_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class Expulsion:
    """number: from 1.  agent_keys: of every device.  person: ratification key.  at_ms: Unix time.  decision: SHA-256 of the logged
    decision, b"" where whoever runs the community decided.  previous_sha256, sha256: of the one before, and of this, as signed."""

    number: int
    agent_keys: tuple[bytes, ...]
    person: bytes
    name: str
    why: str
    at_ms: int
    decision: bytes = b""
    previous_sha256: bytes = FIRST
    sha256: bytes = b""


def write(said: Expulsion, community: bytes, private: Ed25519PrivateKey) -> bytes:
    """Return the serialised SignedExpulsion. MalformedError for what nobody would take."""
    _check(said)
    inner = directory_pb2.Expulsion(
        number=said.number,
        community=community,
        previous_sha256=said.previous_sha256,
        agent_keys=said.agent_keys,
        person=said.person,
        name=said.name,
        why=said.why,
        at_ms=said.at_ms,
        decision=said.decision,
    ).SerializeToString(deterministic=True)
    signature = signing.sign(private, "expulsion", inner)
    return directory_pb2.SignedExpulsion(expulsion=inner, signature=signature).SerializeToString()


def read(data: bytes, coordinator: bytes, community: bytes) -> Expulsion:
    """Verify one. ForgedError (signature), MalformedError (form, another community's)."""
    if len(data) > MAX_BYTES:
        raise MalformedError("an expulsion is too long")
    try:
        signed = directory_pb2.SignedExpulsion.FromString(data)
        inner = directory_pb2.Expulsion.FromString(signed.expulsion)
    except DecodeError as fault:
        raise MalformedError("this is not an expulsion") from fault
    signing.verify(coordinator, "expulsion", signed.expulsion, signed.signature)
    if inner.community != community:
        raise MalformedError("this expulsion is another community's")
    said = Expulsion(
        inner.number,
        tuple(inner.agent_keys),
        inner.person,
        inner.name,
        inner.why,
        inner.at_ms,
        inner.decision,
        inner.previous_sha256,
        hashlib.sha256(signed.expulsion).digest(),
    )
    _check(said)
    return said


def check_follows(before: Expulsion | None, said: Expulsion) -> None:
    """Raise MalformedError unless this one follows that one, None: is the first."""
    number, head = (before.number, before.sha256) if before else (0, FIRST)
    if (said.number, said.previous_sha256) != (number + 1, head):
        raise MalformedError(f"expulsion {said.number} does not follow number {number}, which is known here")


def _check(said: Expulsion) -> None:
    if said.number < 1 or said.at_ms < 0 or len(said.previous_sha256) != 32 or len(said.decision) not in (0, 32):
        raise MalformedError("a number of an expulsion is out of range")
    keys = (*said.agent_keys, said.person)
    if not 1 <= len(said.agent_keys) <= MOST_DEVICES or any(len(key) != 32 for key in keys):
        raise MalformedError("an expulsion does not say who was expelled")
    if not 0 < len(said.name.encode()) <= MAX_NAME_BYTES or not said.name.isprintable():
        raise MalformedError(f"a name must be 1 to {MAX_NAME_BYTES} bytes of plain text")
    if len(said.why) > LONGEST or not said.why.isprintable():
        raise MalformedError(f"say why in one line of at most {LONGEST} characters")
