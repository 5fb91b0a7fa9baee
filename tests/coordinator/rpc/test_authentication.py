"""The door: one challenge, one sign-in, one server, for a limited time."""

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_coordinator.errors import CoordinatorError, DatabaseError
from weal_coordinator.rpc.authentication import CHALLENGE_S, Door, code
from weal_protocol import signing
from weal_protocol.errors import ForgedError

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
ADA, BO = PRIVATE.public_key().public_bytes_raw(), b"b" * 32
HERE, ELSEWHERE = b"h" * 32, b"e" * 32


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Call:
    """What a door sees of a call: its metadata."""

    def __init__(self, *metadata: tuple[str, str]) -> None:
        self._metadata = metadata

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"


def signed(challenge: bytes, certificate: bytes = HERE, domain: str = "sign-in") -> bytes:
    return signing.sign(PRIVATE, domain, challenge + certificate)


def test_a_session_lasts_its_time() -> None:
    clock = Clock()
    door = Door(HERE, 100, clock)
    challenge = door.challenge(ADA)
    door.check(ADA, challenge, signed(challenge))
    call = Call(("weal-session", door.admit(ADA, challenge)))
    assert door.member(call) == ADA
    clock.now += 101
    assert door.member(call) is None


def test_leaving_ends_every_session() -> None:
    door = Door(HERE, 100, Clock())
    calls = []
    for _ in range(2):
        challenge = door.challenge(ADA)
        calls.append(Call(("weal-session", door.admit(ADA, challenge))))
    door.end(ADA)
    assert [door.member(call) for call in calls] == [None, None]


@pytest.mark.parametrize("metadata", [(), (("weal-session", ""),), (("weal-session", "x"),), (("other", "x"),)])
def test_without_a_session_no_one_is_a_member(metadata: tuple[tuple[str, str], ...]) -> None:
    assert Door(HERE, 100, Clock()).member(Call(*metadata)) is None


def test_a_challenge_is_good_for_one_sign_in() -> None:
    door = Door(HERE, 100, Clock())
    challenge = door.challenge(ADA)
    assert len(challenge) == 32
    door.admit(ADA, challenge)
    with pytest.raises(ForgedError):
        door.check(ADA, challenge, signed(challenge))
    with pytest.raises(ForgedError):  # two that were checked at the same time
        door.admit(ADA, challenge)


def test_a_used_challenge_is_never_good_again() -> None:
    clock = Clock()
    door = Door(HERE, 100, clock)
    challenge = door.challenge(ADA)
    door.admit(ADA, challenge)
    for _ in range(200):
        clock.now += CHALLENGE_S / 100
        other = door.challenge(ADA)
        door.admit(ADA, other)  # sweeps out what is too old
        with pytest.raises(ForgedError):
            door.check(ADA, challenge, signed(challenge))


def test_an_old_challenge_is_not_good() -> None:
    clock = Clock()
    door = Door(HERE, 100, clock)
    challenge = door.challenge(ADA)
    clock.now += CHALLENGE_S + 0.01
    with pytest.raises(ForgedError, match="not good any more"):
        door.check(ADA, challenge, signed(challenge))


def test_a_challenge_for_someone_else_or_by_someone_else_is_not_good() -> None:
    door, other = Door(HERE, 100, Clock()), Door(HERE, 100, Clock())
    for challenge in (door.challenge(BO), other.challenge(ADA), b"", b"c" * 32, bytes(8) + b"\xff" * 24):
        with pytest.raises(ForgedError):
            door.check(ADA, challenge, signed(challenge))


def test_a_signature_for_another_certificate_or_purpose_is_not_good() -> None:
    door = Door(HERE, 100, Clock())
    challenge = door.challenge(ADA)
    for signature in (signed(challenge, ELSEWHERE), signed(challenge, domain="record"), b"", b"s" * 64):
        with pytest.raises(ForgedError):
            door.check(ADA, challenge, signature)
    door.check(ADA, challenge, signed(challenge))  # and a stranger's attempts use nothing up


@pytest.mark.slow
def test_asking_for_challenges_fills_nothing() -> None:
    door = Door(HERE, 100, Clock())
    first = door.challenge(ADA)
    for number in range(50_000):
        door.challenge(number.to_bytes(32, "big"))
    assert not door.used
    door.check(ADA, first, signed(first))


def test_a_database_that_is_away_refuses_no_one_it_says_try_again() -> None:
    assert code(DatabaseError("gone")) is grpc.StatusCode.UNAVAILABLE
    assert code(CoordinatorError("no")) is grpc.StatusCode.FAILED_PRECONDITION
