"""Members' cards."""

from weal_protocol import cards
from weal_protocol.errors import WealError

SEEDS = (b"\x0a\x04\x0a\x02ab\x12\x40" + bytes(64),)


def fuzz_one(data: bytes) -> None:
    for act in (cards.read, cards.fleet_key_of, cards.person_of):
        try:
            act(data)
        except WealError:
            continue
