"""A charter that goes on from those a node holds, as a coordinator sends it."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import charters
from weal_protocol.errors import WealError

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
CHAIN = charters.begin("[community]\nname = 'a'\n")
SEEDS = (charters.write(CHAIN, "[community]\nname = 'a'\n# amended\n", 1, KEY), b"")


def fuzz_one(data: bytes) -> None:
    try:
        made = charters.follow(CHAIN, data, KEY.public_key().public_bytes_raw())
    except WealError:
        return
    assert made.entries[:1] == CHAIN.entries
