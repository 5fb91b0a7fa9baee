"""The chain of charters: whatever is changed, dropped, swapped or put in between, it no longer follows."""

import hashlib
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import charters, jury, signing
from weal_protocol.charters import MAX_BYTES, MAX_TEXT_BYTES, MOST, Chain, begin, follow, verify, write
from weal_protocol.errors import ForgedError, MalformedError, PeerError
from weal_protocol.v1 import directory_pb2

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"c", b"o"))
COORDINATOR = KEY.public_key().public_bytes_raw()
FIRST = "the first\n"
COMMUNITY = hashlib.sha256(FIRST.encode()).digest()


def chain_of(*texts: str) -> Chain:
    """The first charter and these after it, each signed."""
    chain = begin(FIRST)
    for number, text in enumerate(texts, 1):
        chain = follow(chain, write(chain, text, number, KEY), COORDINATOR)
    return chain


def of_members(amendments: tuple[bytes, ...] | list[bytes]) -> Chain:
    return verify(FIRST, amendments, COORDINATOR, COMMUNITY)


def test_a_community_keeps_its_id_through_every_change() -> None:
    assert begin(FIRST).community == COMMUNITY
    chain = chain_of("the second", "the third")
    assert (chain.community, chain.current) == (COMMUNITY, "the third")
    assert of_members(chain.amendments) == chain
    assert chain.texts == (FIRST, "the second", "the third")
    assert [entry.at_ms for entry in chain.entries] == [0, 1, 2]


texts = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5).filter(
    lambda made: all(one != after for one, after in zip([FIRST, *made], made, strict=False))
)


@given(made=texts, seed=st.integers(0, 2**32))
def test_any_other_order_and_any_gap_is_refused(made: list[str], seed: int) -> None:
    whole = list(chain_of(*made).amendments)
    rng = random.Random(seed)
    other = rng.sample(whole, rng.randint(0, len(whole)))
    if other == whole[: len(other)]:  # a beginning of the chain is one that was in force once
        assert of_members(other).texts == (FIRST, *made[: len(other)])
        return
    with pytest.raises(PeerError):
        of_members(other)


@given(made=texts, place=st.integers(0, 4), bit=st.integers(0, 10_000))
def test_any_bit_that_is_flipped_is_refused(made: list[str], place: int, bit: int) -> None:
    whole = list(chain_of(*made).amendments)
    changed = bytearray(whole[place % len(whole)])
    changed[(bit // 8) % len(changed)] ^= 1 << (bit % 8)
    whole[place % len(whole)] = bytes(changed)
    with pytest.raises(PeerError):
        of_members(whole)


@given(made=texts, place=st.integers(0, 4))
def test_another_branch_of_the_coordinators_own_does_not_go_on_from_what_is_held(made: list[str], place: int) -> None:
    held = chain_of(*made)
    before = Chain(held.entries[: place % len(made) + 1])
    branch = write(before, held.entries[place % len(made) + 1].text + " or not", 9, KEY)
    with pytest.raises(MalformedError, match="does not follow"):
        follow(held, branch, COORDINATOR)


def forged(chain: Chain, key: Ed25519PrivateKey = KEY, **changes: object) -> bytes:
    """What follows the chain, signed, but for these changes."""
    inner = directory_pb2.Charter.FromString(
        directory_pb2.SignedCharter.FromString(write(chain, "next", 5, KEY)).charter
    )
    for name, value in changes.items():
        setattr(inner, name, value)
    content = inner.SerializeToString(deterministic=True)
    return directory_pb2.SignedCharter(
        charter=content, signature=signing.sign(key, "charter", content)
    ).SerializeToString()


@pytest.mark.parametrize(
    ("changes", "fault", "what"),
    [
        ({"key": OTHER}, ForgedError, "charter does not fit"),
        ({"community": b"x" * 32}, MalformedError, "another community's"),
        ({"number": 3}, MalformedError, "does not follow charter 1"),
        ({"number": 1}, MalformedError, "does not follow charter 1"),
        ({"previous_sha256": COMMUNITY}, MalformedError, "does not follow charter 1"),
        ({"text": ""}, MalformedError, "1 to 32768 bytes"),
        ({"text": "a" * (MAX_TEXT_BYTES + 1)}, MalformedError, "1 to 32768 bytes"),
        ({"text": "a" * (MAX_BYTES + 1)}, MalformedError, "too long"),
        ({"text": "the second"}, MalformedError, "says what the one before it said"),
        ({"at_ms": -1}, MalformedError, "date"),
        ({"at_ms": 2**62}, MalformedError, "date"),
    ],
)
def test_what_the_coordinator_may_not_sign_is_refused_by_name(
    changes: dict[str, object], fault: type[Exception], what: str
) -> None:
    chain = chain_of("the second")
    assert follow(chain, forged(chain), COORDINATOR).current == "next"
    with pytest.raises(fault, match=what):
        follow(chain, forged(chain, **changes), COORDINATOR)  # type: ignore[arg-type]  # fields of a Charter


def test_what_is_refused_by_others_is_not_written_either() -> None:
    for text in ("", FIRST, "a" * (MAX_TEXT_BYTES + 1)):
        with pytest.raises(MalformedError):
            write(begin(FIRST), text, 1, KEY)
    with pytest.raises(MalformedError, match="1 to"):
        begin("")


def test_the_first_is_what_names_the_community() -> None:
    with pytest.raises(MalformedError, match="not the one that names"):
        verify("another", (), COORDINATOR, COMMUNITY)


def test_a_full_chain_fits_a_message_and_is_not_amended_further() -> None:
    chain = begin(FIRST)
    longest = ["a" * MAX_TEXT_BYTES, "b" * MAX_TEXT_BYTES]
    for number in range(MOST):
        chain = follow(chain, write(chain, longest[number % 2], 250_000_000_000_000, KEY), COORDINATOR)
    response = directory_pb2.JoinResponse(
        charter=chain.current,
        first_charter="c" * MAX_TEXT_BYTES,
        amendments=map(directory_pb2.SignedCharter.FromString, chain.amendments),
    )
    assert response.ByteSize() < 4 * 1024 * 1024
    with pytest.raises(MalformedError, match="at most 100 times"):
        write(chain, "one more", 1, KEY)


def test_a_verdict_holds_by_the_jury_of_any_charter_and_a_vote_is_by_the_last() -> None:
    keys = [key.public_key().public_bytes_raw().hex() for key in (KEY, OTHER)]
    one, two = (f'[jury]\nquorum = 1\njurors = ["{key}"]\n' for key in keys)
    named = jury.of_charters((one, one, two), COMMUNITY)
    assert {key.hex() for key in named.jurors} == {keys[1]}
    assert [{key.hex() for key in former.jurors} for former in named.former] == [{keys[0]}]
    assert jury.of_charters((one, two, two), COMMUNITY) == named
    assert jury.of_charters((one,), COMMUNITY) == jury.of_charter(one, COMMUNITY)
    assert [len(jury.of_charters(texts, COMMUNITY).former) for texts in (("", one), (one, ""))] == [0, 1]


def test_nothing_but_a_named_fault_comes_of_what_is_no_charter() -> None:
    for raw in (b"", b"\xff", b"\x0a\x02\xff\xff", bytes(MAX_BYTES + 1)):
        with pytest.raises(PeerError):
            charters.follow(begin(FIRST), raw, COORDINATOR)
