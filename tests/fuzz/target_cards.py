"""Members' cards."""

from weal_protocol import cards
from weal_protocol.errors import WealError

SEEDS = (b"\x0a\x04\x0a\x02ab\x12\x40" + bytes(64),)


def fuzz_one(data: bytes) -> None:
    try:
        cards.read(data)
        cards.fleet_key_of(data)
        cards.person_of(data)
    except WealError:
        return
