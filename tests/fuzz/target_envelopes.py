"""Sealed frames that peers send, and the deals that they speak of."""

from weal_protocol import envelope
from weal_protocol.errors import WealError

SEEDS = (b"\x0a\x02ab\x12\x40" + bytes(64),)


def fuzz_one(data: bytes) -> None:
    for act in (lambda: envelope.read(data, 1), lambda: envelope.session_of(data), lambda: envelope.digest_of(data)):
        try:
            act()
        except WealError:
            continue
