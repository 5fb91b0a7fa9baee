"""Signed messages of peers: as they come, and what is read of one that was let in."""

from weal_protocol import envelope
from weal_protocol.errors import WealError

SEEDS = (b"\x0a\x02ab\x12\x40" + bytes(64),)


def fuzz_one(data: bytes) -> None:
    try:
        envelope.session_of(data)
        envelope.read(data, 1)
        envelope.digest_of(data)
    except WealError:
        return
