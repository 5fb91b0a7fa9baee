"""Releases on the wire: a signed manifest and safetensors, checked before they are decoded.

Names, types, shapes and sizes are read from the safetensors header and compared with what the layout says;
only then are the numbers looked at. No object is ever unpickled.
"""

import hashlib
import json
import struct
from dataclasses import dataclass, replace

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from weal_protocol import signing
from weal_protocol.errors import MalformedError
from weal_protocol.release_log import FIRST
from weal_protocol.representation import (
    AXES,
    COMPONENTS,
    ENCODER_SHA256,
    LAYOUT,
    LAYOUT_BEFORE,
    MAX_ITEMS,
    PROJECTION_SHA256,
    SHARED,
    SHARED_BEFORE,
    Representation,
    by_id,
)
from weal_protocol.v1 import release_pb2

MAX_TENSOR_BYTES = 2 * 1024 * 1024
MAX_HEADER_BYTES = 4_096
LARGEST_OVERALL = 20.0  # log-odds of yes over all answers; beyond, nobody would have said anything else
MAX_NUMBER = 2**31 - 1  # of a release that may be anyone's


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is said of a release; see release.proto for the fields. previous_sha256: see release_log.  overall: log-odds of yes over all
    answers; an item's margin is this and its bias."""

    number: int
    community: bytes
    round: int
    population: int
    epsilon: float
    delta: float
    created_ms: int
    encoder_sha256: str
    projection_sha256: str
    accuracy: float = 0.0
    accuracy_sd: float = 0.0
    previous_sha256: bytes = FIRST
    overall: float | None = None

    @property
    def ours(self) -> bool:
        """Whether it was made under the encoder and the projection of this program."""
        return _ours(self.encoder_sha256, self.projection_sha256)


def write(representation: Representation, manifest: Manifest, private: Ed25519PrivateKey) -> release_pb2.Release:
    """Return the signed release."""
    tensors = save(
        {
            "items": np.array([list(bytes.fromhex(item)) for item in representation.items], np.uint8).reshape(-1, 32),
            "bias": representation.bias,
            "bias_sd": representation.bias_sd,
            "axes": representation.axes,
            "text_map": representation.text_map,
            "prior_mean": representation.prior_mean,
            "prior_covariance": representation.prior_covariance,
        }
    )
    signed = release_pb2.Manifest(
        number=manifest.number,
        community=manifest.community,
        round=manifest.round,
        layout=LAYOUT,
        tensors_sha256=hashlib.sha256(tensors).digest(),
        tensors_size=len(tensors),
        population=manifest.population,
        epsilon=manifest.epsilon,
        delta=manifest.delta,
        created_ms=manifest.created_ms,
        encoder_sha256=manifest.encoder_sha256,
        projection_sha256=manifest.projection_sha256,
        accuracy=manifest.accuracy,
        accuracy_sd=manifest.accuracy_sd,
        previous_sha256=manifest.previous_sha256,
        overall=manifest.overall,
        kernel_shares=[] if representation.kernel_shares is None else representation.kernel_shares.tolist(),
    ).SerializeToString(deterministic=True)
    return release_pb2.Release(manifest=signed, signature=signing.sign(private, "manifest", signed), tensors=tensors)


def read(release: release_pb2.Release, coordinator: bytes, community: bytes) -> tuple[Manifest, Representation]:
    """Verify a release against the coordinator's key and the community; return what it says: of one made under another encoder or in the
    layout before, only what holds by_id (representation.py).

    Raises ForgedError (signature), MalformedError (another community or layout, wrong digest, size, shape, type, NaN).
    """
    signing.verify(coordinator, "manifest", release.manifest, release.signature)
    try:
        said = release_pb2.Manifest.FromString(release.manifest)
    except DecodeError as fault:
        raise MalformedError("a release's manifest cannot be read") from fault
    if said.community != community:
        raise MalformedError("this release is another community's")
    if said.layout not in {LAYOUT, LAYOUT_BEFORE}:
        raise MalformedError(f"this release has the layout {said.layout[:80]!r}", "Upgrade Weal")
    if len(release.tensors) != said.tensors_size or hashlib.sha256(release.tensors).digest() != said.tensors_sha256:
        raise MalformedError("a release's numbers are not those that were signed")
    manifest = Manifest(
        said.number,
        said.community,
        said.round,
        said.population,
        said.epsilon,
        said.delta,
        said.created_ms,
        said.encoder_sha256,
        said.projection_sha256,
        said.accuracy,
        said.accuracy_sd,
        said.previous_sha256,
        _overall(said),
    )
    return manifest, _usable(release.tensors, said)


def representation(raw: bytes) -> Representation:
    """Return what can be used of a serialised release that was verified when it came, as `read` does."""
    release = release_pb2.Release.FromString(raw)
    return _usable(release.tensors, release_pb2.Manifest.FromString(release.manifest))


def _usable(tensors: bytes, said: release_pb2.Manifest) -> Representation:
    decoded = decode(tensors, said.number, _overall(said), said.layout)
    if said.kernel_shares:
        decoded = replace(decoded, kernel_shares=np.array(said.kernel_shares, np.float64))
    ours = said.layout == LAYOUT and _ours(said.encoder_sha256, said.projection_sha256)
    return decoded if ours else by_id(decoded)


def _ours(encoder_sha256: str, projection_sha256: str) -> bool:
    return (encoder_sha256, projection_sha256) == (ENCODER_SHA256, PROJECTION_SHA256)


def _overall(said: release_pb2.Manifest) -> float | None:
    """Return the log-odds of yes over all answers, None where they were not told; MalformedError for what cannot be such."""
    if not said.HasField("overall"):
        return None
    if not abs(said.overall) <= LARGEST_OVERALL:
        raise MalformedError("a release's share of yes cannot be")
    return said.overall


def decode(tensors: bytes, number: int, overall: float | None = None, layout: str = LAYOUT) -> Representation:
    """Return the representation in a file of safetensors. overall: log-odds, see Manifest.  layout: LAYOUT or LAYOUT_BEFORE, of whose prior
    the shared dimensions are taken. MalformedError for anything else."""
    check_header(tensors, layout)
    try:
        found = load(tensors)
    except SafetensorError as fault:
        raise MalformedError("a release's numbers cannot be read") from fault
    return Representation(
        tuple(bytes(row).hex() for row in found["items"]),
        found["bias"],
        found["bias_sd"],
        found["axes"],
        found["prior_mean"][:SHARED].copy(),
        found["prior_covariance"][:SHARED, :SHARED].copy(),
        number,
        found["text_map"],
        None if overall is None else found["bias"] + overall,
    )


def check_header(tensors: bytes, layout: str = LAYOUT) -> None:
    """MalformedError where the header's sizes are not those of a release: looked at before anything is read."""
    if len(tensors) > MAX_TENSOR_BYTES or len(tensors) < 8:
        raise MalformedError("a release's numbers have the wrong size")
    (size,) = struct.unpack("<Q", tensors[:8])
    if size > min(MAX_HEADER_BYTES, len(tensors) - 8):
        raise MalformedError("a release's header is too large")
    try:
        header = json.loads(tensors[8 : 8 + size])
        shape = header["items"]["shape"]
        n = shape[0]
        found = {name: (part["dtype"], tuple(part["shape"])) for name, part in header.items() if name != "__metadata__"}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as fault:
        raise MalformedError("a release's header cannot be read") from fault
    if not isinstance(n, int) or not 0 <= n <= MAX_ITEMS:
        raise MalformedError("a release names too many items")
    width = SHARED_BEFORE if layout == LAYOUT_BEFORE else SHARED
    expected = {
        "items": ("U8", (n, 32)),
        "bias": ("F64", (n,)),
        "bias_sd": ("F64", (n,)),
        "axes": ("F64", (n, AXES)),
        "text_map": ("F64", (COMPONENTS, AXES)),
        "prior_mean": ("F64", (width,)),
        "prior_covariance": ("F64", (width, width)),
    }
    if found != expected:
        raise MalformedError("a release's arrays are not those of its layout")
