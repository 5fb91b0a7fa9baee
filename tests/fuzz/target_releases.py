"""Releases: a manifest and arrays, whose sizes are checked before they are read."""

from google.protobuf.message import DecodeError

from weal_protocol import release
from weal_protocol.errors import WealError
from weal_protocol.v1 import release_pb2 as pb

SEEDS = (
    b'\x40\x00\x00\x00\x00\x00\x00\x00{"items": {"dtype": "U8", "shape": [0, 32], "data_offsets": [0, 0]}}',
    b"\x0a\x02ab",
)


def fuzz_one(data: bytes) -> None:
    try:
        release.representation(data)
    except WealError:
        pass
    try:
        made = pb.Release.FromString(data)
    except DecodeError:
        return
    try:
        release.read(made, bytes(32), bytes(32))
    except WealError:
        pass
