"""The log of releases: each signed manifest carries the hash of the one before, so that the newest one's hash, the head, stands for all of them.

Who compares heads with another member knows that both were shown the same releases. Nothing here tells which of two branches is the right one.
"""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from weal_protocol import signing
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import release_pb2

FIRST = bytes(32)  # what the first of a log names as the one before it
PAGE = 1_000  # manifests sent at once; one has about 300 bytes
MAX_MANIFEST_BYTES = 4_096
SHOWN = 32  # hex digits of a head that people compare: two releases that share 128 bits cost 2^64 tries


@dataclass(frozen=True, slots=True)
class Entry:
    """One release in the log. previous: hash of the manifest before it, FIRST for none; empty where it was made before there was
    a log. sha256: of its own manifest, as signed; manifest: these bytes."""

    number: int
    previous: bytes
    sha256: bytes
    manifest: bytes


def entry(manifest: bytes) -> Entry:
    """Return the entry of a serialised manifest whose signature was verified. MalformedError when it cannot be read."""
    if len(manifest) > MAX_MANIFEST_BYTES:
        raise MalformedError("a release's manifest is too long")
    try:
        said = release_pb2.Manifest.FromString(manifest)
    except DecodeError as fault:
        raise MalformedError("a release's manifest cannot be read") from fault
    if len(said.previous_sha256) not in (0, 32):
        raise MalformedError("a release's manifest names no hash as the one before it")
    return Entry(said.number, said.previous_sha256, hashlib.sha256(manifest).digest(), manifest)


def read(signed: release_pb2.SignedManifest, coordinator: bytes, community: bytes) -> Entry:
    """Verify one manifest of the log. ForgedError (signature), MalformedError (another community's, unreadable)."""
    signing.verify(coordinator, "manifest", signed.manifest, signed.signature)
    found = entry(signed.manifest)
    if release_pb2.Manifest.FromString(signed.manifest).community != community:
        raise MalformedError("the log of releases holds another community's")
    return found


def before(newest: bytes | None) -> bytes:
    """Return what the next manifest carries as `previous_sha256`. newest: the last manifest, as signed; None before any."""
    return hashlib.sha256(newest).digest() if newest is not None else FIRST


def fork(held: Entry | None, log: Sequence[Entry]) -> str:
    """Return in words why this log does not go on from the release that is held; "" where it does.

    log: what the coordinator shows from the held one on, or from the first when nothing is held; oldest first.
    """
    if held is None:
        if log and (log[0].number != 1 or log[0].previous not in (FIRST, b"")):
            return f"the coordinator's log does not begin with the first release, but with {_named(log[0])}"
        return _broken(log)
    if not log:
        return f"the coordinator shows no {_named(held)} any more, which this node holds"
    if log[0].number == held.number and log[0].sha256 != held.sha256:
        return f"the coordinator shows {_named(log[0])}, and this node holds {_named(held)}"
    if log[0].number != held.number:
        return f"the coordinator's log goes on at {_named(log[0])} and leaves out {_named(held)}, which this node holds"
    return _broken(log)


def _broken(log: Sequence[Entry]) -> str:
    for one, after in itertools.pairwise(log):
        # What was made before there was a log names nothing; once one is in the log, so is everything after it.
        follows = after.previous == one.sha256 or not (after.previous or one.previous)
        if after.number != one.number + 1 or not follows:
            return f"{_named(after)} does not follow {_named(one)}"
    return ""


def digits(sha256: bytes) -> str:
    """Return a head as people compare it: the first 32 hex digits, in fours."""
    found = sha256.hex()[:SHOWN]
    return " ".join(found[place : place + 4] for place in range(0, SHOWN, 4))


def _named(one: Entry) -> str:
    return f"release {one.number} ({digits(one.sha256)})"
