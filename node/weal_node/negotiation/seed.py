"""Commitments and the joint seed: nobody can answer what it has seen, nor steer the draw."""

import hashlib
import hmac
import struct
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from weal_protocol.errors import ForgedError, MalformedError

_NORMAL = NormalDist()


def nonce(secret: bytes, phase: str, number: int) -> bytes:
    """Return this deal's 32-byte nonce for a phase; derived, so that a restart finds it again."""
    return hmac.new(secret, f"{phase}/{number}".encode(), hashlib.sha256).digest()


def commitment(phase: str, number: int, values: tuple[int, ...], opening: bytes) -> bytes:
    """Return the commitment to these values: SHA-256 over phase, round, values and a 32-byte nonce."""
    packed = struct.pack(f">I{len(values)}I", len(values), *values)
    return hashlib.sha256(b"weal/1/commit\0" + f"{phase}/{number}\0".encode() + packed + opening).digest()


def check_opening(committed: bytes, phase: str, number: int, values: tuple[int, ...], opening: bytes) -> None:
    """Raise ForgedError unless these values are the ones that were committed to."""
    if len(opening) != 32:
        raise MalformedError("a nonce is 32 bytes long")
    if not hmac.compare_digest(committed, commitment(phase, number, values, opening)):
        raise ForgedError("values are not the ones that were committed to")


def joint(nonces: tuple[bytes, ...]) -> bytes:
    """Return the seed that everyone's nonces make, the last party's first."""
    return hashlib.sha256(b"weal/1/joint\0" + b"".join(reversed(nonces))).digest()


def normals(seed: bytes, answer: str, count: int) -> npt.NDArray[np.float64]:
    """Return standard normal numbers that every node draws alike: SHA-256 in counter mode, then the inverse cdf."""
    numbers = []
    for number in range(count):
        digest = hashlib.sha256(seed + answer.encode() + number.to_bytes(4, "big")).digest()
        uniform = (int.from_bytes(digest[:7], "big") + 0.5) / 2**56
        numbers.append(_NORMAL.inv_cdf(uniform))
    return np.array(numbers)
