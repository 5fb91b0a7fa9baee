"""Releases: checked against the coordinator's key and the layout before a number is believed."""

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from weal_protocol import release, signing
from weal_protocol.errors import ForgedError, MalformedError, PeerError
from weal_protocol.kernels import BESIDE_RELEASE, KERNELS
from weal_protocol.release import Manifest
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

KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
COORDINATOR = KEY.public_key().public_bytes_raw()
COMMUNITY = b"m" * 32
MANIFEST = Manifest(3, COMMUNITY, 7, 250, 1.5, 1e-5, 1_700_000_000_000, ENCODER_SHA256, PROJECTION_SHA256)


def some(n: int = 4) -> Representation:
    """Values that differ from one another, so that a swap would be seen."""
    items = tuple(sorted(hashlib.sha256(bytes([row])).hexdigest() for row in range(n)))
    bias, axes = np.arange(n, dtype=np.float64), np.arange(n * AXES, dtype=np.float64).reshape(n, AXES)
    covariance = np.diag(np.linspace(0.1, 2.0, SHARED))
    return Representation(items, bias - 1.5, bias + 0.25, axes, np.linspace(-1, 1, SHARED), covariance, 3)


def written(representation: Representation | None = None) -> release_pb2.Release:
    return release.write(representation or some(), MANIFEST, KEY)


@pytest.mark.parametrize("n", [0, 1, 4, 200])
def test_what_was_written_is_read(n: int) -> None:
    sent = some(n)
    manifest, came = release.read(written(sent), COORDINATOR, COMMUNITY)
    assert manifest == MANIFEST
    assert came.items == sent.items
    assert came.number == MANIFEST.number
    for name in ("bias", "bias_sd", "axes", "prior_mean", "prior_covariance"):
        np.testing.assert_array_equal(getattr(came, name), getattr(sent, name))
    kept = release.representation(written(sent).SerializeToString())
    np.testing.assert_array_equal(kept.bias, sent.bias)


def test_what_was_made_under_another_encoder_keeps_only_what_goes_by_id() -> None:
    sent = replace(some(), text_map=np.ones((COMPONENTS, AXES)))
    made = release.write(sent, replace(MANIFEST, encoder_sha256="0" * 64), KEY)
    manifest, came = release.read(made, COORDINATOR, COMMUNITY)
    kept = release.representation(made.SerializeToString())
    assert (manifest.ours, MANIFEST.ours) == (False, True)
    for used in (came, kept, by_id(sent)):
        assert used.number == sent.number
        for name in ("bias", "bias_sd", "axes", "prior_mean", "prior_covariance"):
            np.testing.assert_array_equal(getattr(used, name), getattr(sent, name))
        assert not used.text_map.any()


def of_before(layout: str = LAYOUT_BEFORE) -> release_pb2.Release:
    """A release as an earlier coordinator made it, whose heads were over 24 components too."""
    sent, over = some(), SHARED_BEFORE
    numbers: dict[str, Any] = {
        "items": np.array([list(bytes.fromhex(item)) for item in sent.items], np.uint8),
        "bias": sent.bias,
        "bias_sd": sent.bias_sd,
        "axes": sent.axes,
        "text_map": np.ones((COMPONENTS, AXES)),
        "prior_mean": np.arange(float(over)),
        "prior_covariance": np.diag(np.arange(1.0, over + 1)),
    }
    tensors, made = save(numbers), written()
    signed = release_pb2.Manifest.FromString(made.manifest)
    signed.layout, signed.tensors_size = layout, len(tensors)
    signed.tensors_sha256 = hashlib.sha256(tensors).digest()
    manifest = signed.SerializeToString(deterministic=True)
    return release_pb2.Release(manifest=manifest, signature=signing.sign(KEY, "manifest", manifest), tensors=tensors)


def test_a_release_in_the_layout_before_is_used_by_id_with_the_shared_part_of_its_prior() -> None:
    made, sent = of_before(), some()
    for used in (release.read(made, COORDINATOR, COMMUNITY)[1], release.representation(made.SerializeToString())):
        assert used.items == sent.items
        np.testing.assert_array_equal(used.axes, sent.axes)
        np.testing.assert_array_equal(used.prior_mean, np.arange(float(SHARED)))
        np.testing.assert_array_equal(used.prior_covariance, np.diag(np.arange(1.0, SHARED + 1)))
        assert not used.text_map.any()
    with pytest.raises(MalformedError, match="not those of its layout"):
        release.read(of_before(LAYOUT), COORDINATOR, COMMUNITY)
    with pytest.raises(MalformedError, match="has the layout"):
        release.read(of_before("weal/1"), COORDINATOR, COMMUNITY)


@pytest.mark.parametrize("field", ["manifest", "signature"])
@given(place=st.integers(0, 10_000))
def test_tampering_with_what_was_signed_is_forged(field: str, place: int) -> None:
    made = written()
    raw = bytearray(getattr(made, field))
    raw[place % len(raw)] ^= 1
    setattr(made, field, bytes(raw))
    with pytest.raises(ForgedError):
        release.read(made, COORDINATOR, COMMUNITY)


@given(st.integers(0, 100_000))
def test_tampering_with_the_numbers_is_seen(place: int) -> None:
    made = written()
    raw = bytearray(made.tensors)
    raw[place % len(raw)] ^= 1
    made.tensors = bytes(raw)
    with pytest.raises(MalformedError, match="not those that were signed"):
        release.read(made, COORDINATOR, COMMUNITY)


def test_another_coordinator_or_community_is_refused() -> None:
    with pytest.raises(ForgedError):
        release.read(written(), Ed25519PrivateKey.generate().public_key().public_bytes_raw(), COMMUNITY)
    with pytest.raises(MalformedError, match="another community"):
        release.read(written(), COORDINATOR, b"o" * 32)


def signed(tensors: bytes, **said: Any) -> release_pb2.Release:
    """A release as a dishonest coordinator would sign it."""
    manifest = release_pb2.Manifest.FromString(written().manifest)
    manifest.tensors_sha256, manifest.tensors_size = hashlib.sha256(tensors).digest(), len(tensors)
    for name, value in said.items():
        setattr(manifest, name, value)
    raw = manifest.SerializeToString()
    return release_pb2.Release(manifest=raw, signature=signing.sign(KEY, "manifest", raw), tensors=tensors)


def test_another_layout_and_a_wrong_size_are_named() -> None:
    good = written().tensors
    with pytest.raises(MalformedError, match="layout"):
        release.read(signed(good, layout="light/9"), COORDINATOR, COMMUNITY)
    with pytest.raises(MalformedError, match="not those that were signed"):
        release.read(signed(good, tensors_size=len(good) + 1), COORDINATOR, COMMUNITY)


def test_a_manifest_that_is_none_is_malformed() -> None:
    made = release_pb2.Release(manifest=b"\xff", signature=signing.sign(KEY, "manifest", b"\xff"))
    with pytest.raises(MalformedError, match="manifest"):
        release.read(made, COORDINATOR, COMMUNITY)


def arrays(**changes: Any) -> dict[str, Any]:
    good: dict[str, Any] = {
        "items": np.array([list(bytes.fromhex(item)) for item in some().items], np.uint8),
        "bias": some().bias,
        "bias_sd": some().bias_sd,
        "axes": some().axes,
        "prior_mean": some().prior_mean,
        "prior_covariance": some().prior_covariance,
    }
    return {name: array for name, array in (good | changes).items() if array is not None}


@pytest.mark.parametrize(
    "change",
    [
        {"bias": None},
        {"items": None},
        {"more": np.zeros(1)},
        {"bias": np.zeros(5)},
        {"bias": np.zeros(4, np.float32)},
        {"bias": np.full(4, np.nan)},
        {"prior_mean": np.full(SHARED, np.inf)},
        {"axes": np.zeros((4, AXES + 1))},
        {"axes": np.zeros(4 * AXES)},
        {"prior_covariance": np.zeros((SHARED, SHARED))},
        {"items": np.zeros((4, 32), np.uint8)},
        {"items": np.zeros((4, 31), np.uint8)},
        {"items": np.zeros((MAX_ITEMS + 1, 32), np.uint8)},
    ],
)
def test_signed_but_wrong_arrays_are_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        release.read(signed(save(arrays(**change))), COORDINATOR, COMMUNITY)


def lying(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The good tensors with another header before them."""
    good = written().tensors
    (size,) = struct.unpack("<Q", good[:8])
    header = json.loads(good[8 : 8 + size])
    change(header)
    packed = json.dumps(header).encode()
    return struct.pack("<Q", len(packed)) + packed + good[8 + size :]


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header["bias"].update(shape=[2**60]),
        lambda header: header["items"].update(shape=[-1, 32]),
        lambda header: header["items"].update(shape=[]),
        lambda header: header["items"].update(shape="4"),
        lambda header: header["items"].update(shape=[2.0, 32]),
        lambda header: header["bias"].update(dtype="BOOL"),
        lambda header: header["bias"].update(data_offsets=[0, 2**62]),
        lambda header: header["bias"].update(data_offsets=header["bias_sd"]["data_offsets"]),
        lambda header: header.update(bias=7),
        lambda header: header.update(__metadata__={"x": "y" * 5_000}),
        lambda header: header.update(__metadata__=7),
    ],
)
def test_a_lying_header_is_malformed(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(MalformedError):
        release.read(signed(lying(change)), COORDINATOR, COMMUNITY)


@pytest.mark.parametrize(
    "tensors",
    [
        b"",
        b"\xff" * 8,
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 3_000) + b"[" * 3_000,
        bytes(release.MAX_TENSOR_BYTES + 1),
        b"\x80\x04\x95" + bytes(20),  # the beginning of a pickle
    ],
)
def test_what_is_no_safetensors_is_malformed(tensors: bytes) -> None:
    with pytest.raises(MalformedError):
        release.read(signed(tensors), COORDINATOR, COMMUNITY)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_named_fault(tensors: bytes) -> None:
    with pytest.raises(PeerError):
        release.read(signed(tensors), COORDINATOR, COMMUNITY)


def test_margins_are_told_by_one_number_that_older_nodes_pass_over() -> None:
    told = release.write(some(), replace(MANIFEST, overall=0.7), KEY)
    manifest, came = release.read(told, COORDINATOR, COMMUNITY)
    assert manifest.overall == 0.7
    assert came.margin is not None
    np.testing.assert_allclose(came.margin, some().bias + 0.7)
    assert release.read(written(), COORDINATOR, COMMUNITY)[1].margin is None
    assert told.tensors == written().tensors


@pytest.mark.parametrize("overall", [float("nan"), float("inf"), -21.0])
def test_a_share_of_yes_that_cannot_be_is_refused(overall: float) -> None:
    with pytest.raises(MalformedError, match="share of yes"):
        release.read(release.write(some(), replace(MANIFEST, overall=overall), KEY), COORDINATOR, COMMUNITY)


def test_shares_of_kernels_stand_beside_the_numbers_and_are_of_one_encoder() -> None:
    told = release.write(replace(some(), kernel_shares=BESIDE_RELEASE), MANIFEST, KEY)
    came = release.read(told, COORDINATOR, COMMUNITY)[1]
    assert came.kernel_shares is not None
    assert came.kernel_shares.tobytes() == BESIDE_RELEASE.tobytes()
    assert release.representation(told.SerializeToString()).kernel_shares is not None
    assert release.read(written(), COORDINATOR, COMMUNITY)[1].kernel_shares is None
    assert told.tensors == written().tensors  # older nodes pass over what they do not know
    others = replace(MANIFEST, encoder_sha256="e" * 64)
    elsewhere = release.write(replace(some(), kernel_shares=BESIDE_RELEASE), others, KEY)
    assert release.read(elsewhere, COORDINATOR, COMMUNITY)[1].kernel_shares is None


@pytest.mark.parametrize(
    "shares", [[1.0], [0.1] * KERNELS, [*[0.0] * (KERNELS - 2), 1.5, -0.5], [*[0.0] * (KERNELS - 1), float("nan")]]
)
def test_shares_of_kernels_that_are_none_are_refused(shares: list[float]) -> None:
    raw = written()
    manifest = release_pb2.Manifest.FromString(raw.manifest)
    manifest.kernel_shares.extend(shares)
    said = manifest.SerializeToString(deterministic=True)
    raw.manifest, raw.signature = said, signing.sign(KEY, "manifest", said)
    with pytest.raises(MalformedError, match=r"kernel"):
        release.read(raw, COORDINATOR, COMMUNITY)
