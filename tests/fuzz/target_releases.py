"""Releases: a manifest and arrays, whose sizes are checked before they are read."""

import contextlib

from google.protobuf.message import DecodeError

from weal_protocol import release
from weal_protocol.errors import WealError
from weal_protocol.v1 import release_pb2

HEADER = b'{"items": {"dtype": "U8", "shape": [0, 32], "data_offsets": [0, 0]}}'
SEEDS = (len(HEADER).to_bytes(8, "little") + HEADER, b"\x0a\x02ab")


def fuzz_one(data: bytes) -> None:
    with contextlib.suppress(WealError):
        release.check_header(data)
    with contextlib.suppress(WealError):
        release.decode(data, 1)
    with contextlib.suppress(WealError, DecodeError):
        release.read(release_pb2.Release.FromString(data), bytes(32), bytes(32))
