"""Several byte strings in one: each with its length before it."""

import struct
from collections.abc import Iterable

MANY = "/v1/runtime/many"  # where a parcel of calls goes: their path, then a request each
_LENGTH = struct.Struct(">I")


def pack(parts: Iterable[bytes]) -> bytes:
    """Return one byte string."""
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def unpack(parcel: bytes) -> list[bytes]:
    """Return what was packed. ValueError when it is cut."""
    found, place = [], 0
    while place < len(parcel):
        if place + 4 > len(parcel):
            raise ValueError("a parcel was cut")
        end = place + 4 + _LENGTH.unpack_from(parcel, place)[0]
        if end > len(parcel):
            raise ValueError("a parcel was cut")
        found.append(parcel[place + 4 : end])
        place = end
    return found
