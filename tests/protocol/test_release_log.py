"""The log of releases: whatever is changed, dropped, swapped or put in between, what follows no longer follows."""

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import release_log, signing
from weal_protocol.errors import ForgedError, MalformedError, PeerError
from weal_protocol.release_log import Entry, before, entry, fork, read
from weal_protocol.v1 import release_pb2

KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
COORDINATOR, COMMUNITY = KEY.public_key().public_bytes_raw(), b"m" * 32


def made(number: int, previous: bytes, epsilon: float = 1.0) -> Entry:
    said = release_pb2.Manifest(number=number, community=COMMUNITY, epsilon=epsilon, previous_sha256=previous)
    return entry(said.SerializeToString())


def log(count: int, unchained: int = 0) -> list[Entry]:
    """So many releases, the first few of them from before there was a log."""
    found: list[Entry] = []
    for number in range(1, count + 1):
        previous = b"" if number <= unchained else before(found[-1].manifest if found else None)
        found.append(made(number, previous, epsilon=number / 2))
    return found


@given(count=st.integers(1, 8), unchained=st.integers(0, 8), held=st.integers(0, 8))
def test_a_log_that_only_grows_follows_for_whoever_holds_any_of_it(count: int, unchained: int, held: int) -> None:
    whole = log(count, min(unchained, count))
    assert fork(None, whole) == ""
    if held < count:
        assert fork(whole[held], whole[held:]) == ""


@given(place=st.integers(0, 5), held=st.integers(0, 5))
def test_another_past_is_a_fork_for_whoever_holds_what_came_of_it(place: int, held: int) -> None:
    true, other = log(6), log(6)
    other[place] = made(place + 1, other[place].previous, epsilon=9.0)
    for later in range(place + 1, 6):  # and the rest is built upon it, as a dishonest coordinator would
        other[later] = made(later + 1, before(other[later - 1].manifest))
    assert (fork(true[held], other[held:]) != "") == (held >= place)
    assert (other[-1].sha256 == true[-1].sha256) is False  # whoever compares heads sees it in any case


@given(st.integers(1, 4))
def test_one_that_is_left_out_is_missed(gap: int) -> None:
    whole = log(6)
    assert "does not follow" in fork(whole[0], [*whole[:gap], *whole[gap + 1 :]])


def test_an_entry_is_the_coordinators_and_this_communitys() -> None:
    raw = made(1, release_log.FIRST).manifest
    signed = release_pb2.SignedManifest(manifest=raw, signature=signing.sign(KEY, "manifest", raw))
    assert read(signed, COORDINATOR, COMMUNITY) == entry(raw)
    with pytest.raises(MalformedError, match="another community"):
        read(signed, COORDINATOR, b"o" * 32)
    with pytest.raises(ForgedError):
        read(release_pb2.SignedManifest(manifest=raw, signature=bytes(64)), COORDINATOR, COMMUNITY)


def test_a_manifest_that_names_no_hash_or_is_endless_is_malformed() -> None:
    for raw in (
        release_pb2.Manifest(previous_sha256=b"x").SerializeToString(),
        bytes(release_log.MAX_MANIFEST_BYTES + 1),
    ):
        with pytest.raises(MalformedError):
            entry(raw)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_entry_or_a_named_fault(raw: bytes) -> None:
    with contextlib.suppress(PeerError):
        assert entry(raw).manifest == raw


def test_a_head_is_shown_in_fours() -> None:
    assert release_log.digits(bytes(range(32))) == "0001 0203 0405 0607 0809 0a0b 0c0d 0e0f"
